//! Tests the server's HTTP API, WebSocket protocol, webhooks and test utilities from outside.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod addresses;
mod api;
mod apps;
mod calls;
mod client;
mod client_events;
mod closing;
mod expectations;
mod faults;
mod floods;
mod hosts;
mod order;
mod protocol;
#[path = "../../../tests/common/raw_http.rs"]
mod raw_http;
mod raw_peer;
mod records;
mod settings;
mod shutdown;
mod slow;
mod socket;
mod switches;
mod until;
mod users;
mod webhooks;
mod wire;
