//! `pusher-http` beside the floors below it and the libraries that do the same: see README.md.

#![forbid(unsafe_code)]

mod candidates;
mod children;
mod counts;
mod fixtures;
mod growth;
mod machine;
mod options;
mod proof;
mod report;
mod rounds;
mod sink;
mod statistics;
mod timing;
mod work;

pub use counts::main as count;
pub use timing::main as compare;

/// The reason for which a call or the run ends, as a message.
type Failure = Box<dyn std::error::Error>;
