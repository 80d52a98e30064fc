//! Blocking calls: they work on any thread, and return the same as awaiting them.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod common;

use std::thread;

use common::{KEY, SECRET, ScriptedServer};
use pusher_http::blocking::Wait as _;
use pusher_http::bytes::Bytes;
use pusher_http::http::{Request, Response};
use pusher_http::{Error, Event, Info, Outcome, Pusher, SocketId};

/// Makes each kind of call once on this thread, and returns the number of requests they take.
fn all_calls(pusher: &Pusher) -> usize {
    let call = pusher
        .trigger(["presence-a", "b"], "e", 1)
        .info(Info::USER_COUNT);
    let response = call.exclude(SocketId::new("1.2").unwrap()).wait().unwrap();
    assert_eq!(response.channels["presence-a"].user_count, Some(3));
    let events = (0..25).map(|number| Event::new("a", "e", number).unwrap());
    let response = pusher.trigger_batch(events).wait().unwrap();
    assert_eq!(response.counts.len(), 25);
    pusher.send_to_user("42", "e", 1).wait().unwrap();
    pusher.terminate_user_connections("42").wait().unwrap();
    let channels = pusher.channels().prefix("presence-").wait().unwrap();
    assert!(channels.contains_key("presence-a"));
    6 + 1
}

/// Starts a server whose response to every request is valid for each of these calls.
async fn server() -> ScriptedServer {
    let server = ScriptedServer::start().await;
    for _ in 0..100 {
        server.will_respond(200, r#"{"channels":{"presence-a":{"user_count":3}}}"#);
    }
    server
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_for_every_call_on_plain_thread() {
    let server = server().await;
    let pusher = server.pusher();
    let requests = thread::spawn(move || all_calls(&pusher)).join().unwrap();
    assert_eq!(server.recorded().len(), requests);
}

#[tokio::test(flavor = "multi_thread")]
async fn waits_for_every_call_in_spawn_blocking() {
    let server = server().await;
    let pusher = server.pusher();
    let requests = tokio::task::spawn_blocking(move || all_calls(&pusher))
        .await
        .unwrap();
    assert_eq!(server.recorded().len(), requests);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn waits_for_every_call_on_runtime_worker() {
    let server = server().await;
    let pusher = server.pusher();
    let requests = tokio::spawn(async move { all_calls(&pusher) })
        .await
        .unwrap();
    assert_eq!(server.recorded().len(), requests);
}

#[tokio::test(flavor = "current_thread")]
async fn waits_for_call_on_current_thread_runtime() {
    let sound = |_: Request<Bytes>| async { Ok(Response::new(Bytes::from_static(b"{}"))) };
    let pusher = Pusher::builder("3", KEY, SECRET)
        .http_client(sound)
        .build()
        .unwrap();
    pusher.trigger("a", "e", 1).wait().unwrap();
}

/// The runtime that opens a connection drives it.
#[test]
fn does_not_reuse_connections_of_blocked_runtime() {
    let elsewhere = tokio::runtime::Runtime::new().unwrap();
    let server = elsewhere.block_on(ScriptedServer::start());
    let pusher = server.pusher();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(async {
        pusher.trigger("a", "e", 1).await.unwrap();
        pusher.trigger("a", "e", 2).wait().unwrap();
        pusher.trigger("a", "e", 3).await.unwrap();
    });
    pusher.trigger("a", "e", 4).wait().unwrap();
    let peers: Vec<_> = server.recorded().iter().map(|sent| sent.peer).collect();
    assert_eq!(peers.len(), 4);
    assert_eq!((peers[0], peers[1]), (peers[2], peers[3]));
    assert_ne!(peers[0], peers[1]);
}

#[test]
fn many_threads_share_one_client() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let server = runtime.block_on(ScriptedServer::start());
    let pusher = server.pusher();
    thread::scope(|scope| {
        for number in 0..8 {
            let pusher = &pusher;
            scope.spawn(move || {
                for _ in 0..5 {
                    pusher.trigger("a", "e", number).wait().unwrap();
                }
            });
        }
    });
    assert_eq!(server.recorded().len(), 40);
}

#[tokio::test(flavor = "multi_thread")]
async fn blocking_call_returns_same_errors_as_await() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let failure = thread::spawn(move || {
        let error = pusher.trigger("a b", "e", 1).wait().unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
        let events = (0..15).map(|number| Event::new("a", "e", number).unwrap());
        pusher.trigger_batch(events).wait()
    });
    server.will_respond(200, "{}").will_respond(403, "no");
    let failure = failure.join().unwrap().unwrap_err();
    assert_eq!(failure.cause().status(), Some(403));
    let outcomes = failure.outcomes();
    assert_eq!(outcomes[..10], [Outcome::Accepted; 10]);
    assert_eq!(outcomes[10..], [Outcome::NotAccepted; 5]);
}

#[test]
fn custom_http_client_can_make_blocking_call() {
    let sound = |_: Request<Bytes>| async { Ok(Response::new(Bytes::from_static(b"{}"))) };
    let builder = || Pusher::builder("3", KEY, SECRET);
    let inner = builder().http_client(sound).build().unwrap();
    let waiting = move |_: Request<Bytes>| {
        let inner = inner.clone();
        async move {
            inner.trigger("audit", "e", 1).wait()?;
            Ok(Response::new(Bytes::from_static(b"{}")))
        }
    };
    let outer = builder().http_client(waiting).build().unwrap();
    let (done, is_done) = std::sync::mpsc::channel();
    thread::spawn(move || done.send(outer.trigger("a", "e", 1).wait()));
    let patience = std::time::Duration::from_secs(20);
    is_done.recv_timeout(patience).unwrap().unwrap();
}

#[test]
fn panic_of_custom_http_client_reaches_waiting_thread() {
    async fn broken(_: Request<Bytes>) -> Result<Response<Bytes>, Error> {
        panic!("the stub is broken")
    }
    let pusher = Pusher::builder("3", KEY, SECRET)
        .http_client(broken)
        .build()
        .unwrap();
    let waited = thread::spawn(move || pusher.trigger("a", "e", 1).wait());
    let panic = waited.join().unwrap_err();
    assert_eq!(panic.downcast_ref::<&str>(), Some(&"the stub is broken"));
    let sound = |_: Request<Bytes>| async { Ok(Response::new(Bytes::from_static(b"{}"))) };
    let pusher = Pusher::builder("3", KEY, SECRET)
        .http_client(sound)
        .build()
        .unwrap();
    pusher.trigger("a", "e", 1).wait().unwrap();
}
