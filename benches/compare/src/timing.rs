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
    println!("{}", report::head(options));
    if options.includes(Part::Tokens) {
        let mut candidates = candidates::of_tokens()?;
        candidates.extend(children::start(sink.address()));
        let lanes = proved(&mut candidates, &TOKENS, |candidate, work| {
            proof::token(candidate, work).map(|()| None)
        })?;
        let results = rounds::measure(&mut candidates, &lanes, plan(options, 1))?;
        println!("{}", report::tokens(&results, &counts));
    }
    if options.includes(Part::Calls) {
        let mut candidates = candidates::of_calls(sink.address())?;
        candidates.extend(children::start(sink.address()));
        let lanes = proved(&mut candidates, &CALLS, |candidate, work| {
            proof::call(candidate, work, &mut sink)
        })?;
        let results = rounds::measure(&mut candidates, &lanes, plan(options, 4))?;
        println!("{}", report::calls(&results, &counts));
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

/// The candidates, by their place, and the works that they do right. The others are named; that
/// one of them is a floor or ours ends the run.
fn proved(
    candidates: &mut [Box<dyn Candidate>],
    works: &[Work],
    mut proof: impl FnMut(&mut dyn Candidate, Work) -> Result<Option<String>, Failure>,
) -> Result<Vec<(usize, Work)>, Failure> {
    let mut lanes = Vec::new();
    for (place, candidate) in candidates.iter_mut().enumerate() {
        for work in works.iter().copied() {
            if !candidate.offers(work) {
                continue;
            }
            let of = format!("{}, {}", candidate.name(), work.title());
            match proof(candidate.as_mut(), work) {
                Ok(remark) => {
                    if let Some(remark) = remark {
                        println!("{of}: {remark}");
                    }
                    lanes.push((place, work));
                }
                Err(failure) if candidate.role() == Role::Peer => {
                    println!("{of}: left out: {failure}");
                }
                Err(failure) => return Err(format!("{of}: {failure}").into()),
            }
        }
    }
    Ok(lanes)
}
