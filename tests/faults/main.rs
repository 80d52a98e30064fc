//! Faults on the wire: a peer that breaks in every way, and what each call makes of it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(unreachable_pub)] // Modules of one test crate.

#[path = "../common/mod.rs"]
mod common;

mod addresses;
mod attempts;
mod breaking;
mod cancelled;
mod connection;
mod keep_alive;
mod listening;
mod peer;
mod request;
mod resolver;
mod table;
mod under;
