//! What the local server carries: 1,000 sockets, each another user, on one presence channel, and
//! 10,000 events, each of which has to reach each socket whole and in order. Three rounds on the
//! same server show whether memory stays flat once the sockets have left.
//!
//! `cargo bench --bench local_load`, and after `--` any of `--sockets 1000`, `--events 10000` and
//! `--rounds 3`; `--test` makes it a tiny run. It fails on the first event that is lost, doubled,
//! changed or out of order.
//!
//! The clients run in this process too, so that the memory shown is the server's and theirs.

use std::error::Error;
use std::fmt::Display;
use std::net::SocketAddr;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::{SinkExt as _, StreamExt as _};
use pusher_http::local::{LocalLimits, LocalServer};
use pusher_http::{App, ChannelName, Event, Info, PresenceMember, SocketId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

const CHANNEL: &str = "presence-load";
const EVENTS_PER_BATCH: usize = 10;

/// How long a client waits for its next message. Each hears of something far sooner, so that this
/// ends only a run in which something was lost.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the server may take to see that everybody has left.
const VACATED_WITHIN: Duration = Duration::from_secs(30);

type Failure = Box<dyn Error + Send + Sync>;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("local_load: {failure}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), Failure> {
    let sizes = Sizes::from_arguments(std::env::args().skip(1))?;
    check_open_files(&sizes)?;
    let server = start_server(&sizes).await?;
    let events = (1..=sizes.events)
        .map(|number| {
            let data = json!({"number": number, "note": "at your \"convenience\""});
            Event::new(CHANNEL, "offer.received", data)
        })
        .collect::<Result<Arc<[Event]>, _>>()?;

    println!(
        "{} sockets, {} events in batches of {EVENTS_PER_BATCH}, {} rounds",
        sizes.sockets, sizes.events, sizes.rounds
    );
    println!("{}", HEADINGS.join("\n"));
    for number in 1..=sizes.rounds {
        let figures = round(&server, sizes.sockets, &events).await?;
        println!("{}", figures.row(number));
    }
    println!("every event reached every socket, complete and in order");
    Ok(())
}

struct Sizes {
    sockets: usize,
    events: usize,
    rounds: usize,
}

impl Sizes {
    fn from_arguments(mut arguments: impl Iterator<Item = String>) -> Result<Self, Failure> {
        let mut sizes = Self {
            sockets: 1_000,
            events: 10_000,
            rounds: 3,
        };
        while let Some(argument) = arguments.next() {
            let size = match argument.as_str() {
                // Cargo itself adds this one.
                "--bench" => continue,
                "--test" => {
                    sizes = Self {
                        sockets: 20,
                        events: 100,
                        rounds: 1,
                    };
                    continue;
                }
                "--sockets" => &mut sizes.sockets,
                "--events" => &mut sizes.events,
                "--rounds" => &mut sizes.rounds,
                other => return Err(format!("there is no argument {other}").into()),
            };
            *size = arguments
                .next()
                .and_then(|number| number.parse().ok())
                .filter(|number| *number > 0)
                .ok_or_else(|| format!("{argument} needs a number over 0"))?;
        }
        Ok(sizes)
    }
}

/// A socket has two ends here, and many systems let a program open 1,024 files at first: without
/// this look, the server would only wait in silence for a file to become free.
fn check_open_files(sizes: &Sizes) -> Result<(), Failure> {
    let needed = 2 * sizes.sockets + 64;
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

async fn start_server(sizes: &Sizes) -> Result<LocalServer, Failure> {
    let limits = LocalLimits::default();
    let limits = LocalLimits {
        presence_members: sizes.sockets,
        // Events are triggered as fast as the server takes them, which is faster than they are
        // read here: nobody is to be closed as a laggard.
        waiting_messages: limits.waiting_messages.max(sizes.events + sizes.sockets),
        ..limits
    };
    let builder = LocalServer::builder()
        .limits(limits)
        // Full after the first round, so that the others show what is not given back.
        .max_records(1_000);
    Ok(builder.start().await?)
}

/// All sockets join, all events are delivered, all sockets leave.
async fn round(
    server: &LocalServer,
    sockets: usize,
    events: &Arc<[Event]>,
) -> Result<Figures, Failure> {
    let pusher = server.pusher();
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
    // No signal tells of it in this process: the server is asked until it says so.
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

/// Waits until each client has reported once; the first that ends before the rest is the failure.
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

struct Client {
    number: usize,
    app: App,
    address: SocketAddr,
    events: Arc<[Event]>,
    /// Told when the client has joined, and again when it has all events.
    report: mpsc::UnboundedSender<()>,
    /// Its other end is dropped when it is time to leave.
    leave: watch::Receiver<()>,
}

impl Client {
    async fn run(self) -> Result<(), Failure> {
        let number = self.number;
        self.live()
            .await
            .map_err(|failure| format!("client {number}: {failure}").into())
    }

    async fn live(mut self) -> Result<(), Failure> {
        let mut socket = Socket::connect(self.address, self.app.token().key()).await?;
        self.join(&mut socket).await?;
        let _ = self.report.send(());

        for (place, event) in self.events.iter().enumerate() {
            let arrived = socket.next().await.map_err(|failure| {
                let total = self.events.len();
                format!("{place} of {total} events arrived, and then: {failure}")
            })?;
            arrived.must_be(event)?;
        }
        let _ = self.report.send(());

        // An event that came twice would come here.
        tokio::select! {
            extra = socket.next() => return Err(format!("one too many: {:?}", extra?).into()),
            _ = self.leave.changed() => {}
        }
        socket.leave().await
    }

    async fn join(&self, socket: &mut Socket) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Established {
            socket_id: SocketId,
        }

        let Established { socket_id } = socket
            .next()
            .await?
            .data_of("pusher:connection_established")?;
        let member = PresenceMember::new(format!("user-{}", self.number))
            .info(json!({"name": format!("User {}", self.number)}))?;
        let channel = ChannelName::new(CHANNEL)?;
        let auth = self
            .app
            .authorize_presence_channel(&socket_id, &channel, member)?;
        socket
            .send(&json!({
                "event": "pusher:subscribe",
                "data": {
                    "channel": channel,
                    "auth": auth.auth(),
                    "channel_data": auth.channel_data(),
                },
            }))
            .await?;
        socket
            .next()
            .await?
            .data_of("pusher_internal:subscription_succeeded")
            .map(|_: serde_json::Value| ())
    }
}

#[derive(Debug, Deserialize)]
struct Frame {
    event: String,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    data: Option<String>,
}

impl Frame {
    fn must_be(&self, event: &Event) -> Result<(), Failure> {
        let is_it = self.event == event.name()
            && self.channel.as_deref() == Some(CHANNEL)
            && self.data.as_deref() == Some(event.data().as_str());
        if is_it {
            return Ok(());
        }
        Err(format!("{} was due, and this came: {self:?}", event.data()).into())
    }

    fn data_of<T: DeserializeOwned>(&self, event: &str) -> Result<T, Failure> {
        if self.event != event {
            return Err(format!("{event} was due, and this came: {self:?}").into());
        }
        Ok(serde_json::from_str(
            self.data.as_deref().unwrap_or_default(),
        )?)
    }
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn connect(address: SocketAddr, key: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        let url = format!("ws://{address}/app/{key}?protocol=7&client=local_load&version=1");
        // The default of 128 KiB for each client would be most of the memory that is looked at.
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    /// The next message, but for those that tell of other members, and pings, which are answered.
    async fn next(&mut self) -> Result<Frame, Failure> {
        loop {
            let text = match timeout(PATIENCE, self.0.next()).await? {
                Some(message) => message?.into_text()?,
                None => return Err("the server has closed the connection".into()),
            };
            let frame: Frame =
                serde_json::from_str(&text).map_err(|error| format!("{error} in {text:?}"))?;
            match frame.event.as_str() {
                "pusher_internal:member_added" | "pusher_internal:member_removed" => {}
                "pusher:ping" => self.send(&json!({"event": "pusher:pong"})).await?,
                _ => return Ok(frame),
            }
        }
    }

    async fn send(&mut self, message: &serde_json::Value) -> Result<(), Failure> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    /// Says goodbye, and waits until the server has let go.
    async fn leave(mut self) -> Result<(), Failure> {
        self.0.close(None).await?;
        let rest = async { while let Some(Ok(_)) = self.0.next().await {} };
        Ok(timeout(PATIENCE, rest).await?)
    }
}

/// Resident memory in KiB, where the system tells it.
#[derive(Clone, Copy)]
struct Memory(Option<u32>);

impl Memory {
    fn now() -> Self {
        let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Self(line.and_then(|line| line.split_whitespace().next()?.parse().ok()))
    }
}

impl Display for Memory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.0 {
            Some(kib) => format!("{:.1}", f64::from(kib) / 1024.0).fmt(f),
            None => "?".fmt(f),
        }
    }
}

/// Of one round: its times, and its memory before the sockets, with them, after the events and
/// after they left.
struct Figures {
    joining: Duration,
    triggering: Duration,
    delivering: Duration,
    leaving: Duration,
    deliveries: usize,
    memory: [Memory; 4],
}

const HEADINGS: [&str; 2] = [
    "       |             seconds              | deliveries |      resident memory in MiB",
    " round |  join  trigger  deliver   leave  |  a second  |  before  sockets   events     left",
];

impl Figures {
    fn row(&self, round: usize) -> String {
        let [before, sockets, events, left] = self.memory;
        #[allow(clippy::cast_precision_loss)] // A rate for people to read.
        let rate = self.deliveries as f64 / self.delivering.as_secs_f64();
        format!(
            " {round:>5} | {:>5.1} {:>8.1} {:>8.1} {:>7.1}  | {rate:>10.0} | {before:>7} {sockets:>8} {events:>8} {left:>8}",
            self.joining.as_secs_f64(),
            self.triggering.as_secs_f64(),
            self.delivering.as_secs_f64(),
            self.leaving.as_secs_f64(),
        )
    }
}
