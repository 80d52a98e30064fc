//! Connections that can be broken in the middle of an exchange, and that end with their server.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;

/// How long a client may go on writing after the close of its WebSocket.
const LINGERS: Duration = Duration::from_secs(1);
/// How long the client may be silent then.
const SILENCE: Duration = Duration::from_millis(100);

/// Held by each running part of a server. When the last one is dropped, all have ended.
pub(super) type Alive = mpsc::Sender<Infallible>;

/// Breaks the connection of a request.
#[derive(Clone)]
pub(super) struct Abort(Arc<Fate>);

struct Fate {
    is_aborted: AtomicBool,
    is_websocket: AtomicBool,
    _alive: Alive,
}

impl Abort {
    /// Stops all writing: the attempt to respond ends the connection.
    pub(super) fn now(&self) {
        self.0.is_aborted.store(true, Ordering::Release);
    }

    /// Marks the connection as a WebSocket, which ends with the server by a close code.
    pub(super) fn becomes_websocket(&self) {
        self.0.is_websocket.store(true, Ordering::Release);
    }
}

pub(super) struct AbortableListener {
    pub(super) listener: TcpListener,
    /// Changes when the server ends.
    pub(super) gone: watch::Receiver<()>,
    pub(super) alive: Alive,
}

pub(super) struct AbortableStream {
    /// `Some` until this is dropped.
    stream: Option<TcpStream>,
    abort: Abort,
    /// `Some` until the server has ended.
    gone: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
}

impl Listener for AbortableListener {
    type Io = AbortableStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (AbortableStream, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.listener).await;
        // An event is a small message, and the next one may have to wait for it.
        let _ = stream.set_nodelay(true);
        let fate = Fate {
            is_aborted: AtomicBool::new(false),
            is_websocket: AtomicBool::new(false),
            _alive: self.alive.clone(),
        };
        let mut gone = self.gone.clone();
        let stream = AbortableStream {
            stream: Some(stream),
            abort: Abort(Arc::new(fate)),
            gone: Some(Box::pin(async move {
                // An error also means that the server has ended.
                let _ = gone.changed().await;
            })),
        };
        (stream, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }
}

impl Connected<IncomingStream<'_, AbortableListener>> for Abort {
    fn connect_info(incoming: IncomingStream<'_, AbortableListener>) -> Self {
        incoming.io().abort.clone()
    }
}

impl AbortableStream {
    /// Whether this connection has to end because the server has ended.
    ///
    /// If not, the task is woken when the server ends.
    fn has_ended(&mut self, context: &mut Context<'_>) -> bool {
        if self.abort.0.is_websocket.load(Ordering::Acquire) {
            return false;
        }
        if let Some(gone) = &mut self.gone
            && gone.as_mut().poll(context).is_ready()
        {
            self.gone = None;
        }
        self.gone.is_none()
    }

    fn stream(&mut self) -> io::Result<Pin<&mut TcpStream>> {
        let stream = self.stream.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        Ok(Pin::new(stream))
    }

    fn check(&mut self, context: &mut Context<'_>) -> io::Result<()> {
        if self.abort.0.is_aborted.load(Ordering::Acquire) || self.has_ended(context) {
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Ok(())
    }
}

impl AsyncRead for AbortableStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if self.has_ended(context) {
            // Reports the end of the stream, as if the client had nothing more to send.
            return Poll::Ready(Ok(()));
        }
        self.stream()?.poll_read(context, buffer)
    }
}

impl AsyncWrite for AbortableStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        self.stream()?.poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.check(context)?;
        self.stream()?.poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream
            .as_ref()
            .is_some_and(AsyncWrite::is_write_vectored)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.stream()?.poll_shutdown(context)
    }
}

/// Reads what the client of a WebSocket still sends.
///
/// Unread data would reset the connection, and a close frame could be lost on the way.
impl Drop for AbortableStream {
    fn drop(&mut self) {
        let (Some(stream), Ok(runtime)) = (self.stream.take(), Handle::try_current()) else {
            return;
        };
        if self.abort.0.is_websocket.load(Ordering::Acquire) {
            let abort = self.abort.clone();
            runtime.spawn(async move {
                let _ = timeout(LINGERS, linger(stream)).await;
                // Until now, this part of the server has to be waited for.
                drop(abort);
            });
        }
    }
}

async fn linger(mut stream: TcpStream) -> io::Result<()> {
    stream.shutdown().await?;
    let mut unread = vec![0; 16 * 1024];
    while timeout(SILENCE, stream.read(&mut unread)).await?? > 0 {}
    Ok(())
}
