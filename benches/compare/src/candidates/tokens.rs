//! A candidate that makes tokens and reads webhooks, in this process.

use std::hint::black_box;

use serde_json::Value;

use super::{Candidate, Role};
use crate::Failure;
use crate::machine::{Cost, Stopwatch};
use crate::work::Work;

/// What is timed: each takes the inputs of `fixtures` through `black_box`, and gives what its
/// library gives, which is dropped.
pub(crate) trait Signer {
    fn offers(&self, work: Work) -> bool {
        !work.is_call()
    }

    fn private_token(&self) -> impl Sized;

    fn presence_token(&self) -> impl Sized;

    fn webhook(&self) -> impl Sized;

    /// The same, to be looked at.
    fn sample(&self, work: Work) -> Result<Value, Failure>;
}

struct Row<S> {
    name: &'static str,
    role: Role,
    signer: S,
}

pub(crate) fn row(
    name: &'static str,
    role: Role,
    signer: impl Signer + 'static,
) -> Box<dyn Candidate> {
    Box::new(Row { name, role, signer })
}

impl<S: Signer> Candidate for Row<S> {
    fn name(&self) -> &str {
        self.name
    }

    fn role(&self) -> Role {
        self.role
    }

    fn offers(&self, work: Work) -> bool {
        self.signer.offers(work)
    }

    fn sample(&mut self, work: Work) -> Result<Value, Failure> {
        self.signer.sample(work)
    }

    fn run(&mut self, work: Work, times: usize) -> Result<Cost, Failure> {
        let signer = &self.signer;
        let warm_up = work.warm_up();
        match work {
            Work::PrivateToken => Ok(time(warm_up, times, || signer.private_token())),
            Work::PresenceToken => Ok(time(warm_up, times, || signer.presence_token())),
            Work::Webhook => Ok(time(warm_up, times, || signer.webhook())),
            _ => Err("this is a call".into()),
        }
    }
}

fn time<T>(warm_up: usize, times: usize, work: impl Fn() -> T) -> Cost {
    for _ in 0..warm_up {
        black_box(work());
    }
    let watch = Stopwatch::start();
    for _ in 0..times {
        black_box(work());
    }
    watch.stop()
}
