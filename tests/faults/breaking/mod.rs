//! Ten thousand calls through a proxy that breaks every fifth request. The outcome that each call
//! reports has to match what the service really received.

mod calls;
mod fault;
mod proxy;
mod service;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use futures_util::{StreamExt as _, stream};
use pusher_http::{Limits, Outcome};

use calls::{Call, Report};
use fault::Faults;
use proxy::Proxy;
use service::Service;

use crate::http_clients::ClientKind;
use crate::resolver::{ClosedPort, Resolver};

const CONCURRENCY: usize = 32;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reported_outcomes_match_received_events() {
    run_calls(ClientKind::Reqwest, 10_000).await;
}

/// Without refused connections, because `HyperClient` does not accept a resolver.
#[cfg(feature = "hyper")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reported_outcomes_match_received_events_with_hyper() {
    run_calls(ClientKind::Hyper, 2_000).await;
}

async fn run_calls(under: ClientKind, calls: usize) {
    let began = Instant::now();
    let service = Service::start();
    let faults = Arc::new(Faults::default());
    let proxy = Proxy::start(service.address(), faults.clone());
    let closed = ClosedPort::reserve();
    let (open, refusing) = (proxy.address(), closed.address());
    let refused = Arc::new(AtomicUsize::new(0));
    let count = refused.clone();
    let resolver = Resolver::new(move |number| match under {
        ClientKind::Reqwest => {
            let found = fault::lookup(number, open, refusing);
            count.fetch_add(usize::from(found != Some(open)), SeqCst);
            found
        }
        #[cfg(feature = "hyper")]
        ClientKind::Hyper => Some(open),
    });
    let client = resolver
        .builder(under)
        .timeout(Duration::from_millis(500))
        .limits(
            Limits::default()
                .channels_per_trigger(3)
                .events_per_batch(3),
        )
        .build()
        .unwrap();

    let reports: Vec<_> = stream::iter(0..calls)
        .map(|number| tokio::spawn(Call::nth(number).send(client.clone())))
        .buffer_unordered(CONCURRENCY)
        .map(Result::unwrap)
        .collect()
        .await;
    let called = began.elapsed();

    // All calls have ended, so requests that the proxy held are now forwarded.
    drop(client);
    proxy.end().await;
    let received = service.end().await;

    for report in &reports {
        check(report, &received);
    }
    println!(
        "{calls} calls under {under:?} in {called:?}; {} connections refused",
        refused.load(SeqCst)
    );
    println!("requests, by what became of them: {:?}", faults.totals());
    assert_each_outcome_occurs_often(&reports);
}

fn assert_each_outcome_occurs_often(reports: &[Report]) {
    println!("| calls | accepted | not accepted | unknown |\n|---|---|---|---|");
    let mut totals = BTreeMap::<_, [usize; 3]>::new();
    for report in reports.iter().filter(|report| !report.events.is_empty()) {
        let of_kind = totals.entry(report.kind).or_default();
        for (_, outcome) in &report.events {
            of_kind[*outcome as usize] += 1;
        }
    }
    for (kind, [accepted, not_accepted, unknown]) in &totals {
        println!("| {kind} | {accepted} | {not_accepted} | {unknown} |");
    }
    let sum = |outcome: Outcome| -> usize { totals.values().map(|of| of[outcome as usize]).sum() };
    assert!(sum(Outcome::Accepted) > 1_000);
    assert!(sum(Outcome::NotAccepted) > 100);
    assert!(sum(Outcome::Unknown) > 100);
}

/// Compares the report with the received events, event by event, in the given order.
fn check(report: &Report, received: &HashMap<String, usize>) {
    for (channel, outcome) in &report.events {
        let count = received.get(channel).copied().unwrap_or_default();
        let agrees = match outcome {
            Outcome::Accepted if report.may_duplicate => count >= 1,
            Outcome::Accepted => count == 1,
            Outcome::NotAccepted => count == 0,
            Outcome::Unknown if report.may_duplicate => true,
            Outcome::Unknown => count <= 1,
            other => panic!("{other:?} is new"),
        };
        assert!(
            agrees,
            "{channel} is {outcome:?} and was received {count} times; {report:?}"
        );
    }
}
