//! No `Debug`, `Display` or chain of error sources shows a secret, key material, a signature, or
//! data that is sent encrypted. Every public type is listed, and each type that can contain such
//! values is printed with markers in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod comparison;
mod errors;
mod marked;
mod printed;
mod public_types;
mod values;
