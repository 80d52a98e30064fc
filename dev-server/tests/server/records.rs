//! The server keeps the newest calls and events, and drops the oldest.
//!
//! A waiting expectation misses nothing.

use std::time::Duration;

use futures_util::FutureExt as _;
use pusher_dev_server::{DevServer, Fault};
use pusher_http::Event;
use serde_json::Value;

use crate::client::Clients as _;
use crate::until::until;

async fn remembering(max_records: usize) -> DevServer {
    let builder = DevServer::builder().max_records(max_records);
    builder.start().await.unwrap()
}

fn events(server: &DevServer) -> Vec<String> {
    let events = server.events().into_iter();
    events.map(|event| event.data).collect()
}

#[tokio::test]
async fn drops_oldest_records_first() {
    let server = remembering(3).await;
    let pusher = server.pusher();
    for number in 0..5 {
        pusher.trigger("room", "e", number).await.unwrap();
    }
    assert_eq!(events(&server), ["2", "3", "4"]);
    pusher.trigger(["room", "hall"], "e", 5).await.unwrap();
    // An event counts once for each of its channels; a call counts once.
    assert_eq!(events(&server), ["4", "5", "5"]);
    let bodies: Vec<_> = server.calls().into_iter().map(|call| call.body).collect();
    assert_eq!(bodies.len(), 3);
    for (body, number) in bodies.iter().zip(3..) {
        assert!(body.contains(&format!("\"data\":\"{number}\"")), "{body}");
    }
}

#[tokio::test]
async fn keeps_10_000_records_by_default() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let channels: Vec<_> = (0..100).map(|number| format!("room-{number}")).collect();
    for number in 0..101 {
        pusher.trigger(&channels, "e", number).await.unwrap();
    }
    let events = events(&server);
    assert_eq!(events.len(), 10_000);
    assert_eq!((events[0].as_str(), events[9_999].as_str()), ("1", "100"));
    assert_eq!(server.calls().len(), 101);
}

#[tokio::test]
async fn updates_the_right_call_after_others_are_dropped() {
    let server = remembering(2).await;
    let pusher = server.pusher();
    server.fail_next(Fault::Delay(Duration::from_millis(200)));
    let late = tokio::spawn(pusher.get::<Value>("/nowhere").into_future());
    until(|| !server.calls().is_empty()).await;
    // The next two calls push the late one out of the records before its response is sent.
    pusher.trigger("room", "e", 1).await.unwrap();
    server.fail_next(Fault::Status(503));
    pusher.trigger("room", "e", 2).await.unwrap_err();
    assert_eq!(late.await.unwrap().unwrap_err().status(), Some(404));
    let [first, second] = server.calls().try_into().unwrap();
    assert!(first.body.contains("\"1\"") && second.body.contains("\"2\""));
    assert_eq!((first.status, first.refusal), (Some(200), None));
    assert_eq!((second.status, second.refusal), (Some(503), None));
}

#[tokio::test]
async fn waiting_expectation_gets_event_despite_small_max_records() {
    for max_records in [0, 1] {
        let server = remembering(max_records).await;
        let pusher = server.pusher();
        let batch = (0..10).map(|number| Event::new("room", format!("e-{number}"), number));
        let batch: Vec<_> = batch.collect::<Result<_, _>>().unwrap();
        let (first, again, ()) = tokio::join!(
            server.expect_event("room", "e-0"),
            server.expect_event("room", "e-0"),
            async {
                // One call delivers all events before a waiting expectation runs.
                pusher.trigger_batch(batch.clone()).await.unwrap();
                pusher.trigger_batch(batch).await.unwrap();
            }
        );
        assert_eq!(
            (first.unwrap().data, again.unwrap().data),
            ("0".into(), "0".into())
        );
        assert_eq!(server.events().len(), max_records);
    }
}

#[tokio::test]
async fn late_expectation_reports_number_of_dropped_events() {
    let server = remembering(1).await;
    let pusher = server.pusher();
    for number in 0..3 {
        pusher
            .trigger("room", format!("e-{number}"), number)
            .await
            .unwrap();
    }
    let late = server.expect_event("room", "e-0").within(Duration::ZERO);
    let error = late.await.unwrap_err();
    assert_eq!((error.forgotten, error.arrived.len()), (2, 1));
    let message = "no \"e-0\" on \"room\" within 0ns; what did arrive:\
                 \n  2 that are not kept any more\
                 \n  \"e-2\" on \"room\": 2";
    assert_eq!(error.to_string(), message);

    let server = remembering(0).await;
    server.pusher().trigger("room", "e", 1).await.unwrap();
    let late = server.expect_event("room", "e").within(Duration::ZERO);
    let message = "no \"e\" on \"room\" within 0ns; what did arrive:\
                 \n  1 that are not kept any more";
    assert_eq!(late.await.unwrap_err().to_string(), message);
    assert!(server.calls().is_empty());
}

#[tokio::test]
async fn event_of_dropped_expectation_goes_to_the_next() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let mut left = server.expect_event("room", "e").into_future();
    let mut gone = server.expect_event("room", "e").into_future();
    assert!((&mut left).now_or_never().is_none());
    assert!((&mut gone).now_or_never().is_none());
    drop(gone);
    pusher.trigger("room", "e", 1).await.unwrap();
    pusher.trigger("room", "e", 2).await.unwrap();
    // It was assigned the first event, but is dropped before it is polled again.
    drop(left);
    for data in ["1", "2"] {
        assert_eq!(server.expect_event("room", "e").await.unwrap().data, data);
    }

    // The next expectation may already be waiting.
    let mut left = server.expect_event("room", "e").into_future();
    let mut waits = server.expect_event("room", "e").into_future();
    assert!((&mut left).now_or_never().is_none());
    assert!((&mut waits).now_or_never().is_none());
    pusher.trigger("room", "e", 3).await.unwrap();
    drop(left);
    assert_eq!(waits.await.unwrap().data, "3");
    let none = server.expect_event("room", "e").within(Duration::ZERO);
    none.await.unwrap_err();
}
