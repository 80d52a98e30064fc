//! The feature `tracing`: it records one span for each call, and nothing of the data sent.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod common;

use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use common::{KEY, SECRET, ScriptedServer};
use pusher_http::{Event, RetryPolicy, SocketId};
use tracing::subscriber::DefaultGuard;
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::FmtSpan;

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// Records everything that this thread traces, at any level, until the guard is dropped.
    fn start() -> (Self, DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(FmtSpan::CLOSE)
            .with_ansi(false)
            .without_time()
            .with_writer(log.clone())
            .finish();
        (log, tracing::subscriber::set_default(subscriber))
    }

    fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }

    /// Returns the lines that report the end of a call.
    fn calls(&self) -> Vec<String> {
        let text = self.text();
        let closes = text
            .lines()
            .filter(|line| line.ends_with("pusher_http: close"));
        closes.map(str::to_owned).collect()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

fn assert_call(line: &str, fields: &str) {
    let expected = format!("INFO pusher_call{{{fields} duration_ms=");
    assert!(line.contains(&expected), "{expected} is not in {line}");
}

#[tokio::test]
async fn call_span_has_endpoint_attempts_and_status() {
    let (log, _guard) = Log::start();
    let server = ScriptedServer::start().await;
    let policy = RetryPolicy::default().base_delay(Duration::ZERO);
    let pusher = server.builder().retry(policy).build().unwrap();

    pusher.trigger(["a", "b"], "e", 1).await.unwrap();
    server.will_respond(503, "").will_respond(500, "");
    server.will_respond(200, r#"{"channels":{}}"#);
    pusher.channels().await.unwrap();
    let events = (0..25).map(|number| Event::new("a", "e", number).unwrap());
    pusher.trigger_batch(events).await.unwrap();
    server.will_respond(403, "");
    pusher.users("presence-a").await.unwrap_err();

    let calls = log.calls();
    assert_eq!(calls.len(), 4, "{}", log.text());
    assert_call(
        &calls[0],
        r#"endpoint="trigger" channels=2 attempts=1 status=200"#,
    );
    assert_call(&calls[1], r#"endpoint="channels" attempts=3 status=200"#);
    assert_call(
        &calls[2],
        r#"endpoint="trigger_batch" channels=25 attempts=3 status=200"#,
    );
    assert_call(&calls[3], r#"endpoint="users" attempts=1 status=403"#);
    let text = log.text();
    let failed: Vec<_> = text
        .lines()
        .filter(|line| line.contains("attempt failed"))
        .collect();
    assert_eq!(failed.len(), 3, "{failed:#?}");
    for (line, fields) in failed.iter().zip([
        r#"attempt=1 error="api" status=503 wait_ms=0.0"#,
        r#"attempt=2 error="api" status=500 wait_ms=0.0"#,
        r#"attempt=1 error="api" status=403"#,
    ]) {
        assert!(
            line.trim_end().ends_with(fields),
            "{fields} is not in {line}"
        );
    }
}

#[tokio::test]
async fn does_not_trace_payloads_or_secrets() {
    let (log, _guard) = Log::start();
    let server = ScriptedServer::start().await;
    server.will_respond(
        400,
        "payload-of-the-service da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c",
    );
    let pusher = server.pusher();
    let socket_id = SocketId::new("123456789.987654321").unwrap();
    let call = pusher.trigger("private-of-somebody", "event-name", "payload-of-the-user");
    call.exclude(socket_id).await.unwrap_err();
    let text = log.text();
    assert!(text.contains("attempt failed"), "{text}");
    for private in [
        "payload",
        "private-of",
        "event-name",
        "123456789",
        KEY,
        SECRET,
        "auth_",
        "da454824",
    ] {
        assert!(!text.contains(private), "{private} is in {text}");
    }
}
