//! One connection of the peer, which plays the script.

use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::peer::{Shared, Step};
use crate::request::Request;

/// The largest number of bytes in one read.
const READ: usize = 16 * 1024;

/// The position in a response at which the status ends.
const STATUS_END: usize = "HTTP/1.1 200".len();

/// The client has disconnected.
struct Left;

pub struct Connection<'a> {
    stream: TcpStream,
    number: usize,
    exchange: usize,
    /// The bytes that were read in this exchange.
    received: Vec<u8>,
    request: Option<Request>,
    shared: &'a Shared,
}

impl<'a> Connection<'a> {
    pub fn new(stream: TcpStream, number: usize, shared: &'a Shared) -> Self {
        Self {
            stream,
            number,
            exchange: 0,
            received: Vec::new(),
            request: None,
            shared,
        }
    }

    /// Returns whether the client sends more bytes, rather than disconnects.
    pub async fn has_more(&mut self) -> bool {
        self.stream.peek(&mut [0]).await.is_ok_and(|read| read > 0)
    }

    /// Plays the next exchange, and returns whether the connection can be used for another one.
    pub async fn play(&mut self) -> bool {
        let (exchange, script) = self.shared.begin(self.number);
        self.exchange = exchange;
        self.received.clear();
        self.request = None;
        for step in script {
            if let Err(Left) = self.step(step).await {
                self.shared.record(exchange, |it| it.is_left = true);
                return false;
            }
        }
        matches!(script.last(), Some(Step::Keep))
    }

    async fn step(&mut self, step: &Step) -> Result<(), Left> {
        match step {
            Step::Await => {
                if !self.has_more().await {
                    return Err(Left);
                }
            }
            Step::Take(count) => {
                while self.received.len() < *count {
                    self.read(count - self.received.len()).await?;
                }
            }
            Step::TakeRequest => self.take_request().await?,
            Step::Send(bytes) => self.send(bytes).await?,
            Step::Respond(make) => {
                let response = make(self.request.as_ref().expect("a request was taken"));
                self.send(&response).await?;
            }
            Step::Drip(bytes, pause) => self.drip(bytes, *pause).await?,
            Step::Flood(bytes) => loop {
                self.send(bytes).await?;
                // The client may run on the same thread: let it read.
                tokio::task::yield_now().await;
            },
            Step::Finish => self.stream.shutdown().await.map_err(|_| Left)?,
            Step::AwaitClose => loop {
                self.read(READ).await?;
            },
            Step::Hold => self.shared.over().await,
            Step::Until(signal) => signal.notified().await,
            Step::Reset => self.stream.set_zero_linger().unwrap(),
            Step::Keep => {}
        }
        Ok(())
    }

    async fn take_request(&mut self) -> Result<(), Left> {
        loop {
            if let Some((request, length)) = Request::read(&self.received) {
                assert_eq!(length, self.received.len(), "one request at a time");
                self.request = Some(request.clone());
                self.shared
                    .record(self.exchange, |it| it.request = Some(request));
                return Ok(());
            }
            self.read(READ).await?;
        }
    }

    async fn read(&mut self, most: usize) -> Result<(), Left> {
        let mut bytes = vec![0; most.min(READ)];
        match self.stream.read(&mut bytes).await {
            Ok(0) | Err(_) => Err(Left),
            Ok(count) => {
                let bytes = &bytes[..count];
                self.received.extend_from_slice(bytes);
                self.shared
                    .record(self.exchange, |it| it.received.extend_from_slice(bytes));
                Ok(())
            }
        }
    }

    async fn send(&mut self, mut bytes: &[u8]) -> Result<(), Left> {
        while !bytes.is_empty() {
            let count = self.stream.write(bytes).await.map_err(|_| Left)?;
            let (written, rest) = bytes.split_at(count);
            self.shared.record(self.exchange, |it| {
                let missing = STATUS_END.saturating_sub(it.response.len());
                it.response.extend(written.iter().take(missing));
                it.sent += count;
            });
            bytes = rest;
        }
        Ok(())
    }

    async fn drip(&mut self, bytes: &[u8], pause: Duration) -> Result<(), Left> {
        loop {
            self.send(bytes).await?;
            tokio::select! {
                // The client sends nothing more; a read only reports that it disconnects.
                read = self.read(READ) => read?,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}
