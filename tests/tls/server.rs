//! A TLS server that records the result of each connection.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;

use crate::certificates::Identity;

/// The result of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// The TLS handshake failed, so no bytes were received.
    Nothing,
    /// The bytes that were received in TLS.
    Bytes(String),
}

/// The server's action after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Then {
    /// Sends these bytes, and closes TLS properly.
    Sends(&'static str),
    /// Sends these bytes, and closes the connection without ending TLS.
    TruncatesAfter(&'static str),
}

pub struct Server {
    pub address: SocketAddr,
    came: watch::Receiver<Vec<Came>>,
    task: JoinHandle<()>,
}

impl Server {
    pub async fn start(identity: &Identity, then: Then) -> Self {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(identity.chain.clone(), identity.key.clone_key())
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (sender, came) = watch::channel(Vec::new());
        let task = tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let one = serve(&acceptor, stream, then).await;
                sender.send_modify(|came| came.push(one));
            }
        });
        Self {
            address,
            came,
            task,
        }
    }

    /// Returns the results of the connections, once there are this many.
    pub async fn came(mut self, connections: usize) -> Vec<Came> {
        let came = self.came.wait_for(|came| came.len() >= connections).await;
        came.unwrap().clone()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn serve(acceptor: &TlsAcceptor, stream: TcpStream, then: Then) -> Came {
    let Ok(mut stream) = acceptor.accept(stream).await else {
        return Came::Nothing;
    };
    let mut bytes = Vec::new();
    // Every request here ends like this.
    while !(bytes.ends_with(b"}") || bytes.ends_with(b"\r\n\r\n") && bytes.starts_with(b"GET ")) {
        if !matches!(stream.read_buf(&mut bytes).await, Ok(1..)) {
            break;
        }
    }
    // Ignores errors, because the client may have disconnected.
    let (Then::Sends(response) | Then::TruncatesAfter(response)) = then;
    let _ = stream.write_all(response.as_bytes()).await;
    let _ = stream.flush().await;
    if let Then::Sends(_) = then {
        let _ = stream.shutdown().await;
    }
    Came::Bytes(String::from_utf8(bytes).unwrap())
}
