//! Network faults: a peer that fails in every way, and the result of each call.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(unreachable_pub)] // Modules of one test crate.

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod attempts;
mod breaking;
mod cancelled;
mod connection;
mod http_clients;
mod keep_alive;
mod listener;
mod peer;
mod request;
mod resolver;
mod table;
