//! The measurement: in each round every candidate takes one short turn at every work, in an order
//! of its own, so that whatever disturbs the machine disturbs everybody.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::Failure;
use crate::candidates::{Candidate, Role};
use crate::machine::Cost;
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

pub(crate) struct Results {
    /// In the candidates' order.
    pub(crate) rows: Vec<Row>,
    lanes: HashMap<(String, Work), Lane>,
    /// Of all turns, those that others disturbed whenever they were taken.
    pub(crate) disturbed: f64,
}

pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) role: Role,
}

/// A turn is disturbed when threads waited for their core longer than this part of it. It is then
/// taken again, and at last the least disturbed one counts.
const DISTURBED: f64 = 0.01;
const ATTEMPTS: u32 = 10;

/// Which of the two clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Clock {
    Wall,
    Cpu,
}

/// `lanes` are those that have proved themselves, each a place in `candidates` and a work; `waited`
/// is how long the threads that should run had to wait so far.
pub(crate) fn measure(
    candidates: &mut [Box<dyn Candidate>],
    lanes: &[(usize, Work)],
    plan: Plan,
    waited: impl Fn() -> Duration,
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
    let mut disturbed = 0;
    for _ in 0..plan.rounds {
        // Those whose ratio is taken have their turns close to each other.
        fastrand::shuffle(&mut lanes);
        lanes.sort_by_key(|lane| lane.work);
        for lane in &mut lanes {
            let candidate = candidates[lane.candidate].as_mut();
            let (cost, part) = quietest(|| candidate.run(lane.work, lane.times), &waited)?;
            disturbed += usize::from(part > DISTURBED);
            lane.wall.push(per_call(cost.wall, lane.times));
            lane.cpu.push(per_call(cost.cpu, lane.times));
        }
    }
    let disturbed = count(disturbed) / (count(lanes.len()) * f64::from(plan.rounds));
    let rows: Vec<_> = candidates
        .iter()
        .map(|candidate| Row {
            name: candidate.name().to_owned(),
            role: candidate.role(),
        })
        .collect();
    let named = lanes.into_iter().map(|lane| {
        let name = rows[lane.candidate].name.clone();
        ((name, lane.work), lane)
    });
    Ok(Results {
        lanes: named.collect(),
        rows,
        disturbed,
    })
}

/// A turn that nobody disturbed, or the least disturbed one, and what part of it was waiting.
fn quietest(
    mut turn: impl FnMut() -> Result<Cost, Failure>,
    waited: impl Fn() -> Duration,
) -> Result<(Cost, f64), Failure> {
    let mut attempt = || -> Result<_, Failure> {
        let before = waited();
        let cost = turn()?;
        let waited = waited().saturating_sub(before);
        Ok((cost, waited.as_secs_f64() / cost.wall.as_secs_f64()))
    };
    let mut best = attempt()?;
    for _ in 1..ATTEMPTS {
        if best.1 <= DISTURBED {
            break;
        }
        let next = attempt()?;
        if next.1 < best.1 {
            best = next;
        }
    }
    Ok(best)
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
    pub(crate) fn ratio(&self, name: &str, to: &str, work: Work, clock: Clock) -> Option<Median> {
        let (upper, lower) = (
            self.rounds(name, work, clock)?,
            self.rounds(to, work, clock)?,
        );
        Median::of(upper.iter().zip(lower).map(|(upper, lower)| upper / lower))
    }

    fn rounds(&self, name: &str, work: Work, clock: Clock) -> Option<&[f64]> {
        let lane = self.lanes.get(&(name.to_owned(), work))?;
        Some(match clock {
            Clock::Wall => &lane.wall,
            Clock::Cpu => &lane.cpu,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use serde_json::Value;

    use super::*;

    /// Each call takes as many microseconds as it says.
    struct Fake(&'static str, u64);

    impl Candidate for Fake {
        fn name(&self) -> &str {
            self.0
        }

        fn role(&self) -> Role {
            Role::Floor
        }

        fn offers(&self, _: Work) -> bool {
            true
        }

        fn sample(&mut self, _: Work) -> Result<Value, Failure> {
            Err("there is none".into())
        }

        fn run(&mut self, _: Work, times: usize) -> Result<Cost, Failure> {
            let wall = Duration::from_micros(self.1 * times as u64);
            Ok(Cost {
                wall,
                cpu: wall / 2,
            })
        }
    }

    const PLAN: Plan = Plan {
        rounds: 7,
        slice: Duration::from_millis(1),
        warm_up: Duration::ZERO,
    };

    #[test]
    fn a_ratio_is_that_of_single_calls() {
        let mut candidates: [Box<dyn Candidate>; 2] =
            [Box::new(Fake("slow", 30)), Box::new(Fake("fast", 20))];
        let lanes = [(0, Work::Trigger), (1, Work::Trigger), (1, Work::AtOnce)];
        let results = measure(&mut candidates, &lanes, PLAN, || Duration::ZERO).unwrap();
        let ratio = results.ratio("slow", "fast", Work::Trigger, Clock::Wall);
        assert!((ratio.unwrap().value - 1.5).abs() < 1e-9, "{ratio:?}");
        let cpu = results.nanoseconds("slow", Work::Trigger, Clock::Cpu);
        assert!((cpu.unwrap().value - 15_000.0).abs() < 1e-6, "{cpu:?}");
        assert_eq!(
            results.ratio("slow", "fast", Work::AtOnce, Clock::Wall),
            None
        );
        assert_eq!(
            results
                .rounds("fast", Work::AtOnce, Clock::Wall)
                .unwrap()
                .len(),
            7
        );
        let names: Vec<_> = results.rows.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(names, ["slow", "fast"]);
    }

    #[test]
    fn a_turn_fills_its_slice_with_whole_units() {
        let turn = |fake: &mut Fake, work| turn(fake, work, PLAN).unwrap();
        assert_eq!(turn(&mut Fake("", 20), Work::Trigger), 50);
        assert_eq!(turn(&mut Fake("", 10), Work::AtOnce), 96);
        assert_eq!(turn(&mut Fake("", 5_000), Work::Trigger), 1);
        assert_eq!(turn(&mut Fake("", 5_000), Work::Bulk), 100);
    }

    #[test]
    fn the_least_disturbed_turn_counts() {
        // In milliseconds: what each attempt takes, and the waiting clock after it.
        let attempts = [(10, 4), (11, 6), (12, 6), (13, 6)];
        let (turn, clock) = (Cell::new(0), Cell::new(0));
        let quietest = quietest(
            || {
                let (took, waited) = attempts[turn.get()];
                turn.set(turn.get() + 1);
                clock.set(waited);
                Ok(Cost {
                    wall: Duration::from_millis(took),
                    cpu: Duration::ZERO,
                })
            },
            || Duration::from_millis(clock.get()),
        );
        let (cost, waited) = quietest.unwrap();
        assert_eq!((cost.wall.as_millis(), turn.get()), (12, 3));
        assert!(waited.abs() < f64::EPSILON);
    }
}
