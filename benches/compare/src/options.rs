//! The command line.

use clap::{Parser, ValueEnum};

/// Compares pusher-http with the floors below it and the libraries that do the same.
#[derive(Debug, Parser)]
pub(crate) struct Options {
    /// How often each candidate takes its turn
    #[arg(long, default_value_t = 300, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) rounds: u32,

    /// One part only
    #[arg(long)]
    pub(crate) only: Option<Part>,

    /// One quick pass of everything, whose numbers mean nothing
    #[arg(long)]
    pub(crate) test: bool,

    /// To be the sink
    #[arg(long, hide = true)]
    pub(crate) sink: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Part {
    Tokens,
    Calls,
    Memory,
}

impl Options {
    pub(crate) fn includes(&self, part: Part) -> bool {
        self.only.is_none_or(|only| only == part)
    }
}
