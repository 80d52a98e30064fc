//! Expecting an event: which expectation gets which event, and the error if none arrives.

use std::time::Duration;

use pusher_dev_server::{DevServer, DevTimes, Fault};
use pusher_http::{Event, EventData};
use serde_json::json;

use crate::api::post;
use crate::client::Clients as _;
use crate::client::client_with;

async fn impatient() -> DevServer {
    let times = DevTimes {
        expectation: Duration::from_millis(10),
        ..DevTimes::default()
    };
    DevServer::builder().times(times).start().await.unwrap()
}

#[tokio::test]
async fn returns_each_event_once_and_in_order() {
    let server = impatient().await;
    let pusher = server.pusher();
    for number in 1..=3 {
        pusher.trigger(["a", "b"], "e", number).await.unwrap();
        pusher.trigger("a", "f", number).await.unwrap();
    }
    for number in 1..=3 {
        let event = server.expect_event("a", "e").await.unwrap();
        assert_eq!((event.channel.as_str(), event.name.as_str()), ("a", "e"));
        assert_eq!(event.json::<i32>().unwrap(), number);
    }
    server.expect_event("a", "e").await.unwrap_err();
    // Events that did not match are still available.
    for number in 1..=3 {
        let event = server.expect_event("a", "f").await.unwrap();
        assert_eq!(event.json::<i32>().unwrap(), number);
        let event = server.expect_event("b", "e").await.unwrap();
        assert_eq!(event.json::<i32>().unwrap(), number);
    }
    let all: Vec<_> = server
        .events()
        .iter()
        .map(|event| format!("{} {} {}", event.channel, event.name, event.data))
        .collect();
    let expected = [
        "a e 1", "b e 1", "a f 1", "a e 2", "b e 2", "a f 2", "a e 3", "b e 3", "a f 3",
    ];
    assert_eq!(all, expected);
}

#[tokio::test]
async fn waits_for_later_event() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let (event, ()) = tokio::join!(server.expect_event("room", "late"), async {
        pusher.trigger("room", "early", 1).await.unwrap();
        pusher.trigger("hall", "late", 2).await.unwrap();
        pusher.trigger("room", "late", 3).await.unwrap();
    });
    assert_eq!(event.unwrap().data, "3");
}

#[tokio::test]
async fn concurrent_expectations_each_get_their_own_event() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    let (first, second, ()) = tokio::join!(
        server.expect_event("room", "e"),
        server.expect_event("room", "e"),
        async {
            pusher.trigger("room", "e", 1).await.unwrap();
            pusher.trigger("room", "e", 2).await.unwrap();
        }
    );
    let mut both = [first.unwrap().data, second.unwrap().data];
    both.sort();
    assert_eq!(both, ["1", "2"]);
}

#[tokio::test]
async fn failure_lists_events_that_arrived() {
    let server = impatient().await;
    let error = server.expect_event("room", "e").await.unwrap_err();
    let message = "no \"e\" on \"room\" within 10ms; what did arrive: nothing";
    assert_eq!(error.to_string(), message);

    server
        .pusher()
        .trigger("room", "f", json!({"a": 1}))
        .await
        .unwrap();
    server.pusher().trigger("hall", "e", "x").await.unwrap();
    server.expect_event("hall", "e").await.unwrap();
    let error = server.expect_event("room", "e").await.unwrap_err();
    let message = "no \"e\" on \"room\" within 10ms; what did arrive:\
                 \n  \"f\" on \"room\": {\"a\":1}\
                 \n  \"e\" on \"hall\": \"x\"";
    assert_eq!(error.to_string(), message);
    assert_eq!(error.arrived.len(), 2);
    assert_eq!((error.channel.as_str(), error.name.as_str()), ("room", "e"));
}

#[tokio::test]
async fn failure_shows_newest_events_and_truncates_data() {
    let server = DevServer::start().await.unwrap();
    let pusher = server.pusher();
    for number in 0..25 {
        let text = format!("{number} {}", "é".repeat(300));
        pusher
            .trigger("room", "e", EventData::raw(text))
            .await
            .unwrap();
    }
    let expected = server.expect_event("room", "f").within(Duration::ZERO);
    let error = expected.await.unwrap_err();
    assert_eq!(error.arrived.len(), 25);
    let shown: Vec<_> = (5..25)
        .map(|number| format!("{number} {}", "é".repeat(300)))
        .map(|text| text.chars().take(200).collect::<String>())
        .map(|text| format!("\n  \"e\" on \"room\": {text}…"))
        .collect();
    let expected = format!(
        "no \"f\" on \"room\" within 0ns; what did arrive:\n  5 that are not shown here{}",
        shown.concat()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn timeout_can_be_set_per_expectation() {
    let server = DevServer::start().await.unwrap();
    let within = Duration::from_millis(3);
    let expected = server.expect_event("room", "e").within(within);
    let error = expected.await.unwrap_err();
    assert_eq!(error.waited, within);
}

#[tokio::test]
async fn decrypts_encrypted_events() {
    let server = DevServer::start().await.unwrap();
    let channel = "private-encrypted-room";
    let pusher = server.pusher();
    pusher
        .trigger(channel, "one", json!({"a": 1}))
        .await
        .unwrap();
    let batch = [Event::new(channel, "two", "secret").unwrap()];
    pusher.trigger_batch(batch).await.unwrap();
    let event = server.expect_event(channel, "one").await.unwrap();
    assert_eq!(event.data, r#"{"a":1}"#);
    let event = server.expect_event(channel, "two").await.unwrap();
    assert_eq!(event.json::<String>().unwrap(), "secret");
    // The calls did not contain the plaintext.
    assert!(
        server
            .calls()
            .iter()
            .all(|call| !call.body.contains("secret"))
    );
}

#[tokio::test]
async fn keeps_data_that_cannot_be_decrypted() {
    let server = DevServer::start().await.unwrap();
    let channel = "private-encrypted-room";
    let body = json!({"name": "e", "channel": channel, "data": "plain"});
    post(&server, "/events", body.to_string()).await;
    let event = server.expect_event(channel, "e").await.unwrap();
    assert_eq!(event.data, "plain");
}

#[tokio::test]
async fn failure_lists_rejected_calls() {
    let server = impatient().await;
    let stranger = client_with(&server, "wrong").build().unwrap();
    stranger.trigger("room", "e", 1).await.unwrap_err();
    server.fail_next(Fault::Status(503));
    let pusher = server.pusher();
    pusher.trigger("room", "e", 1).await.unwrap_err();
    server.fail_next(Fault::ResetBeforeRead);
    pusher.trigger("room", "e", 1).await.unwrap_err();
    pusher.trigger("room", "f", 1).await.unwrap();

    let error = server.expect_event("room", "e").await.unwrap_err();
    assert_eq!(error.refused.len(), 3);
    let refusal = error.refused[0].refusal.as_deref().unwrap();
    assert!(refusal.starts_with("Invalid signature: "), "{refusal}");
    let refusal = format!("{}…", &refusal[..200]);
    let path = "POST /apps/local-app/events:";
    let message = format!(
        "no \"e\" on \"room\" within 10ms; what did arrive:\
         \n  \"f\" on \"room\": 1\
         \ncalls without success:\
         \n  {path} 401 {refusal}\
         \n  {path} 503 (the fault Status(503))\
         \n  {path} (the fault ResetBeforeRead)"
    );
    assert_eq!(error.to_string(), message);
}
