//! For any input: nothing panics, nothing is accepted that the rules reject, and accepted input
//! prints unchanged. The rules are written here a second time, from the protocol's documentation
//! and not from the crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod auth_requests;
mod authorizations;
mod encryption;
mod events;
mod names;
mod readings;
mod request_signature;
mod responses;
mod rules;
mod settings;
mod strategies;
mod webhooks;

use proptest::test_runner::Config;
use pusher_http::{App, Limits};

/// An app for a server that accepts every name that some server accepts, and data of any size.
fn app() -> App {
    let limits = Limits::default()
        .channel_name_chars(200)
        .channel_name_colons(true)
        .user_id_any_chars(true)
        .presence_member_bytes(1_000_000)
        .event_data_bytes(1_000_000);
    App::builder("3", "key", "secret")
        .limits(limits)
        .build_app()
        .unwrap()
}

/// A failure prints its smallest input, to be copied into a plain test; no file is written.
fn cases(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        ..Config::default()
    }
}
