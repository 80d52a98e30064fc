//! The client against a scripted server: what it sends, byte for byte, and what it makes of
//! each answer.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

#[path = "../common/mod.rs"]
mod common;

mod batch;
mod concurrency;
mod configuration;
mod errors;
mod generic;
mod limits;
mod plug;
mod queries;
mod resume;
mod retries;
mod trigger;
mod users;
