//! A proxy that forwards requests and responses unchanged, and breaks some of them.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::fault::{Fault, Faults};
use super::service::channels_of;
use crate::listener::TestListener;
use crate::request::{Request, body_of};
use crate::table::response;

pub struct Proxy(TestListener);

impl Proxy {
    pub fn start(service: SocketAddr, faults: Arc<Faults>) -> Self {
        Self(TestListener::start(move |client, number| {
            let faults = faults.clone();
            async move {
                match faults.of_connection(number) {
                    Some(Fault::ResetAtOnce) => client.set_zero_linger().unwrap(),
                    Some(_) => {}
                    None => proxy_connection(client, service, &faults).await,
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

/// Forwards the requests of one client connection, until it is closed or broken.
async fn proxy_connection(mut client: TcpStream, service: SocketAddr, faults: &Faults) {
    let mut service = TcpStream::connect(service).await.unwrap();
    while let Some(request) = read_message(&mut client).await {
        let (read, _) = Request::read(&request).unwrap();
        let fault = faults.of_request(&channels_of(&read)[0]);
        let service_response = match fault {
            Fault::ClosedBefore => return,
            Fault::ResetBefore => return client.set_zero_linger().unwrap(),
            Fault::Lost => return wait_for_disconnect(&mut client).await,
            Fault::Late => {
                wait_for_disconnect(&mut client).await;
                forward(&mut service, &request).await;
                return;
            }
            Fault::Unavailable => response("503 Busy\r\nretry-after: 0", "the proxy is busy"),
            Fault::TooMany => response("429 Too Many Requests", "the proxy counts"),
            _ => forward(&mut service, &request).await,
        };
        let forwarded = match fault {
            Fault::ClosedAfter => return,
            Fault::ResetAfter => return client.set_zero_linger().unwrap(),
            Fault::NoResponse => return wait_for_disconnect(&mut client).await,
            Fault::HalfResponse => &service_response[..service_response.len() / 2],
            Fault::BadGateway => &response("502 Bad Gateway", "<html>nginx</html>"),
            _ => &service_response,
        };
        if client.write_all(forwarded).await.is_err() || fault == Fault::HalfResponse {
            return;
        }
    }
}

async fn forward(service: &mut TcpStream, request: &[u8]) -> Vec<u8> {
    service.write_all(request).await.unwrap();
    read_message(service).await.expect("the service answers")
}

/// Reads one request or response. Returns `None` if the peer disconnects before its end.
async fn read_message(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    while body_of(&bytes).is_none() {
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            return None;
        }
    }
    Some(bytes)
}

async fn wait_for_disconnect(client: &mut TcpStream) {
    while matches!(client.read(&mut [0; 1_024]).await, Ok(1..)) {}
}
