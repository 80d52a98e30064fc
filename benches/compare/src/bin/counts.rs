//! What each call allocates: a program of its own, so that nothing counts while time is taken. The
//! comparison builds and runs it.

#![forbid(unsafe_code)]

use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: dhat::Alloc = dhat::Alloc;

fn main() -> ExitCode {
    compare::count()
}
