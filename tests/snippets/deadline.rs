//! A service that reads the request and does not respond.

use pusher_http::Pusher;
use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};

use crate::kept::{CHANNELS, Kept, Snippet, channels};

/// Reads the whole request with the two events.
async fn take_request(listener: &TcpListener) -> TcpStream {
    let (mut stream, _) = listener.accept().await.unwrap();
    let mut request = Vec::new();
    while !String::from_utf8_lossy(&request).ends_with("}]}") {
        assert_ne!(stream.read_buf(&mut request).await.unwrap(), 0);
    }
    stream
}

#[tokio::test]
async fn keeps_events_if_response_comes_after_deadline() {
    for snippet in Snippet::EACH {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let pusher = Pusher::builder("3", "key", "secret")
            .host("127.0.0.1")
            .port(listener.local_addr().unwrap().port())
            .tls(false)
            .no_proxy()
            .build()
            .unwrap();
        let silence = async {
            let stream = take_request(&listener).await;
            // From here on, time advances as soon as all tasks wait for it.
            tokio::time::pause();
            stream
        };
        let began = tokio::time::Instant::now();
        let (kept, _stream) = tokio::join!(snippet.notify(&pusher), silence);
        let waited = began.elapsed();
        tokio::time::resume();

        let Kept { to_send, put_aside } = kept;
        assert_eq!(channels(&to_send), CHANNELS, "{snippet:?}");
        assert_eq!(channels(&put_aside), [""; 0], "{snippet:?}");
        // If the call has no deadline of its own, an attempt has 10 seconds.
        assert!(
            (3..10).contains(&waited.as_secs()),
            "{snippet:?}: {waited:?}"
        );
    }
}
