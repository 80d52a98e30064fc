//! Runs the built examples against the dev server.
//!
//! `cargo test` builds the examples together with the tests. `--test examples` does not: run
//! `cargo build --features full --examples` before it, and after each change of the crate.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod auth_server;
mod http_clients;
mod notify;
mod program;
mod quickstart;
#[path = "../common/raw_http.rs"]
mod raw_http;
mod stage;
mod threads;

use pusher_dev_server::{DevServer, RecordedEvent};

/// Returns the channel, name and data of all events, in the order in which they arrived.
fn events(server: &DevServer) -> Vec<(String, String, String)> {
    let parts = |event: RecordedEvent| (event.channel, event.name, event.data);
    server.events().into_iter().map(parts).collect()
}

fn event(channel: &str, name: &str, data: impl Into<String>) -> (String, String, String) {
    (channel.to_owned(), name.to_owned(), data.into())
}

/// Returns the method, path and status of all calls, in the order in which they arrived.
fn calls(server: &DevServer) -> Vec<(String, Option<u16>)> {
    let calls = server.calls().into_iter();
    calls
        .map(|call| (format!("{} {}", call.method, call.path), call.status))
        .collect()
}
