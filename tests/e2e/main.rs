//! The crate as the server side of real pages: a real Sockudo, pusher-js in Node and in
//! Chromium, the official Node library beside ours, and the examples `auth_server` and
//! `cloudflare-worker`.
//!
//! `tests/e2e/run.sh` installs all that and runs these tests; without it they are ignored.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(clippy::similar_names)] // A stage is no state.

mod console;
mod delivery;
mod inbox;
mod official;
mod official_client;
mod own_server;
mod peer;
mod presence;
mod reconnect;
mod refusals;
mod server;
mod stage;
mod users;
mod webhooks;
mod worker;
