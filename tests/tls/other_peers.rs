//! Peers that speak TLS where they should not, or do not where they should.

use std::future::IntoFuture as _;
use std::time::Duration;

use pusher_http::{Error, Outcome, Pusher, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::backends::EACH;
use crate::certificates::{Authority, good};
use crate::server::{Came, Server, Then};

#[tokio::test]
async fn a_peer_of_plain_http_gets_no_request() {
    for &backend in EACH {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let peer = tokio::spawn(async move {
            let mut came = Vec::new();
            for _ in 0..3 {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.read_buf(&mut came).await.unwrap();
                let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
                stream.write_all(answer).await.unwrap();
                // A reset is as good an end.
                let _ = stream.read_to_end(&mut came).await;
            }
            came
        });
        let client = backend.client(address, &Authority::called("ours"));
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
async fn a_call_that_is_dropped_during_the_handshake_closes_its_connection() {
    for &backend in EACH {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = backend.client(listener.local_addr().unwrap(), &Authority::called("ours"));
        let call = tokio::spawn(client.trigger("a", "e", 1).into_future());
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut came = Vec::new();
        stream.read_buf(&mut came).await.unwrap();
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        // To its end: nothing answers the handshake.
        let _ = stream.read_to_end(&mut came).await;
        assert_eq!(came[0], 0x16, "a TLS handshake");
    }
}

/// What is asked for in plain HTTP is sent so, and what a TLS server makes of it is no answer.
#[tokio::test]
async fn a_tls_server_that_is_spoken_to_in_plain_http_is_no_answer() {
    let server = Server::start(&Authority::called("ours").sign(&good()), Then::Sends("")).await;
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
