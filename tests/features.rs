//! The features that this build has. A dependency of the tests that turned one on would let every
//! test of the core run with the client, and nobody would see it.
#![allow(clippy::assertions_on_constants)] // They differ from build to build.

/// `PUSHER_HTTP_EXPECT=core cargo test --no-default-features` runs it as it is meant.
#[test]
fn core_is_built_without_any_feature() {
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
