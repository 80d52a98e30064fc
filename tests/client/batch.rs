//! Batches: splitting into requests, the outcome of each event, and encryption.

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

/// Returns the data of all events of all requests, in order.
fn sent_data(requests: &[Recorded]) -> Vec<String> {
    requests
        .iter()
        .flat_map(|request| request.json()["batch"].as_array().unwrap().clone())
        .map(|event| event["data"].as_str().unwrap().to_owned())
        .collect()
}

fn numbers(range: std::ops::Range<usize>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

fn numbered(range: std::ops::Range<usize>) -> Vec<EventData> {
    range
        .map(|number| EventData::raw(number.to_string()))
        .collect()
}

fn data<'a>(events: impl IntoIterator<Item = &'a Event>) -> Vec<EventData> {
    events
        .into_iter()
        .map(|event| event.data().clone())
        .collect()
}

/// The event cannot be encrypted because the master key is missing.
#[tokio::test]
async fn fails_before_first_request_if_master_key_is_missing() {
    for (at, count) in [(0, 20), (9, 20), (10, 20), (19, 20), (5, 6)] {
        let server = ScriptedServer::start().await;
        let mut events = events(count);
        events[at] = Event::new("private-encrypted-a", "foo", 1).unwrap();
        let failure = server.pusher().trigger_batch(events).await.unwrap_err();
        let cause = failure.cause();
        assert!(matches!(cause, Error::Encryption { .. }), "{at}: {cause}");
        assert!(
            cause
                .to_string()
                .ends_with(&format!(": event {at} of the batch")),
            "{cause}"
        );
        assert_eq!(failure.index(), Some(at));
        assert_eq!(failure.outcomes(), vec![Outcome::NotAccepted; count]);
        assert_eq!(server.recorded().len(), 0, "{at} of {count}");
    }
}

/// The item's own error says that something may have been sent, and nothing of the batch was.
#[tokio::test]
async fn malformed_item_with_unknown_outcome_leaves_batch_not_accepted() {
    let server = ScriptedServer::start().await;
    let items = [
        Event::new("a", "foo", 1),
        Err(Error::timeout(std::time::Duration::from_secs(1))),
    ];
    let failure = server.pusher().trigger_batch(items).await.unwrap_err();
    assert_eq!(failure.outcomes(), [Outcome::NotAccepted; 2]);
    let error = Error::from(failure);
    assert_eq!(error.outcome(), Outcome::NotAccepted, "{error}");
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn sends_documented_batch_request() {
    let server = ScriptedServer::start().await;
    let response = server
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
    assert_eq!(response.counts.len(), 2);
    let request = server.request();
    assert_eq!(request.uri.path(), "/apps/3/batch_events");
    assert_eq!(
        request.body,
        r#"{"batch":[{"channel":"a","name":"foo","data":"{\"x\":1}"},{"channel":"presence-b","name":"bar","data":"raw","socket_id":"1.2","info":"user_count","idempotency_key":"k-1"}]}"#
    );
}

#[tokio::test]
async fn empty_batch_sends_nothing_and_succeeds() {
    let server = ScriptedServer::start().await;
    let response = server
        .pusher()
        .trigger_batch([] as [Event; 0])
        .await
        .unwrap();
    assert!(response.counts.is_empty());
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn splits_batch_into_tens_in_order() {
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
async fn splits_batch_by_configured_events_per_batch() {
    let server = ScriptedServer::start().await;
    let limits = Limits::default().events_per_batch(7);
    let pusher = server.builder().limits(limits).build().unwrap();
    pusher.trigger_batch(events(15)).await.unwrap();
    assert_eq!(server.recorded().len(), 3);
    assert_eq!(sent_data(&server.recorded()), numbers(0..15));
}

#[tokio::test]
async fn counts_match_events_across_requests() {
    let server = ScriptedServer::start().await;
    let counts = |range: std::ops::Range<u64>| {
        let counts: Vec<Value> = range
            .map(|number| json!({"subscription_count": number, "other": true}))
            .collect();
        json!({"batch": counts}).to_string()
    };
    server
        .will_respond(200, counts(0..10))
        .will_respond(200, r#"{"ok":true}"#)
        .will_respond(200, counts(20..25));
    let events = events(25)
        .into_iter()
        .map(|event| event.info(Info::SUBSCRIPTION_COUNT));
    let response = server.pusher().trigger_batch(events).await.unwrap();
    let expected: Vec<_> = (0..25)
        .map(|number| (!(10..20).contains(&number)).then_some(number))
        .collect();
    let actual: Vec<_> = response
        .counts
        .iter()
        .map(|counts| counts.subscription_count)
        .collect();
    assert_eq!(actual, expected);
}

#[tokio::test]
async fn accepts_empty_object_or_array_as_counts() {
    let server = ScriptedServer::start().await;
    // Laravel Reverb responds like this.
    server
        .will_respond(200, r#"{"batch":{}}"#)
        .will_respond(200, r#"{"batch":[]}"#)
        .will_respond(200, r#"{"batch":{}}"#);
    let response = server.pusher().trigger_batch(events(25)).await.unwrap();
    assert_eq!(response.counts, vec![ChannelCounts::default(); 25]);
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn rejects_response_with_wrong_number_of_counts() {
    let server = ScriptedServer::start().await;
    server.will_respond(200, r#"{"batch":[{}]}"#);
    let failure = server.pusher().trigger_batch(events(2)).await.unwrap_err();
    assert!(matches!(failure.cause(), Error::Decode { status: 200, .. }));
    assert_eq!(failure.outcomes(), [Outcome::Unknown, Outcome::Unknown]);
}

async fn failing_batch(status: u16) -> (ScriptedServer, BatchError) {
    let server = ScriptedServer::start().await;
    server.will_respond(200, "{}").will_respond(status, "no");
    let failure = server.pusher().trigger_batch(events(25)).await.unwrap_err();
    (server, failure)
}

#[tokio::test]
async fn rejected_request_marks_its_and_later_events_not_accepted() {
    let (server, failure) = failing_batch(413).await;
    assert_eq!(
        server.recorded().len(),
        2,
        "nothing is sent after a failure"
    );
    let expected = [vec![Outcome::Accepted; 10], vec![Outcome::NotAccepted; 15]].concat();
    assert_eq!(failure.outcomes(), expected);
    assert_eq!(data(failure.events().iter().flatten()), numbered(0..25));
    assert_eq!(
        failure.to_string(),
        "of 25 events 10 were accepted, 15 were not, 0 are unknown"
    );
    assert_eq!(failure.cause().status(), Some(413));

    // Sending the unsent events loses no event and sends no duplicate.
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
async fn server_error_marks_its_events_unknown_and_later_ones_not_accepted() {
    let (_server, failure) = failing_batch(502).await;
    let expected = [
        vec![Outcome::Accepted; 10],
        vec![Outcome::Unknown; 10],
        vec![Outcome::NotAccepted; 5],
    ]
    .concat();
    assert_eq!(failure.outcomes(), expected);
    assert_eq!(data(failure.unknown()), numbered(10..20));
    assert_eq!(data(failure.unsent()), numbered(20..25));
    assert!(failure.cause().is_retryable());
    assert_eq!(data(&failure.into_unsent()), numbered(20..25));
}

#[tokio::test]
async fn events_of_each_outcome_keep_their_order() {
    // Each request has one event. In order: rejected, unknown, accepted, unknown, and not sent.
    let client = |request: Request<Bytes>| async move {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let number: usize = body["batch"][0]["data"].as_str().unwrap().parse().unwrap();
        let status = [413, 503, 200, 503][number];
        let body = Bytes::from_static(b"{}");
        Ok(Response::builder().status(status).body(body).unwrap())
    };
    let limits = Limits::default().events_per_batch(1);
    let pusher = Pusher::builder("3", KEY, SECRET)
        .http_client(client)
        .limits(limits)
        .build()
        .unwrap();
    let batch = pusher.trigger_batch(events(5)).concurrency(4);
    let failure = batch.await.unwrap_err();
    let raw = |numbers: &[&str]| numbers.iter().map(EventData::raw).collect::<Vec<_>>();
    assert_eq!(data(failure.unsent()), raw(&["0", "4"]));
    assert_eq!(data(failure.unknown()), raw(&["1", "3"]));
    assert_eq!(failure.cause().status(), Some(413));
    assert_eq!(
        data(&failure.into_not_accepted()),
        raw(&["0", "1", "3", "4"])
    );
}

#[tokio::test]
async fn batch_error_keeps_outcomes_when_converted_to_error() {
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
        partial.channels(Outcome::Unknown).next().unwrap(),
        "channel-10"
    );
}

#[tokio::test]
async fn batch_error_converts_to_its_cause_if_nothing_was_accepted() {
    let server = ScriptedServer::start().await;
    let too_large = Event::new("a", "e", EventData::raw("x".repeat(10_241))).unwrap();
    let failure = server
        .pusher()
        .trigger_batch([too_large])
        .await
        .unwrap_err();
    assert!(matches!(Error::from(failure), Error::Limit { .. }));

    server.will_respond(401, "no");
    let failure = server.pusher().trigger_batch(events(25)).await.unwrap_err();
    assert!(matches!(Error::from(failure), Error::Api(_)));
}

#[tokio::test]
async fn checks_all_events_before_first_request() {
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
    assert_eq!(failure.outcomes(), vec![Outcome::NotAccepted; 25]);
    assert_eq!(failure.into_unsent().len(), 25);
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn checks_encryption_key_and_size_before_first_request() {
    let server = ScriptedServer::start().await;
    let mut batch = events(25);
    batch[21] = Event::new("private-encrypted-a", "e", 1).unwrap();
    let failure = server.pusher().trigger_batch(batch).await.unwrap_err();
    assert!(matches!(failure.cause(), Error::Encryption { .. }));

    let pusher = server.encrypting_pusher();
    let mut batch = events(25);
    // The data is within the limit as plain text, but not once it is encrypted.
    let data = EventData::raw("x".repeat(10_000));
    batch[21] = Event::new("private-encrypted-a", "e", data).unwrap();
    let failure = pusher.trigger_batch(batch).await.unwrap_err();
    assert!(matches!(failure.cause(), Error::Limit { .. }));
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn encrypts_each_event_and_returns_plain_events_on_failure() {
    use crate::common::MASTER_KEY;
    use pusher_http::encryption::MasterKey;

    let server = ScriptedServer::start().await;
    server.will_respond(400, "no");
    let pusher = server.encrypting_pusher();
    let batch = ["private-encrypted-a", "public", "private-encrypted-b"]
        .map(|channel| Event::new(channel, "e", "same").unwrap());
    let failure = pusher.trigger_batch(batch).await.unwrap_err();

    let sent = server.request().json();
    let key = MasterKey::from_base64(MASTER_KEY).unwrap();
    for (index, event) in failure.events().iter().enumerate() {
        let event = event.as_ref().unwrap();
        assert_eq!(*event.data(), EventData::raw("\"same\""));
        let data = sent["batch"][index]["data"].as_str().unwrap();
        let opened = key.shared_secret(event.channel()).open(data);
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

#[tokio::test]
async fn accepts_events_results_and_tuples_as_items() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let expected = r#"{"batch":[{"channel":"c1","name":"e","data":"{\"n\":1}"},{"channel":"c2","name":"e","data":"{\"n\":2}"}]}"#;
    let numbers = [1, 2];
    let tuple = |number| (format!("c{number}"), "e", json!({"n": number}));
    let result = |number| Event::new(format!("c{number}"), "e", json!({"n": number}));

    pusher.trigger_batch(numbers.map(tuple)).await.unwrap();
    pusher
        .trigger_batch(vec![tuple(1), tuple(2)])
        .await
        .unwrap();
    pusher
        .trigger_batch(numbers.into_iter().map(tuple))
        .await
        .unwrap();
    pusher.trigger_batch(numbers.map(result)).await.unwrap();
    pusher.trigger_batch((1..=2).map(result)).await.unwrap();
    let events = numbers.map(|number| result(number).unwrap());
    pusher.trigger_batch(events).await.unwrap();

    let requests = server.recorded();
    assert_eq!(requests.len(), 6);
    for request in requests {
        assert_eq!(request.body, expected);
    }
}

#[tokio::test]
async fn batch_exclusion_applies_to_all_events() {
    let server = ScriptedServer::start().await;
    let [own, of_batch] = ["1.1", "2.2"].map(|id| SocketId::new(id).unwrap());
    let mut batch = events(12);
    batch[1] = batch[1].clone().exclude(&own);
    let excluded = |requests: &[Recorded]| -> Vec<Value> {
        let events = |request: &Recorded| request.json()["batch"].as_array().unwrap().clone();
        let events = requests.iter().flat_map(events);
        events.map(|event| event["socket_id"].clone()).collect()
    };

    let call = server.pusher().trigger_batch(batch.clone());
    call.exclude(&of_batch).await.unwrap();
    let requests = server.recorded();
    assert_eq!(requests.len(), 2);
    assert_eq!(excluded(&requests), vec![json!("2.2"); 12]);

    // The batch excludes no connection, so each event keeps its own exclusion.
    let call = server.pusher().trigger_batch(batch);
    call.exclude(None::<SocketId>).await.unwrap();
    let mut expected = vec![Value::Null; 12];
    expected[1] = json!("1.1");
    assert_eq!(excluded(&server.recorded()[2..]), expected);
}

#[tokio::test]
async fn malformed_item_fails_batch_before_first_request() {
    let server = ScriptedServer::start().await;
    let names = ["a", "b", "c", "no spaces", "e", "no, spaces"];
    let items = names.map(|name| (name, "foo", name.len()));
    let call = server.pusher().trigger_batch(items);
    let failure = call
        .exclude(SocketId::new("1.2").unwrap())
        .await
        .unwrap_err();

    assert_eq!(failure.index(), Some(3));
    let cause = failure.cause();
    assert!(
        matches!(cause, Error::Invalid { what: "channel name", value, context, .. }
            if value == "no spaces" && context == "event 3 of the batch"),
        "{cause:?}"
    );
    let message = cause.to_string();
    assert!(
        message.starts_with("invalid channel name \"no spaces\": "),
        "{message}"
    );
    assert!(message.ends_with(": event 3 of the batch"), "{message}");
    assert_eq!(
        failure.to_string(),
        "of 6 events 0 were accepted, 6 were not, 0 are unknown"
    );

    let handed_back = |place: usize| failure.events()[place].as_ref();
    assert_eq!(failure.events().len(), 6);
    for (place, name) in names.into_iter().enumerate() {
        let channel = handed_back(place).map(|event| event.channel().as_str());
        let is_malformed = [3, 5].contains(&place);
        assert_eq!(channel, (!is_malformed).then_some(name), "{place}");
        let excluded = handed_back(place).map(|event| event.excluded().unwrap().as_str());
        assert_eq!(excluded, (!is_malformed).then_some("1.2"), "{place}");
    }
    assert_eq!(failure.outcomes(), [Outcome::NotAccepted; 6]);
    assert_eq!(failure.unsent().count(), 4);
    assert_eq!(failure.unknown().count(), 0);
    assert_eq!(server.recorded().len(), 0);

    let unsent = failure.into_unsent();
    assert_eq!(unsent.len(), 4);
    server.pusher().trigger_batch(unsent).await.unwrap();
    assert_eq!(server.request().json()["batch"][3]["channel"], "e");
}

#[tokio::test]
async fn parts_of_batch_with_malformed_item_keep_their_order() {
    let server = ScriptedServer::start().await;
    let items = [Event::new("a b", "e", 1), Event::new("b", "e", 2)];
    let failure = server.pusher().trigger_batch(items).await.unwrap_err();
    assert_eq!(failure.index(), Some(0));
    let parts: Vec<_> = failure.into_parts().collect();
    let second = Event::new("b", "e", 2).unwrap();
    assert_eq!(
        parts,
        [
            (None, Outcome::NotAccepted),
            (Some(second), Outcome::NotAccepted),
        ]
    );
}

/// Covers every kind of error that an item can have.
#[tokio::test]
async fn error_of_malformed_item_has_its_index() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let keyed_by_pairs = std::collections::BTreeMap::from([((1, 2), 3)]);
    let sound = || Event::new("a", "e", 1);
    for (item, message) in [
        (
            Event::new("a", "pusher:ping", 1),
            "invalid event name \"pusher:ping\": pusher: belongs to the protocol: event 1 of the batch",
        ),
        (
            Event::new("a", "e", keyed_by_pairs),
            "event data could not be serialised to JSON: event 1 of the batch",
        ),
        (
            sound().and_then(|event| event.extra("data", 1)),
            "invalid extra field \"data\": the protocol uses that name itself: event 1 of the batch",
        ),
    ] {
        let call = pusher.trigger_batch([sound(), item, sound()]);
        let failure = call.await.unwrap_err();
        assert_eq!(failure.index(), Some(1), "{message}");
        assert!(failure.events()[1].is_none());
        assert_eq!(failure.cause().to_string(), message);
        let error = Error::from(failure);
        assert_eq!(
            error.to_string(),
            message,
            "the error of the crate is the cause"
        );
        assert_eq!(error.outcome(), Outcome::NotAccepted);
    }
    assert_eq!(server.recorded().len(), 0);
}

#[tokio::test]
async fn returns_event_over_limit_with_its_index() {
    let server = ScriptedServer::start().await;
    let items = [("a", "e", 1), ("b:c", "e", 2)];
    let failure = server.pusher().trigger_batch(items).await.unwrap_err();
    assert_eq!(failure.index(), Some(1));
    let message = failure.cause().to_string();
    assert!(message.ends_with(": event 1 of the batch"), "{message}");
    let channels: Vec<_> = failure
        .events()
        .iter()
        .flatten()
        .map(Event::channel)
        .collect();
    assert_eq!(channels, ["a", "b:c"]);
    assert_eq!(server.recorded().len(), 0);

    server.will_respond(403, "no");
    let failure = server
        .pusher()
        .trigger_batch([("a", "e", 1)])
        .await
        .unwrap_err();
    assert_eq!(failure.index(), None, "it is not for an event");
}
