//! The features of this build. If a dependency of the tests turned one on, every core test would
//! silently run with the client.
#![allow(clippy::assertions_on_constants)] // The values differ between builds.

/// Checks the features only if `PUSHER_HTTP_EXPECT` is `core`.
///
/// Run it with `PUSHER_HTTP_EXPECT=core cargo test --no-default-features`.
#[test]
fn core_build_has_no_features() {
    if std::env::var_os("PUSHER_HTTP_EXPECT").is_none_or(|expected| expected != "core") {
        return;
    }
    assert!(!cfg!(feature = "client"), "client is on");
    assert!(!cfg!(feature = "reqwest"), "reqwest is on");
    assert!(!cfg!(feature = "hyper"), "hyper is on");
    assert!(!cfg!(feature = "rustls"), "rustls is on");
    assert!(!cfg!(feature = "native-tls"), "native-tls is on");
    assert!(!cfg!(feature = "axum"), "axum is on");
    assert!(!cfg!(feature = "blocking"), "blocking is on");
    assert!(!cfg!(feature = "tracing"), "tracing is on");
}
