//! The ways in which a client can speak TLS.

use std::net::SocketAddr;
use std::time::Duration;

use pusher_http::{Builder, Pusher, RetryPolicy};

use crate::certificates::Authority;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    Rustls,
    /// With the settings of a client to which nothing was said.
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
    /// Whether it can be told whom to believe. Else it believes the authorities of the machine or
    /// of the web, and no test is one of them.
    pub fn takes_an_authority(self) -> bool {
        match self {
            Self::Rustls => true,
            Self::Default => false,
            #[cfg(feature = "native-tls")]
            Self::Native => true,
            #[cfg(feature = "hyper")]
            Self::Hyper => false,
        }
    }

    /// Whether it tells a connection that was cut from one that ended. The platform's own library
    /// does not; but half of an answer's JSON is no JSON.
    pub fn notices_a_cut(self) -> bool {
        match self {
            #[cfg(feature = "native-tls")]
            Self::Native => false,
            _ => true,
        }
    }

    /// A client that believes this authority alone, where it can be told.
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
