//! A candidate that calls the HTTP API, in this process.

use std::rc::Rc;

use futures_util::TryStreamExt as _;
use futures_util::stream::{self, FuturesUnordered, StreamExt as _};
use serde_json::Value;
use tokio::runtime::Runtime;

use super::{Candidate, Role};
use crate::Failure;
use crate::machine::{Cost, Stopwatch};
use crate::work::{AT_ONCE, BULK_IN_FLIGHT, Work};

/// One call each: from the values of `fixtures` to the end of the response.
pub(crate) trait Caller {
    fn offers(&self, work: Work) -> bool {
        work.is_call()
    }

    /// `OFFER` to `CHANNEL`.
    async fn trigger(&self) -> Result<(), Failure>;

    /// `CATALOGUE` to all of `CHANNELS`.
    async fn large(&self) -> Result<(), Failure>;

    /// `OFFER` to each of `CHANNELS`, in one request.
    async fn batch(&self) -> Result<(), Failure>;
}

struct Row<C> {
    name: &'static str,
    role: Role,
    caller: C,
    runtime: Rc<Runtime>,
}

pub(crate) fn row(
    name: &'static str,
    role: Role,
    caller: impl Caller + 'static,
    runtime: &Rc<Runtime>,
) -> Box<dyn Candidate> {
    Box::new(Row {
        name,
        role,
        caller,
        runtime: runtime.clone(),
    })
}

impl<C: Caller> Candidate for Row<C> {
    fn name(&self) -> &str {
        self.name
    }

    fn role(&self) -> Role {
        self.role
    }

    fn offers(&self, work: Work) -> bool {
        self.caller.offers(work)
    }

    fn sample(&mut self, _: Work) -> Result<Value, Failure> {
        Err("a call is seen by the sink".into())
    }

    fn run(&mut self, work: Work, times: usize) -> Result<Cost, Failure> {
        self.runtime.block_on(async {
            call(&self.caller, work, work.warm_up()).await?;
            let watch = Stopwatch::start();
            call(&self.caller, work, times).await?;
            Ok(watch.stop())
        })
    }
}

async fn call<C: Caller>(caller: &C, work: Work, times: usize) -> Result<(), Failure> {
    match work {
        Work::Trigger => {
            for _ in 0..times {
                caller.trigger().await?;
            }
        }
        Work::Large => {
            for _ in 0..times {
                caller.large().await?;
            }
        }
        Work::Batch => {
            for _ in 0..times {
                caller.batch().await?;
            }
        }
        Work::AtOnce => {
            for _ in 0..times / AT_ONCE {
                let calls = (0..AT_ONCE).map(|_| caller.trigger());
                let mut calls: FuturesUnordered<_> = calls.collect();
                while calls.try_next().await?.is_some() {}
            }
        }
        Work::Bulk => {
            let mut calls = stream::iter(0..times)
                .map(|_| caller.batch())
                .buffer_unordered(BULK_IN_FLIGHT);
            while calls.try_next().await?.is_some() {}
        }
        Work::PrivateToken | Work::PresenceToken | Work::Webhook => {
            return Err("this is a call of no API".into());
        }
    }
    Ok(())
}
