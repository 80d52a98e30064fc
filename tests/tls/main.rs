//! TLS: which servers are trusted, and that nothing is sent to others.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(unreachable_pub)] // Modules of one test crate.

mod backends;
mod by_default;
mod certificates;
mod other_peers;
mod server;
mod truncation;
mod tunnel;
mod untrusted;
