//! A proxy that opens no tunnel, or a tunnel that leads nowhere, gets no byte of a request.

use std::time::Duration;

use pusher_http::{Error, Outcome, Pusher, RetryPolicy};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

#[tokio::test]
async fn sends_no_request_without_tunnel() {
    for answer in [
        "",
        "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 502 Bad Gateway\r\ncontent-length: 5\r\n\r\nwords",
        "HTTP/1.1 200 Connection established\r\n\r\n",
        "HTTP/1.1 200 Connection established\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}",
        "SSH-2.0-OpenSSH_9.2\r\n\r\n",
    ] {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let client = Pusher::builder("3", "key", "secret")
            .host("pusher.test")
            .proxy(format!("http://{address}"))
            .retry(RetryPolicy::default().base_delay(Duration::from_millis(1)))
            .build()
            .unwrap();
        let proxy = tokio::spawn(async move {
            let mut came = Vec::new();
            // All attempts: nothing was sent, so the call is retried.
            for _ in 0..3 {
                let (stream, _) = listener.accept().await.unwrap();
                came.push(respond_and_close(stream, answer).await);
            }
            came
        });
        let error = client.trigger("a", "e", 1).await.unwrap_err();
        assert!(
            matches!(error, Error::Connect { .. }),
            "{answer}: {error:?}"
        );
        assert_eq!(error.outcome(), Outcome::NotAccepted);
        for came in proxy.await.unwrap() {
            assert!(
                came.starts_with("CONNECT pusher.test:443 HTTP/1.1\r\n"),
                "{came}"
            );
            for part in ["auth_", "/apps/", "POST"] {
                assert!(!came.contains(part), "{part} in {came}");
            }
        }
    }
}

/// Returns the bytes that a proxy receives if it responds like this and then closes.
async fn respond_and_close(mut stream: TcpStream, answer: &str) -> String {
    let mut came = Vec::new();
    while !came.windows(4).any(|four| four == b"\r\n\r\n") {
        assert!(stream.read_buf(&mut came).await.unwrap() > 0);
    }
    stream.write_all(answer.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
    // The connection may also end with a reset.
    let _ = stream.read_to_end(&mut came).await;
    String::from_utf8_lossy(&came).into_owned()
}
