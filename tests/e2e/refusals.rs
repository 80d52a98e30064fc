//! What the server refuses, and the kind of error that comes of it; and what it must not refuse.

use pusher_http::api::{Endpoint as _, GenericCall};
use pusher_http::{ApiErrorKind, Error, Event, EventData, Outcome, Pusher};
use serde_json::Value;

use crate::server::http;
use crate::stage::{APP_ID, KEY, Page, SECRET, Stage, no_limits};

async fn kind_of_refusal(pusher: &Pusher) -> Option<ApiErrorKind> {
    let error = pusher.trigger("news", "e", 1).await.unwrap_err();
    assert_eq!(error.outcome(), Outcome::NotAccepted, "{error}");
    let shown = format!("{error} {error:?}");
    assert!(
        !shown.contains(SECRET) && !shown.contains("auth_signature"),
        "{shown}"
    );
    error.api_kind()
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn wrong_credentials_are_told_apart() {
    let stage = Stage::start(Page::Node).await;
    let client = |app_id: &str, key: &str, secret: &str| {
        Pusher::builder(app_id, key, secret)
            .host("127.0.0.1")
            .port(stage.port())
            .tls(false)
            .no_proxy()
            .build()
            .unwrap()
    };
    // The hosted service knows 401 for whatever is wrong with the credentials; of an unknown app
    // it documents nothing. Sockudo looks for the key first, and knows 404 for that.
    let (of_app, of_key) = if stage.server.is_local() {
        (ApiErrorKind::NotFound, ApiErrorKind::Authentication)
    } else {
        (ApiErrorKind::Authentication, ApiErrorKind::NotFound)
    };
    for (pusher, kind) in [
        (client(APP_ID, KEY, "wrong"), ApiErrorKind::Authentication),
        (client("other", KEY, SECRET), of_app),
        (client(APP_ID, "other", SECRET), of_key),
        (client("other", "other", "wrong"), ApiErrorKind::NotFound),
    ] {
        assert_eq!(kind_of_refusal(&pusher).await, Some(kind));
    }
}

/// Signs for another time than now, sends by a bare HTTP client, and reads the answer: the API as
/// data.
#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn a_stale_clock_is_an_authentication_error() {
    let stage = Stage::start(Page::Node).await;
    let app = stage.pusher.app();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let call = GenericCall::<Value>::get("/channels").unwrap();
    for (signed_at, accepted) in [(now, true), (now - 700, false), (now + 700, false)] {
        let signed = app.sign(&call.request(app).unwrap(), signed_at).unwrap();
        let answer = http().get(signed.uri().to_string()).send().await.unwrap();
        let mut response = http::Response::new(bytes::Bytes::new());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        *response.body_mut() = answer.bytes().await.unwrap();
        let result = call.read(&response, signed_at);
        assert_eq!(result.is_ok(), accepted);
        if let Err(error) = result {
            assert_eq!(error.api_kind(), Some(ApiErrorKind::Authentication));
            assert!(error.to_string().contains("Timestamp"), "{error}");
        }
    }
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn what_is_over_a_limit_is_refused_by_the_server_too() {
    let stage = Stage::start(Page::Node).await;
    let pusher = stage.client().limits(no_limits()).build().unwrap();

    let data = |bytes| EventData::raw("x".repeat(bytes));
    pusher.trigger("news", "e", data(10_240)).await.unwrap();
    let error = pusher.trigger("news", "e", data(10_241)).await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::TooLarge), "{error}");

    let channels = |count| (0..count).map(|n| format!("c-{n}")).collect::<Vec<_>>();
    pusher.trigger(channels(100), "e", 1).await.unwrap();
    let error = pusher.trigger(channels(101), "e", 1).await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::BadRequest), "{error}");

    let events = (0..11).map(|n| Event::new("news", "e", n).unwrap());
    let failure = pusher.trigger_batch(events).await.unwrap_err();
    assert_eq!(failure.cause().api_kind(), Some(ApiErrorKind::BadRequest));
    assert_eq!(failure.into_unsent().len(), 11);

    let bounded = &stage.pusher;
    let error = bounded
        .trigger("news", "e", data(10_241))
        .await
        .unwrap_err();
    assert!(matches!(error, Error::Limit { .. }), "{error}");
    bounded.trigger(channels(101), "e", 1).await.unwrap();
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn query_values_with_reserved_characters_are_accepted() {
    let stage = Stage::start(Page::Node).await;
    for value in [
        ",", ";", " ", "+", "#", "%", "é", "☃", "/", "?", "@", "=x", "a&b", "%2C", "a=b c+d",
    ] {
        let call = stage.pusher.get::<Value>("/channels").query("other", value);
        let answer = call.await;
        assert!(answer.is_ok(), "{value:?}: {answer:?}");
        let prefix = stage.pusher.channels().prefix(value).await;
        assert!(prefix.is_ok(), "{value:?}: {prefix:?}");
    }
}
