//! A custom HTTP client in `Pusher`.

use std::future::IntoFuture as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use pusher_http::api::SignedRequest;
use pusher_http::bytes::Bytes;
use pusher_http::client::{HttpClient, ResponseFuture, SendLimits};
use pusher_http::http::{Request, Response};
use pusher_http::{Builder, Error, Event, Limits, Outcome, Pusher, RetryPolicy};

use crate::common::{KEY, SECRET};

type Sent = Arc<Mutex<Vec<Request<Bytes>>>>;

/// Returns a client and the requests it sent. `response` maps a request's number, from 1, to its
/// result.
fn stub(response: fn(usize) -> Result<u16, Error>) -> (Builder, Sent) {
    let sent = Sent::default();
    let requests = sent.clone();
    let client = move |request: Request<Bytes>| {
        let mut requests = requests.lock().unwrap();
        requests.push(request);
        let response = response(requests.len());
        async move {
            let body = Bytes::from_static(b"{}");
            Ok(Response::builder().status(response?).body(body).unwrap())
        }
    };
    let builder = Pusher::builder("3", KEY, SECRET).http_client(client);
    (
        builder.retry(RetryPolicy::default().base_delay(Duration::ZERO)),
        sent,
    )
}

#[tokio::test]
async fn accepts_async_function_as_http_client() {
    let (builder, sent) = stub(|_| Ok(200));
    let pusher = builder.build().unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    let sent = sent.lock().unwrap();
    let request = &sent[0];
    assert_eq!(request.method(), "POST");
    assert_eq!(request.uri().host(), Some("api-mt1.pusher.com"));
    assert_eq!(request.uri().scheme_str(), Some("https"));
    assert_eq!(request.uri().path(), "/apps/3/events");
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(
        &request.body()[..],
        br#"{"name":"e","channels":["a"],"data":"1"}"#
    );
}

#[tokio::test]
async fn splits_batches_and_reports_outcomes_over_custom_client() {
    let (builder, sent) = stub(|number| Ok(if number == 3 { 403 } else { 200 }));
    let pusher = builder.build().unwrap();
    let events = (0..45).map(|number| Event::new("a", "e", number).unwrap());
    let failure = pusher.trigger_batch(events).await.unwrap_err();
    assert_eq!(sent.lock().unwrap().len(), 3);
    assert_eq!(failure.into_unsent().len(), 25);
}

#[tokio::test]
async fn retries_only_after_connect_error() {
    let (builder, sent) = stub(|number| match number {
        1 => Err(Error::connect("nobody there")),
        2 => Ok(200),
        3 => Err(Error::transport("it broke off")),
        _ => Err(Error::timeout(Duration::from_secs(1))),
    });
    let pusher = builder.build().unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    assert_eq!(sent.lock().unwrap().len(), 2);
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert_eq!(sent.lock().unwrap().len(), 4);
}

#[tokio::test]
async fn function_client_is_stopped_at_timeout() {
    let silent = |_: Request<Bytes>| std::future::pending::<Result<Response<Bytes>, Error>>();
    let timeout = Duration::from_millis(20);
    let builder = Pusher::builder("3", KEY, SECRET).http_client(silent);
    let pusher = builder.timeout(timeout).build().unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { timeout: named, .. } if named == timeout));
}

struct Silent;

impl HttpClient for Silent {
    fn send(&self, _: SignedRequest, _: SendLimits) -> ResponseFuture<'_> {
        Box::pin(std::future::pending())
    }
}

#[tokio::test]
async fn client_that_ignores_its_limits_is_stopped_at_timeout() {
    let timeout = Duration::from_millis(20);
    let builder = Pusher::builder("3", KEY, SECRET).http_client(Silent);
    let pusher = builder.timeout(timeout).build().unwrap();
    let call = pusher.trigger("a", "e", 1).into_future();
    let error = tokio::time::timeout(Duration::from_secs(20), call);
    let error = error.await.expect("it is stopped").unwrap_err();
    assert!(matches!(error, Error::Timeout { timeout: named, .. } if named == timeout));
}

#[tokio::test]
async fn rejects_response_over_max_response_bytes() {
    for (body, is_ok) in [("{\"a\":100}", true), ("{\"a\":1000}", false)] {
        let response = move |_: Request<Bytes>| async move { Ok(Response::new(Bytes::from(body))) };
        let builder = Pusher::builder("3", KEY, SECRET).http_client(response);
        let pusher = builder.max_response_bytes(9).build().unwrap();
        match pusher.trigger("a", "e", 1).await {
            Ok(_) => assert!(is_ok),
            Err(error) => {
                assert!(
                    !is_ok && matches!(error, Error::UnusableResponse { .. }),
                    "{error:?}"
                );
                assert_eq!(error.outcome(), Outcome::Unknown);
            }
        }
    }
}

#[tokio::test]
async fn converted_batch_error_keeps_unknown_outcome() {
    // The first request fails after the second one, and was not sent. The second may have arrived.
    let (tell, told) = tokio::sync::oneshot::channel();
    let (tell, told) = (Mutex::new(Some(tell)), Mutex::new(Some(told)));
    let client = move |request: Request<Bytes>| {
        let is_first = String::from_utf8_lossy(request.body()).contains("\"c0\"");
        let told = told.lock().unwrap().take_if(|_| is_first);
        let tell = tell.lock().unwrap().take_if(|_| !is_first);
        async move {
            if let Some(told) = told {
                told.await.unwrap();
                return Err(Error::connect("nobody there"));
            }
            tell.unwrap().send(()).unwrap();
            Err(Error::transport("it broke off"))
        }
    };
    let limits = Limits::default().events_per_batch(1);
    let builder = Pusher::builder("3", KEY, SECRET).http_client(client);
    let pusher = builder
        .limits(limits)
        .retry(RetryPolicy::never())
        .build()
        .unwrap();
    let events = ["c0", "c1"].map(|channel| Event::new(channel, "e", 1).unwrap());
    let failure = pusher
        .trigger_batch(events)
        .concurrency(2)
        .await
        .unwrap_err();
    assert_eq!(failure.outcomes(), [Outcome::NotAccepted, Outcome::Unknown]);
    assert_eq!(failure.cause().outcome(), Outcome::NotAccepted);
    let error = Error::from(failure);
    assert_eq!(error.outcome(), Outcome::Unknown, "{error}");
    assert!(matches!(error, Error::Partial(_)), "{error:?}");
}
