//! The sink, seen from the process that started it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Report;
use crate::Failure;
use crate::work::Work;

/// A sink that ends with this value.
pub(crate) struct Sink {
    address: SocketAddr,
    process: Child,
    orders: ChildStdin,
    words: BufReader<ChildStdout>,
}

impl Sink {
    pub(crate) fn start() -> Result<Self, Failure> {
        let mut process = Command::new(std::env::current_exe()?)
            .arg("--sink")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let (Some(orders), Some(words)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("the sink has no pipes".into());
        };
        let mut words = BufReader::new(words);
        let mut address = String::new();
        words.read_line(&mut address)?;
        Ok(Self {
            address: address.trim_end().parse()?,
            process,
            orders,
            words,
        })
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    pub(crate) fn process(&self) -> u32 {
        self.process.id()
    }

    /// Responds to all requests from now on.
    pub(crate) fn answer(&mut self) -> Result<Report, Failure> {
        self.order("answer")
    }

    /// Checks all requests from now on.
    pub(crate) fn prove(&mut self, work: Work) -> Result<Report, Failure> {
        self.order(&format!("prove {}", work.key()))
    }

    /// What came since the last order.
    pub(crate) fn report(&mut self) -> Result<Report, Failure> {
        self.order("report")
    }

    fn order(&mut self, order: &str) -> Result<Report, Failure> {
        writeln!(self.orders, "{order}")?;
        let mut line = String::new();
        self.words.read_line(&mut line)?;
        Ok(serde_json::from_str(&line)?)
    }
}

impl Drop for Sink {
    fn drop(&mut self) {
        // It may have ended by itself, and nobody is left to be told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
