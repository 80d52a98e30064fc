//! A proxy that passes requests and answers on, byte by byte, and breaks some of them.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::fate::{Fate, Fates};
use super::service::channels_of;
use crate::listening::Listening;
use crate::request::{Request, body_of};
use crate::table::answer;

pub struct Proxy(Listening);

impl Proxy {
    pub fn start(service: SocketAddr, fates: Arc<Fates>) -> Self {
        Self(Listening::start(move |client, number| {
            let fates = fates.clone();
            async move {
                match fates.of_connection(number) {
                    Some(Fate::ResetAtOnce) => client.set_zero_linger().unwrap(),
                    Some(_) => {}
                    None => pass(client, service, &fates).await,
                }
            }
        }))
    }

    pub fn address(&self) -> SocketAddr {
        self.0.address()
    }

    pub async fn end(self) {
        self.0.end().await;
    }
}

/// Passes on what comes on one connection of a client, until that is closed or broken.
async fn pass(mut client: TcpStream, service: SocketAddr, fates: &Fates) {
    let mut service = TcpStream::connect(service).await.unwrap();
    while let Some(request) = read_message(&mut client).await {
        let (read, _) = Request::read(&request).unwrap();
        let fate = fates.of_request(&channels_of(&read)[0]);
        let answered = match fate {
            Fate::ClosedBefore => return,
            Fate::ResetBefore => return client.set_zero_linger().unwrap(),
            Fate::Lost => return until_it_leaves(&mut client).await,
            Fate::Late => {
                until_it_leaves(&mut client).await;
                forward(&mut service, &request).await;
                return;
            }
            Fate::Unavailable => answer("503 Busy\r\nretry-after: 0", "the proxy is busy"),
            Fate::TooMany => answer("429 Too Many Requests", "the proxy counts"),
            _ => forward(&mut service, &request).await,
        };
        let passed_on = match fate {
            Fate::ClosedAfter => return,
            Fate::ResetAfter => return client.set_zero_linger().unwrap(),
            Fate::NoAnswer => return until_it_leaves(&mut client).await,
            Fate::HalfAnAnswer => &answered[..answered.len() / 2],
            Fate::BadGateway => &answer("502 Bad Gateway", "<html>nginx</html>"),
            _ => &answered,
        };
        if client.write_all(passed_on).await.is_err() || fate == Fate::HalfAnAnswer {
            return;
        }
    }
}

async fn forward(service: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    service.write_all(request).await.unwrap();
    read_message(service).await.expect("the service answers")
}

/// The bytes of one request or answer; `None` where the peer leaves before its end.
async fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while body_of(&bytes).is_none() {
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            return None;
        }
    }
    Some(bytes)
}

async fn until_it_leaves(client: &mut TcpStream) {
    while matches!(client.read(&mut [0; 1_024]).await, Ok(1..)) {}
}
