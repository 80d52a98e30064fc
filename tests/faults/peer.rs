//! A peer on a TCP port that plays a script: raw bytes, no HTTP library.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use pusher_http::{Builder, Pusher, RetryPolicy};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use crate::connection::Connection;
use crate::listening::Listening;
use crate::request::Request;
use crate::resolver::Resolver;
use crate::under::Under;

/// Longer than anything here takes on the busiest machine.
pub const TOO_LONG: Duration = Duration::from_secs(120);

/// What the peer does next. After the last step it closes the connection.
#[derive(Clone)]
pub enum Step {
    /// Waits for a request's first byte, and takes nothing of it.
    Await,
    /// Takes this many bytes of a request, and no more.
    Take(usize),
    /// Takes one whole request.
    TakeRequest,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends what is made of the request.
    Answer(fn(&Request) -> Vec<u8>),
    /// Sends these bytes over and over, with a pause each time, until the client leaves.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes over and over, as fast as it goes, until the client leaves.
    Flood(Vec<u8>),
    /// Sends no more, and is still there.
    Finish,
    /// Takes whatever comes until the client leaves.
    AwaitClose,
    /// Neither takes nor sends anything until the test is over.
    Hold,
    /// Neither takes nor sends anything until the test says so.
    Until(Arc<Notify>),
    /// Cuts the connection off (RST).
    Reset,
    /// The next exchange is on the same connection.
    Keep,
}

pub type Script = Vec<Step>;

/// One request, or what there was of it, and one answer.
#[derive(Default, Clone)]
pub struct Exchange {
    /// The number of the connection, from 0.
    pub connection: usize,
    /// What was read, whole or not.
    pub received: Vec<u8>,
    /// The request, where it was read whole.
    pub request: Option<Request>,
    /// The beginning of the answer, up to its status.
    pub answer: Vec<u8>,
    /// How many bytes of the answer the peer could write.
    pub sent: usize,
    /// The client was seen to leave.
    pub is_left: bool,
}

/// Without what was sent, which is long.
impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("connection", &self.connection)
            .field("received", &self.received.len())
            .field("is_whole", &self.request.is_some())
            .field("sent", &self.sent)
            .field("is_left", &self.is_left)
            .finish_non_exhaustive()
    }
}

/// A peer that plays one script after the other, one for each exchange; the last one again and
/// again.
pub struct Peer {
    listening: Listening,
    resolver: Resolver,
    shared: Arc<Shared>,
}

pub struct Shared {
    scripts: Vec<Script>,
    begun: AtomicUsize,
    exchanges: watch::Sender<Vec<Exchange>>,
    over: watch::Sender<bool>,
}

impl Shared {
    /// Begins an exchange: its number and its script.
    pub fn begin(&self, connection: usize) -> (usize, &Script) {
        let number = self.begun.fetch_add(1, SeqCst);
        self.exchanges.send_modify(|exchanges| {
            exchanges.resize_with(exchanges.len().max(number + 1), Exchange::default);
            exchanges[number].connection = connection;
        });
        let script = self.scripts.get(number).or(self.scripts.last());
        (number, script.expect("a script"))
    }

    /// Waits until the test is over.
    pub async fn over(&self) {
        let mut over = self.over.subscribe();
        over.wait_for(|is_over| *is_over).await.unwrap();
    }

    pub fn record(&self, number: usize, change: impl FnOnce(&mut Exchange)) {
        self.exchanges
            .send_modify(|exchanges| change(&mut exchanges[number]));
    }
}

impl Peer {
    pub fn start(scripts: Vec<Script>) -> Self {
        let shared = Arc::new(Shared {
            scripts,
            begun: AtomicUsize::new(0),
            exchanges: watch::Sender::default(),
            over: watch::Sender::default(),
        });
        let peer = shared.clone();
        let listening = Listening::start(move |stream, number| serve(stream, number, peer.clone()));
        Self {
            resolver: Resolver::to(listening.address()),
            listening,
            shared,
        }
    }

    /// A peer that plays one script in every exchange.
    pub fn playing(script: impl Into<Script>) -> Self {
        Self::start(vec![script.into()])
    }

    pub fn address(&self) -> SocketAddr {
        self.listening.address()
    }

    /// A client of the peer, that tries again almost at once.
    pub fn builder(&self, under: Under) -> Builder {
        self.resolver.builder(under)
    }

    /// How often a client began to connect.
    pub fn begun(&self) -> usize {
        self.resolver.begun()
    }

    /// Waits until the exchanges are so.
    pub async fn until(&self, are_so: impl FnMut(&Vec<Exchange>) -> bool) {
        let mut exchanges = self.shared.exchanges.subscribe();
        tokio::time::timeout(TOO_LONG, exchanges.wait_for(are_so))
            .await
            .expect("it comes to that")
            .unwrap();
    }

    /// All exchanges, once the client is gone.
    pub async fn finish(self, client: Pusher) -> Vec<Exchange> {
        drop(client);
        self.end().await
    }

    /// All exchanges with clients that are gone: nothing that they began can come later than this.
    pub async fn end(self) -> Vec<Exchange> {
        self.shared.over.send_replace(true);
        self.listening.end().await;
        self.shared.exchanges.send_replace(Vec::new())
    }
}

async fn serve(stream: TcpStream, number: usize, shared: Arc<Shared>) {
    let mut connection = Connection::new(stream, number, &shared);
    while connection.play().await {
        if !connection.has_more().await {
            break;
        }
    }
}

/// A policy whose own waits take no time.
pub fn quick(policy: RetryPolicy) -> RetryPolicy {
    policy.base_delay(Duration::from_millis(1))
}
