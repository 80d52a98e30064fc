//! The TLS backends of a client.

use std::net::SocketAddr;
use std::time::Duration;

use pusher_http::{Builder, Pusher, RetryPolicy};

use crate::certificates::Authority;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Rustls,
    /// A client with default settings.
    Default,
    #[cfg(feature = "native-tls")]
    Native,
    #[cfg(feature = "hyper")]
    Hyper,
}

pub const EACH: &[Backend] = &[
    Backend::Rustls,
    Backend::Default,
    #[cfg(feature = "native-tls")]
    Backend::Native,
    #[cfg(feature = "hyper")]
    Backend::Hyper,
];

pub const SECRET: &str = "a secret of the test";

impl Backend {
    /// Returns whether a root certificate can be configured. Otherwise the backend trusts the
    /// authorities of the machine or of the web, which do not include the tests'.
    pub fn accepts_an_authority(self) -> bool {
        match self {
            Self::Rustls => true,
            Self::Default => false,
            #[cfg(feature = "native-tls")]
            Self::Native => true,
            #[cfg(feature = "hyper")]
            Self::Hyper => false,
        }
    }

    /// Returns whether it distinguishes a truncated connection from a closed one. The platform's
    /// own library does not, but half of a response's JSON is not valid JSON.
    pub fn detects_truncation(self) -> bool {
        match self {
            #[cfg(feature = "native-tls")]
            Self::Native => false,
            _ => true,
        }
    }

    /// Returns a client that trusts only this authority, if that can be configured.
    pub fn client(self, address: SocketAddr, authority: &Authority) -> Pusher {
        let builder = Pusher::builder("3", "key", SECRET)
            .host(address.ip().to_string())
            .port(address.port())
            .no_proxy()
            .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)));
        self.with_authority(builder, authority).build().unwrap()
    }

    fn with_authority(self, builder: Builder, authority: &Authority) -> Builder {
        let root = reqwest::Certificate::from_der(authority.der()).unwrap();
        let trusting = move || reqwest::Client::builder().tls_certs_only([root.clone()]);
        match self {
            Self::Rustls => builder.reqwest_client_builder(move || trusting().tls_backend_rustls()),
            Self::Default => builder,
            #[cfg(feature = "native-tls")]
            Self::Native => builder.reqwest_client_builder(move || trusting().tls_backend_native()),
            #[cfg(feature = "hyper")]
            Self::Hyper => builder.http_client(pusher_http::client::HyperClient::new().unwrap()),
        }
    }
}
