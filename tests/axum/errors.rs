//! An error as a response: its status, and nothing of what went wrong.

use std::time::Duration;

use axum::response::IntoResponse as _;
use pusher_http::bytes::Bytes;
use pusher_http::http::{Request, Response};
use pusher_http::{App, ChannelName, Error, Event, Limits, Outcome, Pusher, RetryPolicy, SocketId};

use crate::{Answer, KEY, SECRET};

const SIGNATURE: &str = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";

fn client(answer: fn() -> Result<Response<Bytes>, Error>) -> Pusher {
    Pusher::builder("3", KEY, SECRET)
        .http_client(move |_: Request<Bytes>| async move { answer() })
        .retry(RetryPolicy::never())
        .build()
        .unwrap()
}

/// What a trigger gives when the service, or the way to it, answers so.
async fn error_of(answer: fn() -> Result<Response<Bytes>, Error>) -> Error {
    let call = client(answer).trigger("MARKER", "MARKER", "MARKER");
    call.await.unwrap_err()
}

#[allow(clippy::unnecessary_wraps)] // An answer among others.
fn status<const STATUS: u16>() -> Result<Response<Bytes>, Error> {
    let words = format!("MARKER: but you sent \"{SIGNATURE}\"");
    let response = Response::builder()
        .status(STATUS)
        .header("retry-after", "7");
    Ok(response.body(words.into()).unwrap())
}

async fn answered(error: Error) -> Answer {
    let answer = Answer::of(error.into_response()).await;
    let shown = format!("{} {:?}", answer.body, answer.headers);
    for secret in ["MARKER", SECRET, SIGNATURE, KEY, "auth_", "pusher"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert!(answer.error.is_some(), "the error goes along");
    answer
}

#[track_caller]
fn is(answer: &Answer, expected: u16, words: &str) {
    answer.is_plain(expected, words);
    assert_eq!(answer.header("retry-after"), None, "{answer:?}");
}

#[tokio::test]
async fn what_the_caller_sent_is_refused() {
    let malformed = ChannelName::new("MARKER MARKER").unwrap_err();
    is(&answered(malformed).await, 400, "Bad Request");

    let large = "x".repeat(10_241);
    let large = client(status::<200>).trigger("MARKER", "MARKER", large);
    is(
        &answered(large.await.unwrap_err()).await,
        413,
        "Payload Too Large",
    );
    is(
        &answered(error_of(status::<413>).await).await,
        413,
        "Payload Too Large",
    );
}

#[tokio::test]
async fn what_is_wrong_with_this_server_is_not_told() {
    let config = App::builder("3", "key", "").build_app().unwrap_err();
    let map = std::collections::BTreeMap::from([((1, 2), "MARKER")]);
    let unserialisable = Event::new("MARKER", "MARKER", &map).unwrap_err();
    let app = App::builder("3", KEY, SECRET).build_app().unwrap();
    let encrypted = ChannelName::new("private-encrypted-MARKER").unwrap();
    let without_key = app.authorize_channel(&SocketId::new("1.2").unwrap(), &encrypted);
    for error in [config, unserialisable, without_key.unwrap_err()] {
        is(&answered(error).await, 500, "Internal Server Error");
    }
}

#[tokio::test]
async fn what_the_service_says_is_a_bad_gateway() {
    for error in [
        error_of(status::<303>).await,
        error_of(status::<400>).await,
        error_of(status::<401>).await,
        error_of(status::<403>).await,
        error_of(status::<404>).await,
        error_of(status::<418>).await,
        // Something may have been done: whoever tried again would double it.
        error_of(status::<500>).await,
        error_of(status::<503>).await,
        error_of(|| Err(Error::transport("MARKER"))).await,
        // It is no JSON.
        error_of(status::<200>).await,
    ] {
        is(&answered(error).await, 502, "Bad Gateway");
    }
}

#[tokio::test]
async fn where_nothing_was_done_trying_again_is_advised() {
    let answer = answered(error_of(status::<429>).await).await;
    answer.is_plain(503, "Service Unavailable");
    assert_eq!(answer.header("retry-after"), Some("7"));

    let unreachable = error_of(|| Err(Error::connect("MARKER"))).await;
    is(&answered(unreachable).await, 503, "Service Unavailable");
}

#[tokio::test]
async fn time_that_is_up_is_a_gateway_timeout() {
    let late = error_of(|| Err(Error::timeout(Duration::from_secs(1)))).await;
    is(&answered(late).await, 504, "Gateway Timeout");

    let call = client(status::<200>).trigger("MARKER", "MARKER", "MARKER");
    let error = call.deadline(Duration::ZERO).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { .. }), "{error:?}");
    is(&answered(error).await, 504, "Gateway Timeout");
}

#[tokio::test]
async fn a_call_of_several_requests_answers_by_its_cause_only_where_nothing_was_done() {
    let one_each = Limits::default().channels_per_trigger(1);
    let partial = |is_first_accepted: bool| {
        let first = std::sync::atomic::AtomicBool::new(is_first_accepted);
        let answer = move |_: Request<Bytes>| {
            let is_accepted = first.swap(false, std::sync::atomic::Ordering::Relaxed);
            async move {
                if is_accepted {
                    return Ok(Response::new(Bytes::from_static(b"{}")));
                }
                status::<429>()
            }
        };
        let builder = Pusher::builder("3", KEY, SECRET).http_client(answer);
        let builder = builder.limits(one_each).retry(RetryPolicy::never());
        let pusher = builder.build().unwrap();
        let call = pusher.trigger(["MARKER-1", "MARKER-2"], "MARKER", "MARKER");
        async { call.await.unwrap_err() }
    };

    let untouched = partial(false).await;
    assert!(matches!(untouched, Error::Partial(_)), "{untouched:?}");
    assert_eq!(untouched.outcome(), Outcome::NotAccepted);
    let answer = answered(untouched).await;
    answer.is_plain(503, "Service Unavailable");
    assert_eq!(answer.header("retry-after"), Some("7"));

    let half_done = partial(true).await;
    is(&answered(half_done).await, 502, "Bad Gateway");
}
