//! Requests that the server rejects, with the kind of error, and ones that it must accept.

use pusher_http::api::{Endpoint as _, GenericCall};
use pusher_http::{ApiErrorKind, Error, Event, EventData, Outcome, Pusher};
use serde_json::Value;

use crate::server::http;
use crate::stage::{APP_ID, KEY, Page, SECRET, Stage, no_limits};

async fn kind_of_rejection(pusher: &Pusher) -> Option<ApiErrorKind> {
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
async fn distinguishes_wrong_app_id_key_and_secret() {
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
    // The hosted service returns 401 for any problem with the credentials; it documents nothing
    // about an unknown app. Sockudo looks up the key first, and returns 404 if it is unknown.
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
        assert_eq!(kind_of_rejection(&pusher).await, Some(kind));
    }
}

/// Uses the API as data.
///
/// Signs for a time other than now, sends with a plain HTTP client, and reads the response.
#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn wrong_clock_is_an_authentication_error() {
    let stage = Stage::start(Page::Node).await;
    let app = stage.pusher.app();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let call = GenericCall::<Value>::get("/channels").unwrap();
    for (signed_at, accepted) in [(now, true), (now - 700, false), (now + 700, false)] {
        let signed = app.sign(&call.request(app).unwrap(), signed_at).unwrap();
        let received = http().get(signed.uri().to_string()).send().await.unwrap();
        let mut response = http::Response::new(bytes::Bytes::new());
        *response.status_mut() = received.status();
        *response.headers_mut() = received.headers().clone();
        *response.body_mut() = received.bytes().await.unwrap();
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
async fn server_also_rejects_requests_over_limits() {
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
async fn accepts_query_values_with_reserved_characters() {
    let stage = Stage::start(Page::Node).await;
    for value in [
        ",", ";", " ", "+", "#", "%", "é", "☃", "/", "?", "@", "=x", "a&b", "%2C", "a=b c+d",
    ] {
        let call = stage.pusher.get::<Value>("/channels").query("other", value);
        let response = call.await;
        assert!(response.is_ok(), "{value:?}: {response:?}");
        let prefix = stage.pusher.channels().prefix(value).await;
        assert!(prefix.is_ok(), "{value:?}: {prefix:?}");
    }
}
