//! Whatever comes in: nothing panics, nothing is accepted that the rules refuse, and what is
//! accepted prints as it was. The rules stand here once more, written from the protocol's
//! documentation and not from the crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod answers;
mod auth_requests;
mod encryption;
mod events;
mod names;
mod request_signature;
mod rules;
mod settings;
mod strategies;
mod tokens;
mod webhooks;

use proptest::test_runner::Config;

/// A failure prints its smallest input, which becomes a plain test: no file is kept.
fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}
