//! Connections for the hyper client: TCP, and TLS for `https`, with one timeout for both.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::Uri;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use tower_service::Service;

use crate::error::{Cause, Error};

/// Connects to the addresses from the resolver `R`. The pool clones it for each request.
#[derive(Debug, Clone)]
pub(super) struct Connector<R>(Arc<Settings<R>>);

#[derive(Debug)]
struct Settings<R> {
    https: HttpsConnector<HttpConnector<R>>,
    timeout: Duration,
}

impl<R> Connector<R> {
    pub(super) fn new(resolver: R, timeout: Duration) -> Result<Self, Error> {
        let provider = rustls::crypto::ring::default_provider();
        let mut http = HttpConnector::new_with_resolver(resolver);
        http.enforce_http(false);
        http.set_nodelay(true);
        // hyper-util divides this evenly among the addresses of a host, so an address that does not
        // respond leaves time for the others. TLS gets the time that TCP has left.
        http.set_connect_timeout(Some(timeout));
        let https = HttpsConnectorBuilder::new()
            .with_provider_and_webpki_roots(provider)
            .map_err(|error| Error::config("TLS", error.to_string()))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self(Arc::new(Settings { https, timeout })))
    }
}

impl<R> Service<Uri> for Connector<R>
where
    HttpsConnector<HttpConnector<R>>:
        Service<Uri, Error = Cause, Future: Send> + Clone + Send + 'static,
{
    type Response = <HttpsConnector<HttpConnector<R>> as Service<Uri>>::Response;
    type Error = Cause;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Cause>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Cause>> {
        // Readiness is checked in `call`, on the cloned connector.
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let mut https = self.0.https.clone();
        let timeout = self.0.timeout;
        Box::pin(async move {
            let connection = async {
                poll_fn(|context| https.poll_ready(context)).await?;
                https.call(uri).await
            };
            match tokio::time::timeout(timeout, connection).await {
                Ok(connection) => connection,
                Err(_) => Err(format!("no connection within {timeout:?}").into()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;
    use std::future::ready;

    use hyper_util::client::legacy::connect::dns::Name;
    use tokio::io::AsyncReadExt as _;
    use tokio::net::{TcpListener, TcpSocket, TcpStream};
    use tower::service_fn;

    use super::*;

    #[tokio::test]
    async fn begins_tls_with_second_address_if_first_drops_packets() {
        let (full, _queue) = full_port().await;
        let second = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let found = [full.local_addr().unwrap(), second.local_addr().unwrap()];
        let resolver = service_fn(move |_: Name| ready(Ok::<_, Infallible>(found.into_iter())));
        let mut connector = Connector::new(resolver, Duration::from_secs(2)).unwrap();
        let first_byte = async {
            let (mut stream, _) = second.accept().await.unwrap();
            stream.read_u8().await.unwrap()
        };
        tokio::select! {
            connected = connector.call(Uri::from_static("https://peer.test")) => {
                panic!("{:?}", connected.map(drop));
            }
            byte = first_byte => assert_eq!(byte, 0x16, "a TLS handshake"),
        }
    }

    /// Returns a listener whose accept queue is full, so the kernel drops further connections.
    async fn full_port() -> (TcpListener, Vec<TcpStream>) {
        let socket = TcpSocket::new_v4().unwrap();
        socket.bind(([127, 0, 0, 1], 0).into()).unwrap();
        let listener = socket.listen(1).unwrap();
        let address = listener.local_addr().unwrap();
        let mut queue = Vec::new();
        // A missing response is the only sign that a packet was dropped.
        let limit = Duration::from_millis(500);
        while let Ok(queued) = tokio::time::timeout(limit, TcpStream::connect(address)).await {
            queue.push(queued.unwrap());
        }
        (listener, queue)
    }
}
