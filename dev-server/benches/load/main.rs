//! Load test of the local server.
//!
//! 1,000 sockets, each a different user, join one presence channel. 10,000 events are triggered, and
//! each event must reach each socket complete and in order. Three rounds on the same server show
//! whether memory stays flat once the sockets have left.
//!
//! Run it with `cargo bench --package pusher-dev-server --bench load`. Options after `--` are
//! `--sockets 1000`, `--events 10000` and `--rounds 3`; `--test` makes a tiny run. It fails on the
//! first event that is lost, duplicated, changed or out of order.
//!
//! The clients run in the same process, so the memory shown includes the server and the clients.

mod client;
mod figures;

use std::error::Error;
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Parser;
use pusher_dev_server::{DevLimits, DevServer};
use pusher_http::Pusher;
use pusher_http::{Event, Info};
use serde_json::json;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use client::Client;
use figures::{Figures, HEADINGS, Memory};

const CHANNEL: &str = "presence-load";
const EVENTS_PER_BATCH: usize = 10;

/// How long the server may take to notice that all clients have left.
const VACATED_WITHIN: Duration = Duration::from_secs(30);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run(&Options::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("local_load: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: &Options) -> Result<(), Failure> {
    let (sockets, events) = (options.sockets.get(), options.events.get());
    check_open_files(sockets)?;
    let server = start_server(sockets, events).await?;
    let events = (1..=events)
        .map(|number| {
            let data = json!({"number": number, "note": "at your \"convenience\""});
            Event::new(CHANNEL, "offer.received", data)
        })
        .collect::<Result<Arc<[Event]>, _>>()?;

    println!(
        "{sockets} sockets, {} events in batches of {EVENTS_PER_BATCH}, {} rounds",
        options.events, options.rounds
    );
    println!("{}", HEADINGS.join("\n"));
    for number in 1..=options.rounds.get() {
        let figures = round(&server, sockets, &events).await?;
        println!("{}", figures.row(number));
    }
    println!("every event reached every socket, complete and in order");
    Ok(())
}

#[derive(Parser)]
#[command(about = "What the local server carries")]
struct Options {
    /// How many clients join in each round.
    #[arg(long, default_value = "1000", default_value_if("test", "true", "20"))]
    sockets: NonZeroUsize,

    /// How many events each client must get in each round.
    #[arg(long, default_value = "10000", default_value_if("test", "true", "100"))]
    events: NonZeroUsize,

    #[arg(long, default_value = "3", default_value_if("test", "true", "1"))]
    rounds: NonZeroUsize,

    /// Make a tiny run.
    #[arg(long)]
    test: bool,

    /// Added by Cargo.
    #[arg(long, hide = true)]
    bench: bool,
}

/// Checks that this process may open enough files.
///
/// Both ends of each socket are in this process, and many systems initially allow a program 1,024
/// open files. Without this check, the server would silently wait for a file to become free.
fn check_open_files(sockets: usize) -> Result<(), Failure> {
    let needed = 2 * sockets + 64;
    let limits = std::fs::read_to_string("/proc/self/limits").unwrap_or_default();
    let allowed = limits
        .lines()
        .find_map(|line| line.strip_prefix("Max open files"))
        .and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    match allowed {
        Some(allowed) if allowed < needed => {
            let words = format!("{allowed} open files are too few: `ulimit -n {needed}` first");
            Err(words.into())
        }
        _ => Ok(()),
    }
}

async fn start_server(sockets: usize, events: usize) -> Result<DevServer, Failure> {
    let limits = DevLimits::default();
    let limits = DevLimits {
        presence_members: sockets,
        // Events are triggered as fast as the server accepts them, which is faster than the
        // clients read them. No client should be closed for being slow.
        waiting_messages: limits.waiting_messages.max(events + sockets),
        ..limits
    };
    let builder = DevServer::builder()
        .limits(limits)
        // Full after the first round, so that later rounds show memory that is not released.
        .max_records(1_000);
    Ok(builder.start().await?)
}

/// Runs one round: all sockets join, all events are delivered, all sockets leave.
async fn round(
    server: &DevServer,
    sockets: usize,
    events: &Arc<[Event]>,
) -> Result<Figures, Failure> {
    let pusher = Pusher::from_app(server.app().clone())?;
    let (leave, left) = watch::channel(());
    let (report, mut reports) = mpsc::unbounded_channel();
    let mut clients = JoinSet::new();
    let memory_before = Memory::now();

    let start = Instant::now();
    for number in 0..sockets {
        let client = Client {
            number,
            app: server.app().clone(),
            address: server.address(),
            events: events.clone(),
            report: report.clone(),
            leave: left.clone(),
        };
        clients.spawn(client.run());
    }
    all_report(sockets, &mut reports, &mut clients).await?;
    let joining = start.elapsed();
    let state = pusher.channel(CHANNEL).info(Info::USER_COUNT).await?;
    if state.user_count != Some(sockets as u64) {
        return Err(format!("the channel has {:?} users", state.user_count).into());
    }
    let memory_with_sockets = Memory::now();

    let start = Instant::now();
    for batch in events.chunks(EVENTS_PER_BATCH) {
        pusher.trigger_batch(batch.iter().cloned()).await?;
    }
    let triggering = start.elapsed();
    all_report(sockets, &mut reports, &mut clients).await?;
    let delivering = start.elapsed();
    let memory_after_events = Memory::now();

    let start = Instant::now();
    drop(leave);
    while let Some(ended) = clients.join_next().await {
        ended??;
    }
    // Nothing signals this in the process, so query the server until the channel is vacated.
    while pusher.channel(CHANNEL).await?.occupied {
        if start.elapsed() > VACATED_WITHIN {
            return Err("the channel is still occupied, with all clients gone".into());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Ok(Figures {
        joining,
        triggering,
        delivering,
        leaving: start.elapsed(),
        deliveries: sockets * events.len(),
        memory: [
            memory_before,
            memory_with_sockets,
            memory_after_events,
            Memory::now(),
        ],
    })
}

/// Waits until each client has reported once; fails if a client ends before that.
async fn all_report(
    sockets: usize,
    reports: &mut mpsc::UnboundedReceiver<()>,
    clients: &mut JoinSet<Result<(), Failure>>,
) -> Result<(), Failure> {
    for _ in 0..sockets {
        tokio::select! {
            _ = reports.recv() => {}
            Some(ended) = clients.join_next() => {
                ended??;
                return Err("a client has left before it was told to".into());
            }
        }
    }
    Ok(())
}
