//! Peers that use TLS if the client does not, or do not use it if the client does.

use std::future::IntoFuture as _;
use std::time::Duration;

use pusher_http::{Error, Outcome, Pusher, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::backends::EACH;
use crate::certificates::{Authority, valid};
use crate::server::{Came, Server, Then};

#[tokio::test]
async fn sends_no_request_to_plain_http_peer() {
    for &backend in EACH {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = tokio::spawn(async move {
            let mut came = Vec::new();
            for _ in 0..3 {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_buf(&mut came).await.unwrap();
                let response = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(response).await.unwrap();
                // The connection may also end with a reset.
                let _ = stream.read_to_end(&mut came).await;
            }
            came
        });
        let client = backend.client(address, &Authority::named("ours"));
        let error = client.trigger("a", "e", 1).await.unwrap_err();
        assert!(
            matches!(error, Error::Connect { .. }),
            "{backend:?}: {error:?}"
        );
        assert_eq!(error.outcome(), Outcome::NotAccepted);
        let came = peer.await.unwrap();
        assert_eq!(came[0], 0x16, "a TLS handshake");
        for part in ["POST", "/apps/", "auth_", "HTTP/"] {
            let mut windows = came.windows(part.len());
            assert!(!windows.any(|bytes| bytes == part.as_bytes()), "{part}");
        }
    }
}

#[tokio::test]
async fn closes_connection_if_call_is_dropped_during_handshake() {
    for &backend in EACH {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = backend.client(listener.local_addr().unwrap(), &Authority::named("ours"));
        let call = tokio::spawn(client.trigger("a", "e", 1).into_future());
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut came = Vec::new();
        stream.read_buf(&mut came).await.unwrap();
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        // Reads to the end: nothing responds to the handshake.
        let _ = stream.read_to_end(&mut came).await;
        assert_eq!(came[0], 0x16, "a TLS handshake");
    }
}

/// If plain HTTP is requested, it is used, and the reply of a TLS server is not a valid response.
#[tokio::test]
async fn rejects_reply_of_tls_server_to_plain_http() {
    let server = Server::start(&Authority::named("ours").sign(&valid()), Then::Sends("")).await;
    let client = Pusher::builder("3", "key", "secret")
        .host("127.0.0.1")
        .port(server.address.port())
        .tls(false)
        .no_proxy()
        .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)))
        .build()
        .unwrap();
    let error = client.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_eq!(server.came(1).await, [Came::Nothing]);
}
