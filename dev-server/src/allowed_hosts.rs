//! Checks the hosts that requests may name.

use std::net::{Ipv4Addr, Ipv6Addr};

use http::{HeaderMap, StatusCode, header};

use super::clip::clipped;
use crate::error::ConfigError;

/// The hosts that requests may name: a defence against DNS rebinding.
///
/// It protects servers on a developer's machine.
///
/// A site can make its own name resolve to 127.0.0.1. A browser then treats a server on this
/// machine as that site, and lets the site's page read all responses. Only the `Host` header
/// distinguishes such a request from others: it has the site's name.
///
/// Three kinds of hosts are allowed: IP addresses, which are not looked up; `localhost`; and the
/// names that are given to [`new`](Self::new). The port is not compared: the page of such a site
/// has the right one, and a container's port may be published as a different one.
///
/// [`DevServer`](super::DevServer) checks all its requests against
/// [`allowed_host`](super::DevServerBuilder::allowed_host). Use this type for other pages and
/// endpoints next to it, such as the console of the example `quickstart`.
///
/// ```
/// use pusher_http::http::header::{HOST, HeaderMap, HeaderValue};
/// use pusher_dev_server::AllowedHosts;
///
/// let hosts = AllowedHosts::new(["channels"])?;
/// let mut headers = HeaderMap::new();
/// headers.insert(HOST, HeaderValue::from_static("channels:6001"));
/// assert!(hosts.check(&headers).is_ok());
/// headers.insert(HOST, HeaderValue::from_static("rebound.example:6001"));
/// let rejection = hosts.check(&headers).unwrap_err();
/// assert_eq!(rejection.status(), 421);
/// # Ok::<(), pusher_dev_server::ConfigError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct AllowedHosts {
    names: Vec<String>,
}

/// The error for a request that is rejected because of its `Host` header.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum HostRejection {
    /// The request has no `Host` header, or more than one.
    #[error("a request has one Host header")]
    NotOne,

    /// The request names a host that is not allowed.
    #[error(
        "the host {host:?} is not allowed: if it is a name of this server, allow it by \
         DevServerBuilder::allowed_host, or by --allow-host of an example"
    )]
    NotAllowed {
        /// The header's value, truncated after 4,096 bytes.
        host: String,
    },
}

impl AllowedHosts {
    /// Allows these names, in any letter case, in addition to IP addresses and `localhost`.
    ///
    /// They may be the names of containers, docker-compose services or tunnels.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if one of them is not only a host name, without a scheme, port and path.
    pub fn new<N: Into<String>>(names: impl IntoIterator<Item = N>) -> Result<Self, ConfigError> {
        let names: Vec<String> = names.into_iter().map(Into::into).collect();
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
        for name in &names {
            if name.is_empty() || !name.bytes().all(is_name) {
                let reason =
                    format!("{name:?} is not a host name only, without scheme, port and path");
                return Err(ConfigError::new("allowed host", reason));
            }
        }
        Ok(Self { names })
    }

    /// Checks the `Host` header of a request.
    ///
    /// # Errors
    ///
    /// [`HostRejection`] if there is no `Host` header, more than one, or one with a host that is
    /// not allowed.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), HostRejection> {
        let mut hosts = headers.get_all(header::HOST).iter();
        let (Some(host), None) = (hosts.next(), hosts.next()) else {
            return Err(HostRejection::NotOne);
        };
        let name = host.to_str().ok().and_then(without_port);
        if name.is_some_and(|name| self.allows(name)) {
            return Ok(());
        }
        let host = String::from_utf8_lossy(host.as_bytes());
        Err(HostRejection::NotAllowed {
            host: clipped(host.into_owned()),
        })
    }

    fn allows(&self, name: &str) -> bool {
        let in_brackets = name
            .strip_prefix('[')
            .and_then(|rest| rest.strip_suffix(']'));
        let is_address = match in_brackets {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => name.parse::<Ipv4Addr>().is_ok(),
        };
        let mut names = self.names.iter().map(String::as_str).chain(["localhost"]);
        is_address || names.any(|allowed| allowed.eq_ignore_ascii_case(name))
    }
}

impl HostRejection {
    /// Returns the status to respond with: 400 or 421.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotOne => StatusCode::BAD_REQUEST,
            Self::NotAllowed { .. } => StatusCode::MISDIRECTED_REQUEST,
        }
    }
}

/// Returns the host of `host` or `host:port`, or `None` if the port is malformed.
fn without_port(host: &str) -> Option<&str> {
    match host.rsplit_once(':') {
        // The colon is part of an IPv6 address.
        Some(_) if host.ends_with(']') => Some(host),
        Some((name, port)) => port.parse::<u16>().is_ok().then_some(name),
        None => Some(host),
    }
}
