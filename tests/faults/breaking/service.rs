//! A minimal service without faults: it checks each request, counts the events that it accepts,
//! and responds with success.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::listener::TestListener;
use crate::request::Request;
use crate::table::response;

/// The number of times an event was accepted, by its channel.
type Received = Arc<Mutex<HashMap<String, usize>>>;

pub struct Service {
    listener: TestListener,
    received: Received,
}

impl Service {
    pub fn start() -> Self {
        let received = Received::default();
        let shared = received.clone();
        Self {
            listener: TestListener::start(move |stream, _| serve(stream, shared.clone())),
            received,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    pub async fn end(self) -> HashMap<String, usize> {
        self.listener.end().await;
        std::mem::take(&mut self.received.lock().unwrap())
    }
}

async fn serve(mut stream: TcpStream, received: Received) {
    while let Some(request) = read_request(&mut stream).await {
        request.assert_is_signed();
        let channels = channels_of(&request);
        if request.method == "POST" {
            let mut received = received.lock().unwrap();
            for channel in &channels {
                *received.entry(channel.clone()).or_default() += 1;
            }
        }
        let body = match &channels[..] {
            [prefix] if request.method == "GET" => {
                format!("{{\"channels\":{{\"{prefix}found\":{{}}}}}}")
            }
            _ => "{}".to_owned(),
        };
        if stream.write_all(&response("200 OK", &body)).await.is_err() {
            break;
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Request> {
    let mut bytes = Vec::new();
    loop {
        if let Some((request, _)) = Request::read(&bytes) {
            return Some(request);
        }
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            return None;
        }
    }
}

/// Returns the channels of a request's events, or the prefix of a query.
pub fn channels_of(request: &Request) -> Vec<String> {
    if request.method == "GET" {
        return vec![request.query("filter_by_prefix")];
    }
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    if let Some(channels) = body["channels"].as_array() {
        return channels.iter().map(text).collect();
    }
    let events = body["batch"].as_array().unwrap();
    events.iter().map(|event| text(&event["channel"])).collect()
}
