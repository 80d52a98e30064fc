//! What more of everything costs: more calls, more events, more bytes.

use std::hint::black_box;

use bytes::Bytes;
use pusher_http::api::{Endpoint as _, Request, TriggerBatch};
use pusher_http::{App, Event, Limits};

use crate::Failure;
use crate::candidates;
use crate::fixtures::{APP_ID, CHANNEL, EVENT, KEY, OFFER, SECRET};
use crate::machine::{Stopwatch, resident_kib};
use crate::options::Options;
use crate::sink::Sink;
use crate::statistics::Median;

const FEW: usize = 100;
const MANY: usize = 10_000;

const FEW_BYTES: usize = 10_000;
const MANY_BYTES: usize = 1_000_000;

pub(crate) struct Growth {
    pub(crate) resident: Resident,
    /// An event in a batch of 10,000 to one in a batch of 100, both sent in tens.
    pub(crate) sent: Option<Median>,
    /// The same, built and signed as one request.
    pub(crate) built: Option<Median>,
    /// A byte of 1 MB to one of 10 KB, hashed and signed.
    pub(crate) signed: Option<Median>,
}

/// Resident memory in KiB before some calls, and after.
pub(crate) struct Resident {
    pub(crate) calls: usize,
    pub(crate) before: Option<u64>,
    pub(crate) after: Option<u64>,
}

pub(crate) fn measure(options: &Options, sink: &Sink) -> Result<Growth, Failure> {
    let resident = resident(if options.test { 100 } else { 10_000 }, sink)?;
    let rounds = if options.test {
        1
    } else {
        options.rounds.min(50)
    };
    let app = App::builder(APP_ID, KEY, SECRET)
        .limits(Limits::default().events_per_batch(MANY))
        .build_app()?;
    let event = || Event::new(CHANNEL, EVENT, OFFER);
    let events = (0..MANY).map(|_| event()).collect::<Result<Vec<_>, _>>()?;
    let few: Vec<_> = events.chunks(FEW).map(<[_]>::to_vec).collect();
    let prepare = |events: &[Event]| -> Result<(), Failure> {
        let request = TriggerBatch::new(events).request(&app)?;
        black_box(app.sign(&request, 1_353_088_179).unwrap());
        Ok(())
    };
    let built = ratio(
        rounds,
        || prepare(&events),
        || few.iter().try_for_each(|few| prepare(few)),
    )?;

    let runtime = candidates::runtime()?;
    let pusher = candidates::pusher(sink.address())?;
    let deliver = |events: Vec<Event>| -> Result<(), Failure> {
        runtime.block_on(async { pusher.trigger_batch(events).await })?;
        Ok(())
    };
    let sent = ratio(
        rounds,
        || deliver(events.clone()),
        || few.iter().cloned().try_for_each(deliver),
    )?;

    let request = |bytes| Request::post("/events", Bytes::from(vec![b'x'; bytes]));
    let (many_bytes, few_bytes) = (request(MANY_BYTES)?, request(FEW_BYTES)?);
    let sign = |request: &Request| {
        black_box(app.sign(black_box(request), 1_353_088_179).unwrap());
        Ok(())
    };
    let signed = ratio(
        rounds,
        || sign(&many_bytes),
        || (0..MANY_BYTES / FEW_BYTES).try_for_each(|_| sign(&few_bytes)),
    )?;
    Ok(Growth {
        resident,
        sent,
        built,
        signed,
    })
}

fn resident(calls: usize, sink: &Sink) -> Result<Resident, Failure> {
    let runtime = candidates::runtime()?;
    let pusher = candidates::pusher(sink.address())?;
    let trigger = || -> Result<(), Failure> {
        runtime.block_on(async { pusher.trigger(CHANNEL, EVENT, black_box(&OFFER)).await })?;
        Ok(())
    };
    (0..calls / 10).try_for_each(|_| trigger())?;
    let before = resident_kib();
    (0..calls).try_for_each(|_| trigger())?;
    Ok(Resident {
        calls,
        before,
        after: resident_kib(),
    })
}

/// The CPU time of one to that of the other, which do the same work in other portions.
fn ratio(
    rounds: u32,
    upper: impl Fn() -> Result<(), Failure>,
    lower: impl Fn() -> Result<(), Failure>,
) -> Result<Option<Median>, Failure> {
    let time = |work: &dyn Fn() -> Result<(), Failure>| -> Result<f64, Failure> {
        let watch = Stopwatch::start();
        work()?;
        Ok(watch.stop().cpu.as_secs_f64())
    };
    upper()?;
    let mut ratios = Vec::new();
    for _ in 0..rounds {
        let (upper, lower) = if fastrand::bool() {
            let upper = time(&upper)?;
            (upper, time(&lower)?)
        } else {
            let lower = time(&lower)?;
            (time(&upper)?, lower)
        };
        ratios.push(upper / lower);
    }
    Ok(Median::of(ratios))
}
