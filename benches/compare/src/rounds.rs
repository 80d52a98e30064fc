//! The measurement: in each round every candidate takes one short turn at every work, in an order
//! of its own, so that whatever disturbs the machine disturbs everybody.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::candidates::Candidate;
use crate::statistics::Median;
use crate::work::Work;

/// How much of it.
#[derive(Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) rounds: u32,
    /// One turn.
    pub(crate) slice: Duration,
    /// What each candidate does of each work before the first round: some compile as they run.
    pub(crate) warm_up: Duration,
}

/// The turns of one candidate at one work.
struct Lane {
    candidate: usize,
    work: Work,
    /// Calls in a turn.
    times: usize,
    /// Nanoseconds of each call, by round.
    wall: Vec<f64>,
    cpu: Vec<f64>,
}

pub(crate) struct Results(HashMap<(String, Work), Lane>);

/// Which of the two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    Wall,
    Cpu,
}

/// `lanes` are those that have proved themselves, each a place in `candidates` and a work.
pub(crate) fn measure(
    candidates: &mut [Box<dyn Candidate>],
    lanes: &[(usize, Work)],
    plan: Plan,
) -> Result<Results, Failure> {
    let mut lanes = lanes
        .iter()
        .map(|(candidate, work)| {
            let times = turn(candidates[*candidate].as_mut(), *work, plan)?;
            Ok(Lane {
                candidate: *candidate,
                work: *work,
                times,
                wall: Vec::new(),
                cpu: Vec::new(),
            })
        })
        .collect::<Result<Vec<_>, Failure>>()?;
    for _ in 0..plan.rounds {
        // Those whose ratio is taken have their turns close to each other.
        fastrand::shuffle(&mut lanes);
        lanes.sort_by_key(|lane| lane.work);
        for lane in &mut lanes {
            let cost = candidates[lane.candidate].run(lane.work, lane.times)?;
            lane.wall.push(per_call(cost.wall, lane.times));
            lane.cpu.push(per_call(cost.cpu, lane.times));
        }
    }
    let named = lanes.into_iter().map(|lane| {
        let name = candidates[lane.candidate].name().to_owned();
        ((name, lane.work), lane)
    });
    Ok(Results(named.collect()))
}

/// Warms up, and finds how many calls fill a turn.
fn turn(candidate: &mut dyn Candidate, work: Work, plan: Plan) -> Result<usize, Failure> {
    let start = Instant::now();
    let mut times = work.unit();
    let took = loop {
        let took = candidate.run(work, times)?.wall;
        if took < plan.slice / 2 {
            times *= 2;
        } else if start.elapsed() >= plan.warm_up {
            break took;
        }
    };
    let units = plan.slice.as_secs_f64() / took.as_secs_f64() * count(times / work.unit());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Some units of work.
    let units = units.round().max(1.0) as usize;
    Ok(units * work.unit())
}

#[allow(clippy::cast_precision_loss)] // Far below where it would lose any.
fn count(number: usize) -> f64 {
    number as f64
}

fn per_call(time: Duration, times: usize) -> f64 {
    time.as_secs_f64() * 1e9 / count(times)
}

impl Results {
    /// Nanoseconds of one call; `None` for what was not measured.
    pub(crate) fn nanoseconds(&self, name: &str, work: Work, clock: Clock) -> Option<Median> {
        Median::of(self.rounds(name, work, clock)?.iter().copied())
    }

    /// The median over the rounds of each round's ratio.
    pub(crate) fn ratio(
        &self,
        name: &str,
        to: &str,
        work: Work,
        clock: Clock,
    ) -> Option<Median> {
        let (upper, lower) = (self.rounds(name, work, clock)?, self.rounds(to, work, clock)?);
        Median::of(upper.iter().zip(lower).map(|(upper, lower)| upper / lower))
    }

    fn rounds(&self, name: &str, work: Work, clock: Clock) -> Option<&[f64]> {
        let lane = self.0.get(&(name.to_owned(), work))?;
        Some(match clock {
            Clock::Wall => &lane.wall,
            Clock::Cpu => &lane.cpu,
        })
    }
}
