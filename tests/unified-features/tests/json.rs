//! Untrusted JSON, in a build with dependencies that turn on features of `serde_json`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

#[path = "../../hostile_json.rs"]
mod hostile_json;
