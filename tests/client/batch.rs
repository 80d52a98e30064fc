//! Batches: split into requests, accounted for event by event, sealed.

use pusher_http::bytes::Bytes;
use pusher_http::http::{Request, Response};
use pusher_http::{
    BatchError, ChannelCounts, Error, Event, EventData, Info, Limits, Outcome, Pusher, SocketId,
};
use serde_json::{Value, json};

use crate::common::{KEY, Recorded, SECRET, ScriptedServer};

fn events(count: usize) -> Vec<Event> {
    (0..count)
        .map(|number| Event::new(format!("channel-{number}"), "foo", number).unwrap())
        .collect()
}

/// The data of all events of all requests, in order.
fn sent_data(requests: &[Recorded]) -> Vec<String> {
    requests
        .iter()
        .flat_map(|request| request.json()["batch"].as_array().unwrap().clone())
        .map(|event| event["data"].as_str().unwrap().to_owned())
        .collect()
}

fn outcomes(failure: &BatchError) -> Vec<Outcome> {
    failure.outcomes().collect()
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

fn data<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<String> {
    events.into_iter().map(Event::data).collect()
}

/// The master key is missing.
#[tokio::test]
async fn what_can_not_be_sealed_stops_a_batch_before_its_first_request() {
    for (at, count) in [(0, 20), (9, 20), (10, 20), (19, 20), (5, 6)] {
        let server = ScriptedServer::start().await;
        let mut events = events(count);
        events[at] = Event::new("private-encrypted-a", "foo", 1).unwrap();
        let failure = server.pusher().trigger_batch(events).await.unwrap_err();
        let cause = failure.cause();
        assert!(matches!(cause, Error::Encryption { .. }), "{at}: {cause}");
        assert_eq!(outcomes(&failure), vec![Outcome::NotAccepted; count]);
        assert_eq!(server.recorded().len(), 0, "{at} of {count}");
    }
}

#[tokio::test]
async fn a_batch_is_sent_as_documented() {
    let server = ScriptedServer::start().await;
    let answer = server
        .pusher()
        .trigger_batch([
            Event::new("a", "foo", json!({"x": 1})).unwrap(),
            Event::new("presence-b", "bar", EventData::raw("raw"))
                .unwrap()
                .exclude(SocketId::new("1.2").unwrap())
                .info(Info::USER_COUNT)
                .extra("idempotency_key", "k-1")
                .unwrap(),
        ])
        .await
        .unwrap();
    assert_eq!(answer.counts.len(), 2);
    let request = server.request();
    assert_eq!(request.uri.path(), "/apps/3/batch_events");
    assert_eq!(
        request.body,
        r#"{"batch":[{"channel":"a","name":"foo","data":"{\"x\":1}"},{"channel":"presence-b","name":"bar","data":"raw","socket_id":"1.2","info":"user_count","idempotency_key":"k-1"}]}"#
    );
}

#[tokio::test]
async fn an_empty_batch_is_no_call_and_no_error() {
    let server = ScriptedServer::start().await;
    let answer = server.pusher().trigger_batch([]).await.unwrap();
    assert!(answer.counts.is_empty());
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn a_batch_of_any_size_is_sent_in_tens_in_order() {
    let server = ScriptedServer::start().await;
    server.pusher().trigger_batch(events(25)).await.unwrap();
    let requests = server.recorded();
    let sizes: Vec<_> = requests
        .iter()
        .map(|request| request.json()["batch"].as_array().unwrap().len())
        .collect();
    assert_eq!(sizes, [10, 10, 5]);
    assert_eq!(sent_data(&requests), numbers(0..25));
}

#[tokio::test]
async fn the_size_of_a_request_can_be_set() {
    let server = ScriptedServer::start().await;
    let limits = Limits {
        events_per_batch: 7,
        ..Limits::default()
    };
    let pusher = server.builder().limits(limits).build().unwrap();
    pusher.trigger_batch(events(15)).await.unwrap();
    assert_eq!(server.recorded().len(), 3);
    assert_eq!(sent_data(&server.recorded()), numbers(0..15));
}

#[tokio::test]
async fn counts_are_aligned_with_the_events_over_all_requests() {
    let server = ScriptedServer::start().await;
    let counts = |range: std::ops::Range<u64>| {
        let counts: Vec<Value> = range
            .map(|number| json!({"subscription_count": number, "other": true}))
            .collect();
        json!({"batch": counts}).to_string()
    };
    server
        .will_answer(200, counts(0..10))
        .will_answer(200, r#"{"ok":true}"#)
        .will_answer(200, counts(20..25));
    let events = events(25)
        .into_iter()
        .map(|event| event.info(Info::SUBSCRIPTION_COUNT));
    let answer = server.pusher().trigger_batch(events).await.unwrap();
    let expected: Vec<_> = (0..25)
        .map(|number| (!(10..20).contains(&number)).then_some(number))
        .collect();
    let actual: Vec<_> = answer
        .counts
        .iter()
        .map(|counts| counts.subscription_count)
        .collect();
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn an_answer_without_counts_may_be_an_empty_object() {
    let server = ScriptedServer::start().await;
    // As Laravel Reverb has it.
    server
        .will_answer(200, r#"{"batch":{}}"#)
        .will_answer(200, r#"{"batch":[]}"#)
        .will_answer(200, r#"{"batch":{}}"#);
    let answer = server.pusher().trigger_batch(events(25)).await.unwrap();
    assert_eq!(answer.counts, vec![ChannelCounts::default(); 25]);
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn counts_for_another_number_of_events_are_no_answer() {
    let server = ScriptedServer::start().await;
    server.will_answer(200, r#"{"batch":[{}]}"#);
    let failure = server.pusher().trigger_batch(events(2)).await.unwrap_err();
    assert!(matches!(failure.cause(), Error::Decode { status: 200, .. }));
    assert_eq!(outcomes(&failure), [Outcome::Unknown, Outcome::Unknown]);
}

async fn failing_batch(status: u16) -> (ScriptedServer, BatchError) {
    let server = ScriptedServer::start().await;
    server.will_answer(200, "{}").will_answer(status, "no");
    let failure = server.pusher().trigger_batch(events(25)).await.unwrap_err();
    (server, failure)
}

#[tokio::test]
async fn a_refused_request_leaves_its_events_and_the_later_ones_unsent() {
    let (server, failure) = failing_batch(413).await;
    assert_eq!(
        server.recorded().len(),
        2,
        "nothing is sent after a failure"
    );
    let expected = [vec![Outcome::Accepted; 10], vec![Outcome::NotAccepted; 15]].concat();
    assert_eq!(outcomes(&failure), expected);
    assert_eq!(data(failure.events()), numbers(0..25));
    assert_eq!(
        failure.to_string(),
        "of 25 events 10 were accepted, 15 were not, 0 are unknown"
    );
    assert_eq!(failure.cause().status(), Some(413));

    // Going on from there loses nothing and doubles nothing.
    server
        .pusher()
        .trigger_batch(failure.into_unsent())
        .await
        .unwrap();
    let requests = server.recorded();
    let accepted = [&requests[..1], &requests[2..]].concat();
    assert_eq!(sent_data(&accepted), numbers(0..25));
}

#[tokio::test]
async fn an_unclear_answer_leaves_its_events_unknown_and_the_later_ones_unsent() {
    let (_server, failure) = failing_batch(502).await;
    let expected = [
        vec![Outcome::Accepted; 10],
        vec![Outcome::Unknown; 10],
        vec![Outcome::NotAccepted; 5],
    ]
    .concat();
    assert_eq!(outcomes(&failure), expected);
    assert_eq!(data(failure.unknown()), numbers(10..20));
    assert_eq!(data(failure.unsent()), numbers(20..25));
    assert!(failure.cause().is_retryable());
    assert_eq!(data(&failure.into_unsent()), numbers(20..25));
}

#[tokio::test]
async fn events_of_each_kind_come_in_the_order_given() {
    // Requests of one event each: rejected, unclear, accepted, unclear, and the last is not sent.
    let client = |request: Request<Bytes>| async move {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let number: usize = body["batch"][0]["data"].as_str().unwrap().parse().unwrap();
        let status = [413, 503, 200, 503][number];
        let body = Bytes::from_static(b"{}");
        Ok(Response::builder().status(status).body(body).unwrap())
    };
    let limits = Limits {
        events_per_batch: 1,
        ..Limits::default()
    };
    let pusher = Pusher::builder("3", KEY, SECRET)
        .http_client(client)
        .limits(limits)
        .build()
        .unwrap();
    let batch = pusher.trigger_batch(events(5)).concurrency(4);
    let failure = batch.await.unwrap_err();
    assert_eq!(data(failure.unsent()), ["0", "4"]);
    assert_eq!(data(failure.unknown()), ["1", "3"]);
    assert_eq!(failure.cause().status(), Some(413));
    assert_eq!(data(&failure.into_not_accepted()), ["0", "1", "3", "4"]);
}

#[tokio::test]
async fn a_batch_error_keeps_its_account_when_it_becomes_the_crates_error() {
    let (_server, failure) = failing_batch(502).await;
    let error = Error::from(failure);
    assert_eq!(
        error.to_string(),
        "of 25 events 10 were accepted, 5 were not, 10 are unknown"
    );
    assert_eq!(error.status(), Some(502));
    assert!(error.is_retryable());
    assert_eq!(error.outcome(), Outcome::Unknown);
    let source = std::error::Error::source(&error).unwrap().to_string();
    assert!(source.starts_with("status 502: "), "{source}");
    let Error::Partial(partial) = error else {
        panic!("a partial error");
    };
    assert_eq!(
        partial.channels(Outcome::Unknown).next(),
        Some("channel-10")
    );
}

#[tokio::test]
async fn a_batch_of_which_nothing_was_accepted_becomes_its_cause() {
    let server = ScriptedServer::start().await;
    let too_large = Event::new("a", "e", EventData::raw("x".repeat(10_241))).unwrap();
    let failure = server
        .pusher()
        .trigger_batch([too_large])
        .await
        .unwrap_err();
    assert!(matches!(Error::from(failure), Error::Limit { .. }));

    server.will_answer(401, "no");
    let failure = server.pusher().trigger_batch(events(25)).await.unwrap_err();
    assert!(matches!(Error::from(failure), Error::Api(_)));
}

#[tokio::test]
async fn all_events_are_checked_before_the_first_is_sent() {
    let server = ScriptedServer::start().await;
    let mut batch = events(25);
    let too_large = EventData::raw("x".repeat(10_241));
    batch[21] = Event::new("a", "big", too_large).unwrap();
    let failure = server.pusher().trigger_batch(batch).await.unwrap_err();
    assert_eq!(
        failure.cause().to_string(),
        "event data in bytes is 10241, over the limit of 10240: event 21 of the batch, \
         \"big\" to \"a\""
    );
    assert_eq!(outcomes(&failure), vec![Outcome::NotAccepted; 25]);
    assert_eq!(failure.into_unsent().len(), 25);
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn what_encryption_needs_is_checked_before_the_first_event_is_sent() {
    let server = ScriptedServer::start().await;
    let mut batch = events(25);
    batch[21] = Event::new("private-encrypted-a", "e", 1).unwrap();
    let failure = server.pusher().trigger_batch(batch).await.unwrap_err();
    assert!(matches!(failure.cause(), Error::Encryption { .. }));

    let pusher = server.encrypting_pusher();
    let mut batch = events(25);
    // It fits as it is, and not when it is sealed.
    let data = EventData::raw("x".repeat(10_000));
    batch[21] = Event::new("private-encrypted-a", "e", data).unwrap();
    let failure = pusher.trigger_batch(batch).await.unwrap_err();
    assert!(matches!(failure.cause(), Error::Limit { .. }));
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn encrypted_channels_are_sealed_event_by_event_and_handed_back_open() {
    use crate::common::MASTER_KEY;
    use pusher_http::encryption::MasterKey;

    let server = ScriptedServer::start().await;
    server.will_answer(400, "no");
    let pusher = server.encrypting_pusher();
    let batch = ["private-encrypted-a", "public", "private-encrypted-b"]
        .map(|channel| Event::new(channel, "e", "same").unwrap());
    let failure = pusher.trigger_batch(batch).await.unwrap_err();

    let sent = server.request().json();
    let key = MasterKey::from_base64(MASTER_KEY).unwrap();
    for (index, event) in failure.events().iter().enumerate() {
        assert_eq!(event.data(), "\"same\"");
        let data = sent["batch"][index]["data"].as_str().unwrap();
        let opened = key
            .shared_secret(&event.channel().parse().unwrap())
            .open(data);
        match index {
            1 => assert_eq!(data, "\"same\""),
            _ => assert_eq!(opened.as_deref(), Some("\"same\"")),
        }
    }
    let nonce = |index: usize| {
        let data = sent["batch"][index]["data"].as_str().unwrap();
        serde_json::from_str::<Value>(data).unwrap()["nonce"].clone()
    };
    assert_ne!(nonce(0), nonce(2));

    let keyless = server.pusher();
    let failure = keyless
        .trigger_batch(failure.into_unsent())
        .await
        .unwrap_err();
    assert!(matches!(failure.cause(), Error::Encryption { .. }));
    assert_eq!(server.recorded().len(), 1);
}
