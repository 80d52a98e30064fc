//! Retries: which requests are sent again, how often, when, and with which signature.

use std::future::IntoFuture as _;
use std::time::{Duration, Instant, SystemTime};

use axum::body::Body;
use axum::http::Response;
use pusher_http::{Builder, Error, Event, Limits, Outcome, RetryPolicy};

use crate::common::{ScriptedServer, closed_port};

const SOON: Duration = Duration::from_millis(1);

fn error_response(status: u16, retry_after: Option<&str>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if let Some(wait) = retry_after {
        response = response.header("retry-after", wait);
    }
    response.body(Body::empty()).unwrap()
}

fn fast_builder(server: &ScriptedServer, policy: RetryPolicy) -> Builder {
    server.builder().retry(policy.base_delay(SOON))
}

#[tokio::test]
async fn retries_query_until_success() {
    let server = ScriptedServer::start().await;
    server.will_respond(503, "").will_respond(429, "");
    server.will_respond(200, r#"{"channels":{"a":{}}}"#);
    let pusher = fast_builder(&server, RetryPolicy::default())
        .build()
        .unwrap();
    let channels = pusher.channels().await.unwrap();
    assert_eq!(channels.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn query_fails_with_last_error_after_its_attempts() {
    let server = ScriptedServer::start().await;
    for status in [500, 502, 503, 504, 500] {
        server.will_respond(status, "");
    }
    let pusher = fast_builder(&server, RetryPolicy::default())
        .build()
        .unwrap();
    let error = pusher.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    let call = pusher.channels().retry(RetryPolicy::never());
    assert_eq!(call.await.unwrap_err().status(), Some(504));
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn does_not_retry_post_after_error_response() {
    let server = ScriptedServer::start().await;
    for status in [408, 429, 500, 503] {
        server.will_respond(status, "");
        let pusher = fast_builder(&server, RetryPolicy::default())
            .build()
            .unwrap();
        let error = pusher.trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
    }
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn at_least_once_policy_retries_post_after_server_error() {
    let server = ScriptedServer::start().await;
    server.will_respond(503, "").will_respond(500, "");
    let pusher = fast_builder(&server, RetryPolicy::default())
        .build()
        .unwrap();
    let policy = RetryPolicy::at_least_once().base_delay(SOON);
    pusher.trigger("a", "e", 1).retry(policy).await.unwrap();
    let recorded = server.recorded();
    assert_eq!(recorded.len(), 3);
    assert!(
        recorded
            .iter()
            .all(|request| request.body == recorded[0].body)
    );

    server.will_respond(503, "").will_respond(503, "");
    let batch = pusher.trigger_batch([Event::new("a", "e", 1).unwrap()]);
    batch.retry(policy).await.unwrap();
    assert_eq!(server.recorded().len(), 6);
}

#[tokio::test]
async fn does_not_wait_for_retry_after_beyond_deadline() {
    let server = ScriptedServer::start().await;
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
    for wait in ["3600", &in_an_hour] {
        server.will_respond_with(error_response(503, Some(wait)));
        let began = Instant::now();
        let error = server.pusher().channels().await.unwrap_err();
        assert!(began.elapsed() < Duration::from_secs(20));
        assert_eq!(error.status(), Some(503));
        let asked_for = error.retry_after().unwrap().as_secs();
        assert!((3_590..=3_600).contains(&asked_for), "{asked_for}");
    }
    assert_eq!(server.recorded().len(), 2);
}

#[tokio::test]
async fn retry_after_date_is_relative_to_service_clock() {
    let server = ScriptedServer::start().await;
    let mut response = error_response(503, Some("Wed, 21 Oct 2015 07:28:02 GMT"));
    let date = "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap();
    response.headers_mut().insert("date", date);
    server.will_respond_with(response);
    let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));

    for (text, expected) in [
        ("soon", None),
        ("-1", None),
        ("+5", None),
        (" 5 ", Some(5)),
        ("0", Some(0)),
    ] {
        server.will_respond_with(error_response(503, Some(text)));
        let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(
            error.retry_after(),
            expected.map(Duration::from_secs),
            "{text}"
        );
    }
}

#[tokio::test]
async fn retries_post_if_not_sent() {
    let port = closed_port();
    let server = ScriptedServer::start().await;
    let policy = RetryPolicy::default().max_attempts(u32::MAX);
    let policy = policy.max_delay(SOON);
    let pusher = fast_builder(&server, policy).port(port).build().unwrap();
    let service = async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await;
        listener.unwrap().accept().await.unwrap()
    };
    // The call is polled first, when nothing listens on the port.
    let call = pusher.trigger("a", "e", 1).into_future();
    tokio::select! {
        biased;
        result = call => panic!("nobody answers: {result:?}"),
        _ = service => {}
    }
}

#[tokio::test]
async fn connect_retries_end_at_deadline() {
    let hour = Duration::from_secs(3_600);
    let policy = RetryPolicy::default().base_delay(hour).max_delay(hour);
    let unreachable = ScriptedServer::start().await.builder().port(closed_port());
    let pusher = unreachable.retry(policy).build().unwrap();
    let began = Instant::now();
    let call = pusher
        .trigger("a", "e", 1)
        .deadline(Duration::from_millis(200));
    let error = call.await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error:?}");
    assert_eq!(error.outcome(), Outcome::NotAccepted);
    // The call does not wait for an hour.
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn returns_unknown_outcome_even_if_a_later_attempt_is_rejected() {
    let server = ScriptedServer::start().await;
    server.will_respond(500, "").will_respond(401, "");
    let pusher = fast_builder(&server, RetryPolicy::at_least_once())
        .build()
        .unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.status(), Some(500));
    assert_eq!(error.outcome(), Outcome::Unknown);

    server.will_respond(500, "").will_respond(401, "");
    let error = pusher.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(401), "a query changes nothing");
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn sends_nothing_after_deadline() {
    let server = ScriptedServer::start().await;
    let pusher = server.builder().deadline(Duration::ZERO).build().unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Deadline { deadline, .. } if deadline.is_zero()));
    assert_eq!(error.outcome(), Outcome::NotAccepted);
    assert!(error.is_retryable());
    assert!(server.recorded().is_empty());
    let call = pusher.trigger("a", "e", 1).deadline(Duration::MAX);
    call.await.unwrap();
}

#[tokio::test]
async fn deadline_applies_to_all_requests_of_a_call() {
    let server = ScriptedServer::start().await;
    let (tell, wait) = tokio::sync::oneshot::channel::<()>();
    let body = futures_util::stream::once(async move {
        let _ = wait.await;
        Ok::<_, std::io::Error>("{}")
    });
    server.will_respond_with(Response::new(Body::from_stream(body)));
    let limits = Limits::default().events_per_batch(1);
    let pusher = server.builder().limits(limits).build().unwrap();
    let events = ["a", "b", "c"].map(|channel| Event::new(channel, "e", 1).unwrap());
    let began = Instant::now();
    let deadline = Duration::from_millis(300);
    let failure = pusher
        .trigger_batch(events)
        .deadline(deadline)
        .await
        .unwrap_err();
    assert!((deadline..Duration::from_secs(5)).contains(&began.elapsed()));
    assert!(matches!(failure.cause(), Error::Timeout { timeout, .. } if *timeout <= deadline));
    let outcomes = failure.outcomes();
    assert_eq!(
        outcomes,
        [Outcome::Unknown, Outcome::NotAccepted, Outcome::NotAccepted]
    );
    assert_eq!(server.recorded().len(), 1);
    drop(tell);
}

#[tokio::test]
async fn rejects_response_over_configured_max_response_bytes() {
    let server = ScriptedServer::start().await;
    let pusher = server.builder().max_response_bytes(20).build().unwrap();
    server.will_respond(200, r#"{"channels":{"a":1}}"#);
    let response: serde_json::Value = pusher.get("/channels").await.unwrap();
    assert_eq!(response["channels"]["a"], 1);
    server.will_respond(200, r#"{"channels":{"ab":1}}"#);
    let error = pusher
        .get::<serde_json::Value>("/channels")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the response is over 20 bytes; the service may have acted on the request"
    );
    server.will_respond(403, "over your quota, which is known by the status alone");
    let error = pusher.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(403), "{error}");
}
