//! A peer on a TCP port that plays a script of raw bytes, without an HTTP library.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use pusher_http::{Builder, Pusher, RetryPolicy};
use tokio::net::TcpStream;
use tokio::sync::{Notify, watch};

use crate::connection::Connection;
use crate::http_clients::ClientKind;
use crate::listener::TestListener;
use crate::request::Request;
use crate::resolver::Resolver;

/// Longer than any step of these tests takes, even on a very busy machine.
pub const TOO_LONG: Duration = Duration::from_secs(120);

/// One step of the peer's script. After the last step, the peer closes the connection.
#[derive(Clone)]
pub enum Step {
    /// Waits for the first byte of a request without reading it.
    Await,
    /// Reads this many bytes of a request, and no more.
    Take(usize),
    /// Reads one whole request.
    TakeRequest,
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends a response that is built from the request.
    Respond(fn(&Request) -> Vec<u8>),
    /// Sends these bytes repeatedly, with a pause each time, until the client disconnects.
    Drip(Vec<u8>, Duration),
    /// Sends these bytes repeatedly, as fast as possible, until the client disconnects.
    Flood(Vec<u8>),
    /// Shuts down the sending side, and keeps the connection open.
    Finish,
    /// Reads everything until the client disconnects.
    AwaitClose,
    /// Neither reads nor sends anything until the test is over.
    Hold,
    /// Neither reads nor sends anything until the test gives the signal.
    Until(Arc<Notify>),
    /// Resets the connection (RST).
    Reset,
    /// Keeps the connection open for the next exchange.
    Keep,
}

pub type Script = Vec<Step>;

/// One request, whole or partial, and one response.
#[derive(Default, Clone)]
pub struct Exchange {
    /// The number of the connection, starting at 0.
    pub connection: usize,
    /// The bytes that were read, even if the request was not complete.
    pub received: Vec<u8>,
    /// The request, if it was read completely.
    pub request: Option<Request>,
    /// The beginning of the response, up to its status.
    pub response: Vec<u8>,
    /// How many bytes of the response the peer could write.
    pub sent: usize,
    /// Whether the peer saw the client disconnect.
    pub is_left: bool,
}

/// Omits the bytes of the exchange, because they are long.
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

/// A peer that plays one script for each exchange, in order. The last script is repeated.
pub struct Peer {
    listener: TestListener,
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
    /// Begins an exchange, and returns its number and its script.
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
        let listener =
            TestListener::start(move |stream, number| serve(stream, number, peer.clone()));
        Self {
            resolver: Resolver::to(listener.address()),
            listener,
            shared,
        }
    }

    /// Starts a peer that plays the same script in every exchange.
    pub fn playing(script: impl Into<Script>) -> Self {
        Self::start(vec![script.into()])
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Returns a builder for a client of the peer that retries almost immediately.
    pub fn builder(&self, under: ClientKind) -> Builder {
        self.resolver.builder(under)
    }

    /// Returns how many times a client began to connect.
    pub fn begun(&self) -> usize {
        self.resolver.begun()
    }

    /// Waits until the exchanges satisfy the condition.
    pub async fn until(&self, condition: impl FnMut(&Vec<Exchange>) -> bool) {
        let mut exchanges = self.shared.exchanges.subscribe();
        tokio::time::timeout(TOO_LONG, exchanges.wait_for(condition))
            .await
            .expect("it comes to that")
            .unwrap();
    }

    /// Drops the client, and returns all exchanges.
    pub async fn finish(self, client: Pusher) -> Vec<Exchange> {
        drop(client);
        self.end().await
    }

    /// Returns all exchanges. All clients must be dropped: then nothing that they began can arrive
    /// later.
    pub async fn end(self) -> Vec<Exchange> {
        self.shared.over.send_replace(true);
        self.listener.end().await;
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

/// Changes a policy so that its own delays take almost no time.
pub fn quick(policy: RetryPolicy) -> RetryPolicy {
    policy.base_delay(Duration::from_millis(1))
}
