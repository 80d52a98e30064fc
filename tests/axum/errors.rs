//! Errors as responses: the status is set, and the details are not disclosed.

use std::time::Duration;

use axum::response::IntoResponse as _;
use pusher_http::bytes::Bytes;
use pusher_http::http::{Request, Response};
use pusher_http::{App, ChannelName, Error, Event, Limits, Outcome, Pusher, RetryPolicy, SocketId};

use crate::{KEY, ReadResponse, SECRET};

const SIGNATURE: &str = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";

fn client(respond: fn() -> Result<Response<Bytes>, Error>) -> Pusher {
    Pusher::builder("3", KEY, SECRET)
        .http_client(move |_: Request<Bytes>| async move { respond() })
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// Returns the error of a trigger if the service or the transport responds like this.
async fn error_of(respond: fn() -> Result<Response<Bytes>, Error>) -> Error {
    let call = client(respond).trigger("MARKER", "MARKER", "MARKER");
    call.await.unwrap_err()
}

#[allow(clippy::unnecessary_wraps)] // Other responses are errors.
fn status<const STATUS: u16>() -> Result<Response<Bytes>, Error> {
    let message = format!("MARKER: but you sent \"{SIGNATURE}\"");
    let response = Response::builder()
        .status(STATUS)
        .header("retry-after", "7");
    Ok(response.body(message.into()).unwrap())
}

async fn response_of(error: Error) -> ReadResponse {
    let response = ReadResponse::of(error.into_response()).await;
    let shown = format!("{} {:?}", response.body, response.headers);
    for secret in ["MARKER", SECRET, SIGNATURE, KEY, "auth_", "pusher"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(response.error.is_some(), "the error goes along");
    response
}

#[track_caller]
fn is(response: &ReadResponse, expected: u16, message: &str) {
    response.is_plain(expected, message);
    assert_eq!(response.header("retry-after"), None, "{response:?}");
}

#[tokio::test]
async fn invalid_input_of_caller_is_400_or_413() {
    let malformed = ChannelName::new("MARKER MARKER").unwrap_err();
    is(&response_of(malformed).await, 400, "Bad Request");

    let large = "x".repeat(10_241);
    let large = client(status::<200>).trigger("MARKER", "MARKER", large);
    is(
        &response_of(large.await.unwrap_err()).await,
        413,
        "Payload Too Large",
    );
    is(
        &response_of(error_of(status::<413>).await).await,
        413,
        "Payload Too Large",
    );
}

#[tokio::test]
async fn own_misconfiguration_is_500_without_details() {
    let config = App::builder("3", "key", "").build_app().unwrap_err();
    let map = std::collections::BTreeMap::from([((1, 2), "MARKER")]);
    let unserialisable = Event::new("MARKER", "MARKER", &map).unwrap_err();
    let app = App::builder("3", KEY, SECRET).build_app().unwrap();
    let encrypted = ChannelName::new("private-encrypted-MARKER").unwrap();
    let without_key = app.authorize_channel(&SocketId::new("1.2").unwrap(), &encrypted);
    for error in [config, unserialisable, without_key.unwrap_err()] {
        is(&response_of(error).await, 500, "Internal Server Error");
    }
}

#[tokio::test]
async fn error_of_service_is_502() {
    for error in [
        error_of(status::<303>).await,
        error_of(status::<400>).await,
        error_of(status::<401>).await,
        error_of(status::<403>).await,
        error_of(status::<404>).await,
        error_of(status::<418>).await,
        // The call may have taken effect, so a retry could duplicate the event.
        error_of(status::<500>).await,
        error_of(status::<503>).await,
        error_of(|| Err(Error::transport("MARKER"))).await,
        // The body is not JSON.
        error_of(status::<200>).await,
    ] {
        is(&response_of(error).await, 502, "Bad Gateway");
    }
}

#[tokio::test]
async fn not_accepted_call_is_503_with_retry_after() {
    let response = response_of(error_of(status::<429>).await).await;
    response.is_plain(503, "Service Unavailable");
    assert_eq!(response.header("retry-after"), Some("7"));

    let unreachable = error_of(|| Err(Error::connect("MARKER"))).await;
    is(&response_of(unreachable).await, 503, "Service Unavailable");
}

#[tokio::test]
async fn timeout_or_deadline_is_504() {
    let late = error_of(|| Err(Error::timeout(Duration::from_secs(1)))).await;
    is(&response_of(late).await, 504, "Gateway Timeout");

    let call = client(status::<200>).trigger("MARKER", "MARKER", "MARKER");
    let error = call.deadline(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error:?}");
    is(&response_of(error).await, 504, "Gateway Timeout");
}

#[tokio::test]
async fn partial_failure_is_503_only_if_nothing_was_accepted() {
    let one_each = Limits::default().channels_per_trigger(1);
    let partial = |is_first_accepted: bool| {
        let first = std::sync::atomic::AtomicBool::new(is_first_accepted);
        let respond = move |_: Request<Bytes>| {
            let is_accepted = first.swap(false, std::sync::atomic::Ordering::Relaxed);
            async move {
                if is_accepted {
                    return Ok(Response::new(Bytes::from_static(b"{}")));
                }
                status::<429>()
            }
        };
        let builder = Pusher::builder("3", KEY, SECRET).http_client(respond);
        let builder = builder.limits(one_each).retry(RetryPolicy::never());
        let pusher = builder.build().unwrap();
        let call = pusher.trigger(["MARKER-1", "MARKER-2"], "MARKER", "MARKER");
        async { call.await.unwrap_err() }
    };

    let untouched = partial(false).await;
    assert!(matches!(untouched, Error::Partial(_)), "{untouched:?}");
    assert_eq!(untouched.outcome(), Outcome::NotAccepted);
    let response = response_of(untouched).await;
    response.is_plain(503, "Service Unavailable");
    assert_eq!(response.header("retry-after"), Some("7"));

    let half_done = partial(true).await;
    is(&response_of(half_done).await, 502, "Bad Gateway");
}
