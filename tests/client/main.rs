//! The client against a scripted server. The tests check the exact bytes of each request, and the
//! result of each response.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

#[path = "../common/mod.rs"]
mod common;

mod batch;
mod concurrency;
mod configuration;
mod custom_http_client;
mod errors;
mod generic;
mod limits;
mod queries;
mod resume;
mod retries;
mod trigger;
mod users;
