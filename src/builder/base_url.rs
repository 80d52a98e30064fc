//! Builds and checks the base URL of an app's server from its settings.

use url::Url;

use crate::error::Error;

/// The settings for the server's address. A host takes precedence over the cluster.
#[derive(Debug, Clone)]
pub(super) struct BaseUrl {
    pub(super) cluster: String,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) tls: bool,
    pub(super) path_prefix: String,
}

impl Default for BaseUrl {
    fn default() -> Self {
        Self {
            cluster: "mt1".to_owned(),
            host: None,
            port: None,
            tls: true,
            path_prefix: String::new(),
        }
    }
}

impl BaseUrl {
    pub(super) fn checked(&self) -> Result<Url, Error> {
        let host = match &self.host {
            Some(host) => host.clone(),
            None => cluster_host(&self.cluster)?,
        };
        // The URL parser accepts an IPv6 address only in brackets. It also accepts much that is not
        // a host.
        let is_name = |b: u8| b.is_ascii_alphanumeric() || b"-_.".contains(&b);
        let host = match host.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) if !host.is_empty() && host.bytes().all(is_name) => host,
            Err(_) => {
                return Err(Error::config(
                    "host",
                    "must be only a host name or an IP address, without scheme, port and path",
                ));
            }
        };
        let scheme = if self.tls { "https" } else { "http" };
        let mut url = Url::parse(&format!("{scheme}://{host}"))
            .map_err(|error| Error::config("host", format!("is malformed: {error}")))?;
        url.set_port(self.port)
            .map_err(|()| Error::config("port", "can't be set on this host"))?;
        url.set_path(&checked_prefix(&self.path_prefix)?);
        Ok(url)
    }
}

fn cluster_host(cluster: &str) -> Result<String, Error> {
    let is_label = |b: u8| b.is_ascii_alphanumeric() || b == b'-';
    if cluster.is_empty() || !cluster.bytes().all(is_label) {
        return Err(Error::config(
            "cluster",
            "must be a name such as eu, of A-Z a-z 0-9 -",
        ));
    }
    Ok(format!("api-{cluster}.pusher.com"))
}

/// Checks a path prefix, and gives it one leading and no trailing slash.
///
/// An empty prefix stays empty.
fn checked_prefix(prefix: &str) -> Result<String, Error> {
    let trimmed = prefix.trim_matches('/');
    let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"-_.~/%".contains(&b);
    if !trimmed.bytes().all(is_plain) || trimmed.split('/').any(is_dots) {
        return Err(Error::config(
            "path prefix",
            "must be a path of A-Z a-z 0-9 - _ . ~ / and percent-encoded bytes",
        ));
    }
    Ok(if trimmed.is_empty() {
        String::new()
    } else {
        format!("/{trimmed}")
    })
}

/// Whether a path segment is `.` or `..`, percent-encoded or not.
///
/// URL parsers drop such a segment, or take it as a step up.
pub(crate) fn is_dots(segment: &str) -> bool {
    let mut rest = segment;
    let mut dots = 0;
    while let Some(after) = [".", "%2e", "%2E"]
        .iter()
        .find_map(|dot| rest.strip_prefix(dot))
    {
        rest = after;
        dots += 1;
    }
    rest.is_empty() && (dots == 1 || dots == 2)
}

#[cfg(test)]
mod tests {
    use crate::app::App;
    use crate::builder::Builder;

    fn builder() -> Builder {
        App::builder("3", "key", "secret")
    }

    fn url(builder: Builder) -> String {
        builder.build_app().unwrap().base_url().to_string()
    }

    #[test]
    fn builds_base_url_from_settings() {
        assert_eq!(url(builder()), "https://api-mt1.pusher.com/");
        assert_eq!(url(builder().cluster("eu")), "https://api-eu.pusher.com/");
        assert_eq!(
            url(builder()
                .cluster("eu")
                .host("127.0.0.1")
                .port(6001)
                .tls(false)),
            "http://127.0.0.1:6001/"
        );
        assert_eq!(url(builder().host("::1").port(1)), "https://[::1]:1/");
        assert_eq!(
            url(builder().host("example.com").path_prefix("/a/b/")),
            "https://example.com/a/b"
        );
    }
}
