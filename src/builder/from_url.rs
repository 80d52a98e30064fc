//! Reads an app's settings from a URL.

use percent_encoding::percent_decode_str;
use url::Url;
use zeroize::Zeroizing;

use super::Builder;
use crate::app::App;
use crate::error::Error;

impl Builder {
    /// Reads the settings from a URL such as `https://KEY:SECRET@api-eu.pusher.com/apps/ID`.
    ///
    /// The port is optional, and so is a path prefix before `/apps`. The key, the secret and the id
    /// are percent-decoded.
    ///
    /// ```
    /// use pusher_http::Builder;
    ///
    /// let app = Builder::from_url("http://key:secret@127.0.0.1:6001/apps/3")?.build_app()?;
    /// assert_eq!(app.id(), "3");
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a part is missing or malformed. It names the part, never its value.
    pub fn from_url(url: &str) -> Result<Self, Error> {
        read_url("URL", url)
    }
}

/// Reads the settings from a URL. `name` is the name of the URL in errors.
pub(super) fn read_url(name: &str, url: &str) -> Result<Builder, Error> {
    const FORM: &str = "https://KEY:SECRET@host/apps/ID";
    let malformed = |reason: &str| Error::config(name, format!("{reason}; the form is {FORM}"));
    // The parser would silently drop these characters, even from the middle of a secret.
    if url.contains(|c: char| c.is_control() || c.is_whitespace()) {
        return Err(malformed("has white space or control characters"));
    }
    // Remove the key and the secret first, so that the parser keeps no copy of them.
    let (scheme, rest) = url
        .split_once("://")
        .ok_or_else(|| malformed("can't be parsed as a URL"))?;
    let tls = match scheme.to_ascii_lowercase().as_str() {
        "https" => true,
        "http" => false,
        _ => return Err(malformed("is neither https nor http")),
    };
    let authority = rest.split(['/', '\\', '?', '#']).next().unwrap_or_default();
    let (user, host) = authority
        .rsplit_once('@')
        .ok_or_else(|| malformed("lacks key and secret"))?;
    if host.is_empty() {
        return Err(malformed("has no host"));
    }
    let (key, secret) = user.split_once(':').unwrap_or((user, ""));
    let key = decoded(key).ok_or_else(|| malformed("has a malformed key"))?;
    let secret = decoded(secret).ok_or_else(|| malformed("has a malformed secret"))?;
    if key.is_empty() {
        return Err(malformed("lacks the key"));
    }
    if secret.is_empty() {
        return Err(malformed("lacks the secret"));
    }
    // The parser's error is left out, since its message does not help.
    let url = Url::parse(&format!("{scheme}://{}", &rest[user.len() + 1..]))
        .map_err(|_| malformed("can't be parsed as a URL"))?;
    let host = url.host_str().ok_or_else(|| malformed("has no host"))?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(malformed("has a query or a fragment"));
    }
    let (prefix, id) = url
        .path()
        .trim_end_matches('/')
        .rsplit_once("/apps/")
        .ok_or_else(|| malformed("lacks /apps/ID"))?;
    let id = decoded(id).ok_or_else(|| malformed("has a malformed app id"))?;
    let mut builder = App::builder(id.as_str(), key.as_str(), secret.as_str())
        .host(host.trim_matches(['[', ']']))
        .tls(tls)
        .path_prefix(prefix);
    if let Some(port) = url.port() {
        builder = builder.port(port);
    }
    Ok(builder)
}

fn decoded(text: &str) -> Option<Zeroizing<String>> {
    // Allocate the full size, since a vector that grows leaves a copy of the secret behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    bytes.extend(percent_decode_str(text));
    let text = std::str::from_utf8(&bytes).ok()?;
    Some(Zeroizing::new(text.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::Credentials;

    #[test]
    fn parses_and_decodes_url() {
        let app = Builder::from_url("http://k%2By:s%3Acret%2F@[::1]:6001/a/b/apps/my-app/")
            .unwrap()
            .build_app()
            .unwrap();
        assert_eq!(app.id(), "my-app");
        assert_eq!(app.credentials().key(), "k+y");
        assert_eq!(
            app.credentials().sign(&["x"]),
            Credentials::new("k", "s:cret/").unwrap().sign(&["x"])
        );
        assert_eq!(app.base_url().as_str(), "http://[::1]:6001/a/b");
    }

    #[test]
    fn rejects_malformed_url_without_showing_it() {
        for url in [
            "",
            "marker-secret",
            "ftp://key:marker-secret@host/apps/3",
            "https://host/apps/3",
            "https://key@host/apps/marker-secret",
            "https://:marker-secret@host/apps/3",
            "https://key:marker-secret@host",
            "https://key:marker-secret@host/apps",
            "https://key:marker-secret@host/apps/3?x=1",
            "https://key:marker-secret%ff@host/apps/3",
            "https://key:marker-secret@host:99999/apps/3",
            "https://key:marker-secret@/apps/3",
            "https://key:marker-secret@/apps/apps/3",
            "https://key:marker-secret@\\host/apps/3",
            "https:key:marker-secret@host/apps/3",
            // A URL parser would read `http` as the host, followed by a path.
            "http:http://key:marker-secret@host/apps/3",
            "https:///key:marker-secret@host/apps/3",
            "https://key:marker/secret@host/apps/3",
            "https://key:marker-sec\nret@host/apps/3",
        ] {
            let error = Builder::from_url(url).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains("URL"), "{text}");
            assert!(!text.contains("marker-secret"), "{text}");
        }
        let slash = Builder::from_url("https://key:secret@host/apps/a%2Fb").unwrap();
        assert!(slash.build_app().is_err());
    }
}
