//! A peer on a TCP port that plays a script: raw bytes, no HTTP library.

use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use pusher_http::{Pusher, PusherBuilder};
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::common::{KEY, SECRET};
use crate::connection::Connection;
use crate::request::Request;
use crate::resolver::Resolver;

/// Longer than anything here takes on the busiest machine.
pub const TOO_LONG: Duration = Duration::from_secs(60);

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
    address: SocketAddr,
    resolver: Resolver,
    shared: Arc<Shared>,
    task: JoinHandle<()>,
}

pub struct Shared {
    scripts: Vec<Script>,
    begun: AtomicUsize,
    exchanges: watch::Sender<Vec<Exchange>>,
    last: watch::Sender<Option<SocketAddr>>,
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
        let mut last = self.last.subscribe();
        last.wait_for(Option::is_some).await.unwrap();
    }

    pub fn record(&self, number: usize, change: impl FnOnce(&mut Exchange)) {
        self.exchanges
            .send_modify(|exchanges| change(&mut exchanges[number]));
    }
}

impl Peer {
    pub fn start(scripts: Vec<Script>) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        // Small, so that the counts are of what the client takes and not of what the kernel holds.
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(64).unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared {
            scripts,
            begun: AtomicUsize::new(0),
            exchanges: watch::Sender::default(),
            last: watch::Sender::default(),
        });
        Self {
            address,
            resolver: Resolver::to(address),
            task: tokio::spawn(accept(listener, shared.clone())),
            shared,
        }
    }

    /// A peer that plays one script in every exchange.
    pub fn playing(script: impl Into<Script>) -> Self {
        Self::start(vec![script.into()])
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// A client of the peer, that tries again almost at once.
    pub fn builder(&self) -> PusherBuilder {
        self.resolver.builder()
    }

    /// How many connections the client began to make.
    pub fn lookups(&self) -> usize {
        self.resolver.lookups()
    }

    /// Waits until the exchanges are so.
    pub async fn until(&self, are_so: impl FnMut(&Vec<Exchange>) -> bool) {
        let mut exchanges = self.shared.exchanges.subscribe();
        tokio::time::timeout(TOO_LONG, exchanges.wait_for(are_so))
            .await
            .expect("it comes to that")
            .unwrap();
    }

    /// All exchanges, once the client is gone: nothing that it began can come later than this.
    pub async fn finish(self, client: Pusher) -> Vec<Exchange> {
        drop(client);
        // Connections are accepted in the order in which they are made, and this one is the last.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        self.shared
            .last
            .send_replace(Some(socket.local_addr().unwrap()));
        let last = socket.connect(self.address).await.unwrap();
        tokio::time::timeout(TOO_LONG, self.task)
            .await
            .expect("no connection stays")
            .unwrap();
        drop(last);
        self.shared.exchanges.send_replace(Vec::new())
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    for number in 0.. {
        let (stream, from) = listener.accept().await.unwrap();
        if *shared.last.borrow() == Some(from) {
            break;
        }
        connections.spawn(serve(stream, number, shared.clone()));
    }
    while let Some(ended) = connections.join_next().await {
        ended.unwrap();
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

/// A client that finds its service by `resolver`, and tries again almost at once.
impl Resolver {
    pub fn builder(&self) -> PusherBuilder {
        Pusher::builder("3", KEY, SECRET)
            .host("peer.test")
            .tls(false)
            .no_proxy()
            .timeout(TOO_LONG)
            .retry(quick(pusher_http::RetryPolicy::default()))
            .reqwest_client_builder(reqwest::Client::builder().dns_resolver(self.clone()))
    }
}

/// A policy whose own waits take no time.
pub fn quick(policy: pusher_http::RetryPolicy) -> pusher_http::RetryPolicy {
    policy.base_delay(Duration::from_millis(1))
}
