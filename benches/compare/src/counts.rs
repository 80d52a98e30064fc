//! Memory, counted allocation by allocation, in a program of its own.

mod peak;

use std::net::SocketAddr;
use std::process::{Command, ExitCode, Stdio};

use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::candidates::{self, Candidate};
use crate::work::{ONE_BY_ONE, TOKENS, Work};
pub(crate) use peak::Peak;

/// Calls, after as many that warm up. A buffer that grows once for many calls counts little.
const CALLS: usize = 64;

#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Counts {
    allocations: Vec<Allocations>,
    pub(crate) peaks: Vec<Peak>,
    /// What the clone of a `Pusher` allocates.
    pub(crate) clone_allocations: u64,
}

/// Of one call; what grows in its place counts as one more.
#[derive(Debug, Serialize, Deserialize)]
struct Allocations {
    name: String,
    work: String,
    each: f64,
}

impl Counts {
    pub(crate) fn allocations(&self, name: &str, work: Work) -> Option<f64> {
        let mut all = self.allocations.iter();
        let found = all.find(|of| of.name == name && of.work == work.key());
        found.map(|of| of.each)
    }
}

/// Builds the program, which takes a moment the first time, and runs it.
pub(crate) fn run(sink: SocketAddr) -> Result<Counts, Failure> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    // What cargo tells this program of itself, some build scripts look at: the libraries would be
    // built anew for it, and again for the next run.
    for (name, _) in std::env::vars_os() {
        if name.to_str().is_some_and(is_of_this_package) {
            command.env_remove(name);
        }
    }
    command.args(["run", "--quiet", "--bin", "counts"]).args([
        "--manifest-path",
        concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"),
    ]);
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    let output = command
        .args(["--", &sink.to_string()])
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("counting has failed: {}", output.status).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}

fn is_of_this_package(variable: &str) -> bool {
    [
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_BIN_",
        "CARGO_CRATE_",
    ]
    .iter()
    .any(|prefix| variable.starts_with(prefix))
}

/// The program itself, which is told the sink's address.
#[must_use]
pub fn main() -> ExitCode {
    match count() {
        Ok(counts) => {
            println!("{counts}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("counts: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn count() -> Result<String, Failure> {
    let sink = std::env::args().nth(1).unwrap_or_default();
    let sink = sink.parse().map_err(|_| "the sink's address is needed")?;
    let mut allocations = Vec::new();
    for (mut candidates, works) in [
        (candidates::of_tokens()?, TOKENS),
        (candidates::of_calls(sink)?, ONE_BY_ONE),
    ] {
        for candidate in &mut candidates {
            for work in works {
                // The comparison says why one fails.
                if candidate.offers(work)
                    && let Ok(each) = allocations_of(candidate.as_mut(), work)
                {
                    allocations.push(Allocations {
                        name: candidate.name().to_owned(),
                        work: work.key().to_owned(),
                        each,
                    });
                }
            }
        }
    }
    let counts = Counts {
        allocations,
        peaks: peak::of_triggers(sink)?,
        clone_allocations: peak::of_a_clone(sink)?,
    };
    Ok(serde_json::to_string(&counts)?)
}

/// What twice as many calls allocate more, over those calls: the rest is the same for both.
fn allocations_of(candidate: &mut dyn Candidate, work: Work) -> Result<f64, Failure> {
    candidate.run(work, CALLS)?;
    let once = counted(|| candidate.run(work, CALLS))?;
    let twice = counted(|| candidate.run(work, 2 * CALLS))?;
    #[allow(clippy::cast_precision_loss)] // Some thousands.
    let more = twice.saturating_sub(once) as f64;
    #[allow(clippy::cast_precision_loss)]
    Ok(more / CALLS as f64)
}

/// The blocks that are allocated, or moved to grow.
fn counted<T>(work: impl FnOnce() -> Result<T, Failure>) -> Result<u64, Failure> {
    let _profiler = dhat::Profiler::builder().testing().build();
    work()?;
    Ok(dhat::HeapStats::get().total_blocks)
}
