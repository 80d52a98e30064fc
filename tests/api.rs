//! The API as data, without a client: every endpoint's exact request, signed for a given time, and what
//! becomes of an answer. With the feature `client`, the same as `Pusher` gives.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response};
use pusher_http::api::{
    ChannelQuery, ChannelsQuery, Endpoint, GenericCall, TerminateConnections, Trigger,
    TriggerBatch, UsersQuery,
};
use pusher_http::{
    ApiErrorKind, App, ChannelName, Error, Event, EventData, Info, Outcome, SocketId, UserId,
};
use serde_json::{Value, json};

const KEY: &str = "278d425bdf160c739803";
const SECRET: &str = "7ad3773142a6692b25b8";
const SIGNED_AT: u64 = 1_353_088_179;

fn app() -> App {
    App::builder("3", KEY, SECRET).build().unwrap()
}

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

fn signed<E: Endpoint>(app: &App, endpoint: &E) -> Request<Bytes> {
    let request = endpoint.request(app).unwrap();
    app.sign(&request, SIGNED_AT).into_http().unwrap()
}

fn answer(status: u16, body: &str) -> Response<Bytes> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Response::builder().status(status).body(body).unwrap()
}

/// The query without its signature, and the signature.
fn parts_of(query: &str) -> (&str, &str) {
    query.split_once("&auth_signature=").unwrap()
}

#[track_caller]
fn is_post(request: &Request<Bytes>, path: &str, body: &str) {
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri().path(), path);
    assert_eq!(request.body(), body);
    assert_eq!(request.headers()["content-type"], "application/json");
    is_signed(request, "body_md5");
}

#[track_caller]
fn is_get(request: &Request<Bytes>, path: &str, query: &str) {
    assert_eq!(request.method(), Method::GET);
    assert_eq!(request.uri().path(), path);
    assert!(request.body().is_empty());
    assert!(!request.headers().contains_key("content-type"));
    let own = format!("auth_key={KEY}&auth_timestamp={SIGNED_AT}&auth_version=1.0{query}");
    assert_eq!(parts_of(request.uri().query().unwrap()).0, own);
    is_signed(request, "auth_version");
}

/// The server's side takes it for 600 seconds.
#[track_caller]
fn is_signed(request: &Request<Bytes>, has: &str) {
    assert_eq!(request.uri().host(), Some("api-mt1.pusher.com"));
    assert_eq!(request.uri().scheme_str(), Some("https"));
    let library = concat!("pusher-http ", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.headers()["x-pusher-library"], library);
    let query = request.uri().query().unwrap();
    assert!(query.contains(has), "{query}");
    let verify = |now| {
        let (app, path) = (app(), request.uri().path());
        pusher_http::api::verify(
            app.tokens(),
            request.method(),
            path,
            query,
            request.body(),
            now,
        )
    };
    verify(SIGNED_AT + 600).unwrap();
    verify(SIGNED_AT + 601).unwrap_err();
}

/// What stands in the documentation and in the official libraries' own tests.
#[test]
fn signed_requests_are_known_answers() {
    let trigger = Trigger::new("project-3", "foo", json!({"some": "data"})).unwrap();
    assert_eq!(
        signed(&app(), &trigger).uri(),
        "https://api-mt1.pusher.com/apps/3/events?auth_key=278d425bdf160c739803\
         &auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f\
         &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
    );

    let app = App::builder("102015", "d41a439c438a100756f5", "4bf35003e819bb138249");
    let app = app.build().unwrap();
    let of = |query: &ChannelsQuery, timestamp| {
        let request = query.request(&app).unwrap();
        let request = app.sign(&request, timestamp).into_http().unwrap();
        parts_of(request.uri().query().unwrap()).1.to_owned()
    };
    let presence = || ChannelsQuery::new().prefix("presence-");
    assert_eq!(
        of(&presence().info(Info::USER_COUNT), 1_427_034_994),
        "4d8a02edcc8a758b0162cd6da690a9a45fb8ae326a276dca1e06a0bc42796c11"
    );
    assert_eq!(
        of(&presence(), 1_427_036_577),
        "b540383af4582af5fbb5df7be5472d54bd0838c9c2021c7743062568839e6f97"
    );
}

#[test]
fn a_trigger() {
    let trigger = Trigger::new(["private-a", "b"], "e", json!({"n": 1})).unwrap();
    let trigger = trigger
        .exclude(SocketId::new("1.2").unwrap())
        .info(Info::USER_COUNT | Info::SUBSCRIPTION_COUNT);
    is_post(
        &signed(&app(), &trigger),
        "/apps/3/events",
        r#"{"name":"e","channels":["private-a","b"],"data":"{\"n\":1}","socket_id":"1.2","info":"user_count,subscription_count"}"#,
    );
    let body = r#"{"channels":{"private-a":{"subscription_count":2},"b":{}}}"#;
    let counts = trigger.read(&answer(200, body), SIGNED_AT).unwrap();
    assert_eq!(counts.channels["private-a"].subscription_count, Some(2));
    assert_eq!(counts.channels["b"].subscription_count, None);
}

#[test]
fn a_trigger_to_a_user() {
    let trigger = Trigger::to_user("42", "e", EventData::raw("text")).unwrap();
    is_post(
        &signed(&app(), &trigger),
        "/apps/3/events",
        r##"{"name":"e","channels":["#server-to-user-42"],"data":"text"}"##,
    );
}

#[test]
fn a_trigger_to_more_channels_than_one_takes_is_split_by_hand() {
    let channels: Vec<_> = (0..101).map(|number| format!("c{number}")).collect();
    let trigger = Trigger::new(&channels, "e", 1).unwrap();
    let error = trigger.request(&app()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                actual: 101,
                max: 100,
                ..
            }
        ),
        "{error:?}"
    );
    let parts = trigger.split(app().limits().channels_per_trigger);
    let counts: Vec<_> = parts.iter().map(Trigger::channel_count).collect();
    assert_eq!(counts, [100, 1]);
    let last = r#"{"name":"e","channels":["c100"],"data":"1"}"#;
    is_post(&signed(&app(), &parts[1]), "/apps/3/events", last);
}

#[test]
fn a_batch() {
    let events = [
        Event::new("a", "e", 1)
            .unwrap()
            .info(Info::SUBSCRIPTION_COUNT),
        Event::new("b", "f", "x").unwrap(),
    ];
    let batch = TriggerBatch::new(&events);
    is_post(
        &signed(&app(), &batch),
        "/apps/3/batch_events",
        r#"{"batch":[{"channel":"a","name":"e","data":"1","info":"subscription_count"},{"channel":"b","name":"f","data":"\"x\""}]}"#,
    );
    let body = r#"{"batch":[{"subscription_count":3},{}]}"#;
    let counts = batch.read(&answer(200, body), SIGNED_AT).unwrap().counts;
    let subscribed: Vec<_> = counts
        .iter()
        .map(|count| count.subscription_count)
        .collect();
    assert_eq!(subscribed, [Some(3), None]);

    let eleven = vec![events[1].clone(); 11];
    let error = TriggerBatch::new(&eleven).request(&app()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                actual: 11,
                max: 10,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn the_channels() {
    is_get(
        &signed(&app(), &ChannelsQuery::new()),
        "/apps/3/channels",
        "",
    );
    let query = ChannelsQuery::new()
        .prefix("presence-é&")
        .info(Info::USER_COUNT);
    is_get(
        &signed(&app(), &query),
        "/apps/3/channels",
        "&filter_by_prefix=presence-%C3%A9%26&info=user_count",
    );
    let body = r#"{"channels":{"presence-a":{"user_count":2},"presence-b":{}}}"#;
    let channels = query.read(&answer(200, body), SIGNED_AT).unwrap();
    let counts: BTreeMap<_, _> = channels
        .iter()
        .map(|(name, counts)| (name.as_str(), counts.user_count))
        .collect();
    let expected = BTreeMap::from([("presence-a", Some(2)), ("presence-b", None)]);
    assert_eq!(counts, expected);
}

#[test]
fn a_channel() {
    let query = ChannelQuery::new(channel("cache-a,b;c@d=e"));
    let path = "/apps/3/channels/cache-a,b;c@d=e";
    is_get(&signed(&app(), &query), path, "");
    let query = query.info(Info::SUBSCRIPTION_COUNT | Info::CACHE);
    is_get(
        &signed(&app(), &query),
        path,
        "&info=subscription_count%2Ccache",
    );
    let body = r#"{"occupied":true,"subscription_count":2,"cache":{"data":"{}","ttl":60}}"#;
    let state = query.read(&answer(200, body), SIGNED_AT).unwrap();
    assert_eq!(
        (state.occupied, state.user_count, state.subscription_count),
        (true, None, Some(2))
    );
    let cached = state.cache.unwrap();
    assert_eq!((&*cached.data, cached.ttl), ("{}", Some(60)));
}

#[test]
fn the_users_of_a_channel() {
    let query = UsersQuery::new(channel("presence-a"));
    is_get(
        &signed(&app(), &query),
        "/apps/3/channels/presence-a/users",
        "",
    );
    let users = query.read(
        &answer(200, r#"{"users":[{"id":"1"},{"id":"2"}]}"#),
        SIGNED_AT,
    );
    let ids: Vec<_> = users.unwrap().into_iter().map(|user| user.id).collect();
    assert_eq!(ids, ["1", "2"]);

    let error = UsersQuery::new(channel("private-a"))
        .request(&app())
        .unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
}

#[test]
fn terminating_connections() {
    let call = TerminateConnections::new(UserId::new("a/b c").unwrap());
    let path = "/apps/3/users/a%2Fb%20c/terminate_connections";
    is_post(&signed(&app(), &call), path, "{}");
    call.read(&answer(200, "{}"), SIGNED_AT).unwrap();
}

#[test]
fn any_other_endpoint() {
    let call = GenericCall::<Value>::get("/own")
        .query("z", "1,2")
        .query("a", "b");
    let request = signed(&app(), &call);
    assert_eq!(request.method(), Method::GET);
    let query = parts_of(request.uri().query().unwrap()).0;
    assert!(query.starts_with("a=b&auth_key="), "{query}");
    assert!(query.ends_with("&z=1%2C2"), "{query}");
    let call = GenericCall::<Value>::post("/own", json!([1])).unwrap();
    is_post(&signed(&app(), &call), "/apps/3/own", "[1]");
    let value = call.read(&answer(201, r#"{"a":1}"#), SIGNED_AT).unwrap();
    assert_eq!(value, json!({"a": 1}));
}

/// Status, headers and words of a refusal, and what they become.
#[test]
fn refusals_are_typed() {
    for (status, kind, outcome, is_retryable) in [
        (307, ApiErrorKind::Redirect, Outcome::NotAccepted, false),
        (400, ApiErrorKind::BadRequest, Outcome::NotAccepted, false),
        (
            401,
            ApiErrorKind::Authentication,
            Outcome::NotAccepted,
            false,
        ),
        (403, ApiErrorKind::Quota, Outcome::NotAccepted, false),
        (404, ApiErrorKind::NotFound, Outcome::NotAccepted, false),
        (413, ApiErrorKind::TooLarge, Outcome::NotAccepted, false),
        (429, ApiErrorKind::RateLimited, Outcome::NotAccepted, true),
        (500, ApiErrorKind::Unavailable, Outcome::Unknown, true),
    ] {
        let error = ChannelsQuery::new().read(&answer(status, "why"), SIGNED_AT);
        let error = error.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.api_kind(), Some(kind), "{status}");
        assert_eq!(error.outcome(), outcome, "{status}");
        assert_eq!(error.is_retryable(), is_retryable, "{status}");
        let Error::Api(refusal) = error else {
            panic!("{error:?}");
        };
        assert_eq!(refusal.message(), "why");
    }
}

#[test]
fn a_clock_that_is_off_is_told_by_the_time_of_signing() {
    let mut response = answer(401, "Timestamp expired");
    let date = "Fri, 16 Nov 2012 18:09:39 GMT"; // 1,200 seconds later
    response.headers_mut().insert("date", date.parse().unwrap());
    let error = ChannelsQuery::new().read(&response, SIGNED_AT).unwrap_err();
    let Error::Api(refusal) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.clock_offset_seconds(), Some(-1_200));
}

#[test]
fn an_answer_of_somebody_else_is_told_apart() {
    for body in ["", "<html>", "[]", r#"{"channels":1}"#] {
        let error = ChannelsQuery::new().read(&answer(200, body), SIGNED_AT);
        let error = error.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Decode {
                    what: "channels",
                    status: 200,
                    ..
                }
            ),
            "{body}: {error:?}"
        );
    }
}

#[cfg(feature = "encryption")]
mod encrypted_channels {
    use super::*;

    const NONCE: [u8; 24] = [7; 24];

    fn app() -> App {
        App::builder("3", KEY, SECRET)
            .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
            .build()
            .unwrap()
    }

    fn opened(request: &Request<Bytes>, data: impl Fn(&Value) -> &Value) -> String {
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        let envelope = data(&body).as_str().unwrap();
        let key = app().sealing_key().unwrap().clone();
        let secret = key.shared_secret(&channel("private-encrypted-a"));
        secret.open(envelope).unwrap()
    }

    #[test]
    fn data_becomes_no_request_before_it_is_sealed() {
        let trigger = Trigger::new("private-encrypted-a", "e", "hush").unwrap();
        assert!(trigger.needs_sealing());
        let error = trigger.request(&app()).unwrap_err();
        assert!(matches!(error, Error::Encryption { .. }), "{error:?}");

        let sealed = trigger.sealed(app().sealing_key().unwrap(), NONCE).unwrap();
        assert!(!sealed.needs_sealing());
        let request = signed(&app(), &sealed);
        is_signed(&request, "body_md5");
        assert_eq!(opened(&request, |body| &body["data"]), "\"hush\"");
    }

    #[test]
    fn each_event_of_a_batch_has_a_nonce_of_its_own() {
        let events = [
            Event::new("private-encrypted-a", "e", 1).unwrap(),
            Event::new("a", "e", 2).unwrap(),
            Event::new("private-encrypted-a", "e", 3).unwrap(),
        ];
        let needing: Vec<_> = events.iter().map(Event::needs_sealing).collect();
        assert_eq!(needing, [true, false, true]);
        let error = TriggerBatch::new(&events).request(&app()).unwrap_err();
        assert!(matches!(error, Error::Encryption { .. }), "{error:?}");

        let mut drawn = 0;
        let nonce = || {
            drawn += 1;
            Ok([drawn; 24])
        };
        let batch = TriggerBatch::new(&events);
        let batch = batch.sealed(app().sealing_key().unwrap(), nonce).unwrap();
        assert_eq!(drawn, 2);
        let request = signed(&app(), &batch);
        assert_eq!(opened(&request, |body| &body["batch"][0]["data"]), "1");
        assert_eq!(opened(&request, |body| &body["batch"][2]["data"]), "3");
        let body: Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body["batch"][1]["data"], "2");
    }

    #[test]
    fn a_nonce_that_cannot_be_drawn_is_the_batchs_error() {
        let events = [Event::new("private-encrypted-a", "e", 1).unwrap()];
        let batch = TriggerBatch::new(&events);
        let nonce = || Err(Error::random("none left"));
        let error = batch
            .sealed(app().sealing_key().unwrap(), nonce)
            .unwrap_err();
        assert!(matches!(error, Error::Random { .. }), "{error:?}");
        assert_eq!(error.outcome(), Outcome::NotAccepted);
    }

    #[test]
    fn without_a_master_key_there_is_none_that_seals() {
        let error = super::app().sealing_key().unwrap_err();
        assert!(matches!(error, Error::Encryption { .. }), "{error:?}");
    }

    #[test]
    fn other_channels_and_users_need_no_sealing() {
        for trigger in [
            Trigger::new(["a", "private-b", "presence-c"], "e", 1).unwrap(),
            Trigger::to_user("42", "e", 1).unwrap(),
        ] {
            assert!(!trigger.needs_sealing());
            let before = trigger.request(&app()).unwrap().body().clone();
            let after = trigger.sealed(app().sealing_key().unwrap(), NONCE).unwrap();
            assert_eq!(after.request(&app()).unwrap().body(), &before);
        }
    }
}

/// What stands between `request` and `read` changes neither the answers nor the errors.
#[cfg(feature = "client")]
mod the_same_as_with_the_client {
    use std::fmt::Debug;

    use pusher_http::{Pusher, RetryPolicy};

    use super::*;

    /// Compares each endpoint's answer by itself with the client's, for several responses.
    async fn compare<E: Endpoint<Response: Debug> + Sync>(endpoint: E, whole: &'static str) {
        for (status, body) in [
            (200, whole),
            (200, "<html>"),
            (303, ""),
            (401, "wrong"),
            (429, "slowly"),
            (503, "later"),
        ] {
            let stub = move |_: Request<Bytes>| async move { Ok(answer(status, body)) };
            let pusher = Pusher::builder("3", KEY, SECRET)
                .http_client(stub)
                .retry(RetryPolicy::never())
                .build()
                .unwrap();
            let by_client = pusher.send(&endpoint).await;
            let by_itself = endpoint.read(&answer(status, body), SIGNED_AT);
            assert_eq!(by_itself.is_ok(), body == whole, "{status} {body}");
            assert_eq!(format!("{by_client:?}"), format!("{by_itself:?}"));
        }
    }

    #[tokio::test]
    async fn for_every_endpoint() {
        let trigger = Trigger::new("a", "e", 1).unwrap();
        compare(trigger, r#"{"channels":{"a":{"subscription_count":1}}}"#).await;
        let events = [Event::new("a", "e", 1).unwrap()];
        compare(
            TriggerBatch::new(&events),
            r#"{"batch":[{"user_count":1}]}"#,
        )
        .await;
        compare(ChannelsQuery::new(), r#"{"channels":{"a":{}}}"#).await;
        compare(ChannelQuery::new(channel("a")), r#"{"occupied":true}"#).await;
        let users = UsersQuery::new(channel("presence-a"));
        compare(users, r#"{"users":[{"id":"1"}]}"#).await;
        let terminate = TerminateConnections::new(UserId::new("1").unwrap());
        compare(terminate, "{}").await;
        compare(GenericCall::<Value>::get("/own"), "[1]").await;
    }
}
