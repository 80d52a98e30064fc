//! No secret, no key material, no signature and nothing that travels encrypted is in any `Debug`,
//! `Display` or chain of sources: every public type is listed, and each that can hold such a thing
//! is printed with markers in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod comparison;
mod errors;
mod marked;
mod printed;
mod public_types;
mod values;
