//! A listener whose shutdown waits for the end of all its connections.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::watch;
use tokio::task::{JoinHandle, JoinSet};

use crate::peer::TOO_LONG;

pub struct TestListener {
    address: SocketAddr,
    last: watch::Sender<Option<SocketAddr>>,
    task: JoinHandle<()>,
}

impl TestListener {
    /// Serves each connection in its own task. Connections are numbered from 0.
    pub fn start<F>(serve: impl Fn(TcpStream, usize) -> F + Send + 'static) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let socket = TcpSocket::new_v4().unwrap();
        // Small buffers, so that byte counts are close to what the client reads.
        socket.set_recv_buffer_size(64 * 1024).unwrap();
        socket.set_send_buffer_size(64 * 1024).unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(1_024).unwrap();
        let (last, is_last) = watch::channel(None);
        Self {
            address: listener.local_addr().unwrap(),
            last,
            task: tokio::spawn(accept(listener, is_last, serve)),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until every connection made so far has ended. All clients must be dropped first.
    pub async fn end(self) {
        // Connections are accepted in the order in which they are made, so this one is the last.
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        self.last.send_replace(Some(socket.local_addr().unwrap()));
        let _last = socket.connect(self.address).await.unwrap();
        tokio::time::timeout(TOO_LONG, self.task)
            .await
            .expect("no connection stays")
            .unwrap();
    }
}

async fn accept<F>(
    listener: TcpListener,
    last: watch::Receiver<Option<SocketAddr>>,
    serve: impl Fn(TcpStream, usize) -> F,
) where
    F: Future<Output = ()> + Send + 'static,
{
    let mut connections = JoinSet::new();
    for number in 0.. {
        let (stream, from) = listener.accept().await.unwrap();
        if *last.borrow() == Some(from) {
            break;
        }
        connections.spawn(serve(stream, number));
    }
    while let Some(ended) = connections.join_next().await {
        ended.unwrap();
    }
}
