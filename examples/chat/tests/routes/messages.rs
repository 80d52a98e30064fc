//! Storing, announcing and listing messages.

use axum::http::StatusCode;
use pusher_dev_server::Fault;
use serde_json::{Value, json};

use crate::{ADA, BOB, ID, LAUNCH, Server, get, post, with};

#[tokio::test]
async fn a_message_is_stored_and_the_room_notified_but_for_the_sender() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let message = json!({"client_id": ID, "text": "  <b>hello</b>\n"});
    let request = post("/rooms/1/messages", &ada, &message);
    let answer = server.call(with(request, "x-socket-id", "1234.5678")).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let stored = answer.json();
    let expected = json!({
        "id": 1, "previous": null, "client_id": ID, "user_id": 1, "name": "Ada",
        "text": "<b>hello</b>", "sent_at_ms": stored["sent_at_ms"],
    });
    assert_eq!(stored, expected);

    let event = server.service.expect_event("presence-room-1", "message");
    let event = event.await.unwrap();
    assert_eq!(event.json::<Value>().unwrap(), stored);
    assert_eq!(event.excluded.as_deref(), Some("1234.5678"));

    let bob = server.sign_in(BOB).await;
    let listed = server.call(get("/rooms/1/messages", &bob)).await.json();
    assert_eq!(listed, json!({"messages": [stored], "more": false}));
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_the_same_message() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let first = server.send(&ada, 1, ID, "hello").await;
    let again = server.send(&ada, 1, &ID.to_uppercase(), "hello").await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(first.body, again.body);

    let words = "This id is that of another message.";
    server.send(&ada, 1, ID, "bye").await.is(409, words);
    server.send(&ada, LAUNCH, ID, "hello").await.is(409, words);
    // Another user may use the same ID.
    let bob = server.sign_in(BOB).await;
    let other = server.send(&bob, 1, ID, "hello").await;
    assert_eq!(other.status, StatusCode::CREATED);
    assert_eq!(other.json()["previous"], 1);
}

#[tokio::test]
async fn a_notification_that_fails_loses_no_message() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    server.service.fail_next(Fault::Status(500));
    let lost = server.send(&ada, 1, ID, "first").await;
    assert_eq!(lost.status, StatusCode::CREATED);
    // The fault applies to the first call.
    while server.service.calls().is_empty() {
        tokio::task::yield_now().await;
    }

    let other = "4b0d4c3e-0a4f-4f0e-8a54-7f3ff0f0a9c2";
    let second = server.send(&ada, 1, other, "second").await.json();
    let event = server.service.expect_event("presence-room-1", "message");
    // It shows pages that they have missed the first message.
    assert_eq!(event.await.unwrap().json::<Value>().unwrap(), second);
    assert_eq!(second["previous"], lost.json()["id"]);
    let missed = server.call(get("/rooms/1/messages?after=0", &ada)).await;
    assert_eq!(missed.json()["messages"], json!([lost.json(), second]));
}

#[tokio::test]
async fn missed_messages_come_in_pages_without_a_gap() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    for number in 1..=101_u32 {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        // A message of another room is not listed, so the IDs have a gap.
        let room = if number == 50 { LAUNCH } else { 1 };
        let sent = server.send(&ada, room, &id, &number.to_string()).await;
        assert_eq!(sent.status, StatusCode::CREATED);
    }
    let id = "00000000-0000-4000-8000-000000000999";
    server.send(&ada, 1, id, "102").await;

    let list = async |query: &str| {
        let path = format!("/rooms/1/messages{query}");
        let listed = server.call(get(&path, &ada)).await.json();
        let messages = listed["messages"].as_array().unwrap();
        let ids = messages
            .iter()
            .map(|message| message["id"].as_i64().unwrap());
        (ids.collect::<Vec<_>>(), listed["more"].as_bool().unwrap())
    };
    let ids =
        |range: std::ops::RangeInclusive<i64>| range.filter(|id| *id != 50).collect::<Vec<_>>();
    assert_eq!(list("?after=0").await, (ids(1..=101), true));
    assert_eq!(list("?after=101").await, (ids(102..=102), false));
    assert_eq!(list("?after=102").await, (Vec::new(), false));
    assert_eq!(list("").await, (ids(2..=102), false));
}

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let words = "A message has 1 to 1,000 characters.";
    server.send(&ada, 1, ID, " \n").await.is(400, words);
    let (longest, too_long) = ("\u{1}".repeat(1000), "é".repeat(1001));
    server.send(&ada, 1, ID, &too_long).await.is(400, words);
    let status = server.send(&ada, 1, "4711", "hello").await.status;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = post(
        "/rooms/1/messages",
        &ada,
        &json!({"client_id": ID, "text": "a"}),
    );
    let answer = server.call(with(message, "x-socket-id", "1.2:x")).await;
    answer.is(400, "X-Socket-ID is not a socket id.");
    let answer = server.call(get("/rooms/1/messages?after=x", &ada)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);

    // The longest message fits into an event, even if fully escaped.
    let sent = server.send(&ada, 1, ID, &longest).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let event = server.service.expect_event("presence-room-1", "message");
    let event = event.await.unwrap().json::<Value>().unwrap();
    assert_eq!(event["text"], longest);
}
