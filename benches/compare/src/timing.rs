//! The comparison's run: prove, measure, print.

use std::process::ExitCode;
use std::time::Duration;

use clap::Parser as _;

use crate::Failure;
use crate::candidates::{self, Candidate, Role};
use crate::machine::{self, Cores};
use crate::options::{Options, Part};
use crate::rounds::{self, Plan};
use crate::sink::{self, Sink};
use crate::work::{CALLS, TOKENS, Work};
use crate::{children, counts, growth, proof, report};

#[must_use]
pub fn main() -> ExitCode {
    let options = Options::parse();
    let outcome = if options.sink {
        sink::main()
    } else {
        run(&options)
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("compare: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<(), Failure> {
    // Before this process is kept on one core, on which the building would be slow.
    let mut sink = Sink::start()?;
    let counts = counts::run(sink.address())?;
    match Cores::choose() {
        Some(cores) => machine::stay_on(cores.client),
        None => eprintln!("there is no core for the sink alone: expect more noise"),
    }
    let waited = {
        let sink = sink.process();
        move || machine::waited(sink)
    };
    println!("{}", report::head(options));
    if options.includes(Part::Tokens) {
        let mut candidates = candidates::of_tokens()?;
        candidates.extend(children::start(sink.address()));
        let Proved { lanes, notes } = proved(&mut candidates, &TOKENS, |candidate, work| {
            proof::token(candidate, work).map(|()| None)
        })?;
        let results = rounds::measure(&mut candidates, &lanes, plan(options, 1), waited)?;
        println!("{}", report::tokens(&results, &counts, &notes));
    }
    if options.includes(Part::Calls) {
        let mut candidates = candidates::of_calls(sink.address())?;
        candidates.extend(children::start(sink.address()));
        let Proved { lanes, notes } = proved(&mut candidates, &CALLS, |candidate, work| {
            proof::call(candidate, work, &mut sink)
        })?;
        let results = rounds::measure(&mut candidates, &lanes, plan(options, 2), waited)?;
        println!("{}", report::calls(&results, &counts, &notes));
    }
    if options.includes(Part::Memory) {
        let growth = growth::measure(options, &sink)?;
        println!("{}", report::memory(&growth, &counts));
    }
    Ok(())
}

fn plan(options: &Options, slice_ms: u64) -> Plan {
    if options.test {
        return Plan {
            rounds: 1,
            slice: Duration::from_micros(100),
            warm_up: Duration::ZERO,
        };
    }
    Plan {
        rounds: options.rounds,
        slice: Duration::from_millis(slice_ms),
        warm_up: Duration::from_millis(300),
    }
}

struct Proved {
    /// The candidates, by their place, and the works that they do right.
    lanes: Vec<(usize, Work)>,
    /// Which of the others are left out and why, and what else is to be said.
    notes: Vec<String>,
}

/// Puts each candidate to the proof. That a floor or ours fails it ends the run.
fn proved(
    candidates: &mut [Box<dyn Candidate>],
    works: &[Work],
    mut proof: impl FnMut(&mut dyn Candidate, Work) -> Result<Option<String>, Failure>,
) -> Result<Proved, Failure> {
    let mut lanes = Vec::new();
    let mut notes = Vec::new();
    for (place, candidate) in candidates.iter_mut().enumerate() {
        for work in works.iter().copied() {
            if !candidate.offers(work) {
                continue;
            }
            let name = candidate.name().to_owned();
            match proof(candidate.as_mut(), work) {
                Ok(remark) => {
                    lanes.push((place, work));
                    notes.extend(remark.map(|remark| format!("{name} {remark}")));
                }
                Err(failure) if candidate.role() == Role::Peer => {
                    notes.push(format!(
                        "{name} is left out of {:?}: {failure}",
                        work.title()
                    ));
                }
                Err(failure) => return Err(format!("{name}, {}: {failure}", work.title()).into()),
            }
        }
    }
    notes.dedup();
    Ok(Proved { lanes, notes })
}
