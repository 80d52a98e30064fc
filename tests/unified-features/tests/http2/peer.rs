//! A TLS server that accepts HTTP/2 and HTTP/1.1. It responds to the first request of a connection,
//! and is silent from then on.

use std::net::SocketAddr;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::aws_lc_rs;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;
use tokio_rustls::rustls::server::Acceptor;

const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";

#[derive(Debug, Clone, Default)]
pub struct Connection {
    /// The protocols that the client offered by ALPN.
    pub offered: Vec<String>,
    /// The protocol that was negotiated.
    pub negotiated: Option<String>,
    /// The bytes that the client sent inside TLS.
    pub received: Vec<u8>,
}

pub struct Peer {
    pub address: SocketAddr,
    /// The self-signed certificate for 127.0.0.1, in DER.
    pub certificate: Vec<u8>,
    connections: watch::Receiver<Vec<Connection>>,
    task: JoinHandle<()>,
}

impl Peer {
    pub async fn start() -> Self {
        let CertifiedKey { cert, signing_key } =
            generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
        let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
        let mut config =
            ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
                .with_safe_default_protocol_versions()
                .unwrap()
                .with_no_client_auth()
                .with_single_cert(vec![cert.der().clone()], key)
                .unwrap();
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (recorded, connections) = watch::channel(Vec::new());
        Self {
            address,
            certificate: cert.der().to_vec(),
            connections,
            task: tokio::spawn(accept(listener, Arc::new(config), recorded)),
        }
    }

    /// Returns the connections so far, oldest first.
    pub fn connections(&self) -> Vec<Connection> {
        self.connections.borrow().clone()
    }

    /// Waits until the connections satisfy the condition.
    pub async fn until(&self, condition: impl FnMut(&Vec<Connection>) -> bool) {
        self.connections.clone().wait_for(condition).await.unwrap();
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Recorded = watch::Sender<Vec<Connection>>;

async fn accept(listener: TcpListener, config: Arc<ServerConfig>, recorded: Recorded) {
    // All connections end with this task.
    let mut serving = JoinSet::new();
    for number in 0.. {
        let (stream, _) = listener.accept().await.unwrap();
        recorded.send_modify(|connections| connections.push(Connection::default()));
        serving.spawn(serve(stream, number, config.clone(), recorded.clone()));
    }
}

async fn serve(stream: TcpStream, number: usize, config: Arc<ServerConfig>, recorded: Recorded) {
    let record = |change: &dyn Fn(&mut Connection)| {
        recorded.send_modify(|connections| change(&mut connections[number]));
    };
    let text = |protocol: &[u8]| String::from_utf8(protocol.to_vec()).unwrap();

    let handshake = LazyConfigAcceptor::new(Acceptor::default(), stream);
    let handshake = handshake.await.unwrap();
    let offered = handshake.client_hello().alpn();
    let offered: Vec<_> = offered.into_iter().flatten().map(text).collect();
    record(&|connection| connection.offered.clone_from(&offered));
    let Ok(mut stream) = handshake.into_stream(config).await else {
        return; // The client does not trust the certificate.
    };
    let negotiated = stream.get_ref().1.alpn_protocol().map(text);
    record(&|connection| connection.negotiated.clone_from(&negotiated));

    let mut received = Vec::new();
    let mut is_silent = false;
    while let Ok(1..) = stream.read_buf(&mut received).await {
        record(&|connection| connection.received.clone_from(&received));
        // The body of every request here ends like this.
        if !is_silent && received.ends_with(b"}") {
            is_silent = true;
            stream.write_all(RESPONSE).await.unwrap();
            stream.flush().await.unwrap();
        }
    }
}
