//! The crate as the server side of real pages.
//!
//! The tests use a real Sockudo, pusher-js in Node and in Chromium, the official Node library for
//! comparison, and the examples `auth_server` and `cloudflare-worker`.
//!
//! `tests/e2e/run.sh` installs all of these and runs the tests; without it, the tests are ignored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(clippy::similar_names)] // "stage" and "state" are different things.

mod console;
mod delivery;
mod inbox;
mod official;
mod official_client;
mod own_server;
mod peer;
mod presence;
mod reconnect;
mod rejections;
mod server;
mod stage;
mod users;
mod webhooks;
mod worker;
