//! Runs the code of the README and of the guide on notifying two parties, as printed, with a peer
//! that fails: each event is accepted or kept.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod as_printed;
mod deadline;
mod faults;
mod guide;
mod kept;
mod readme;
