//! The client against a scripted server: what it sends, byte for byte, and what it makes of
//! each answer.

#[path = "../common/mod.rs"]
mod common;

mod batch;
mod configuration;
mod errors;
mod generic;
mod queries;
mod trigger;
mod users;
