//! What is sent again, on the wire: how often, when, and with which signature.

use std::future::IntoFuture as _;
use std::time::{Duration, Instant, SystemTime};

use axum::body::Body;
use axum::http::Response;
use pusher_http::{Builder, Error, Event, Limits, Outcome, RetryPolicy};

use crate::common::{ScriptedServer, closed_port};

const SOON: Duration = Duration::from_millis(1);

fn refusal(status: u16, retry_after: Option<&str>) -> Response<Body> {
    let mut response = Response::builder().status(status);
    if let Some(wait) = retry_after {
        response = response.header("retry-after", wait);
    }
    response.body(Body::empty()).unwrap()
}

fn hurried(server: &ScriptedServer, policy: RetryPolicy) -> Builder {
    server.builder().retry(policy.base_delay(SOON))
}

#[tokio::test]
async fn a_query_is_sent_again_until_it_is_answered() {
    let server = ScriptedServer::start().await;
    server.will_answer(503, "").will_answer(429, "");
    server.will_answer(200, r#"{"channels":{"a":{}}}"#);
    let pusher = hurried(&server, RetryPolicy::default()).build().unwrap();
    let channels = pusher.channels().await.unwrap();
    assert_eq!(channels.keys().collect::<Vec<_>>(), ["a"]);
    assert_eq!(server.recorded().len(), 3);
}

#[tokio::test]
async fn a_query_is_given_up_after_its_attempts_with_the_last_refusal() {
    let server = ScriptedServer::start().await;
    for status in [500, 502, 503, 504, 500] {
        server.will_answer(status, "");
    }
    let pusher = hurried(&server, RetryPolicy::default()).build().unwrap();
    let error = pusher.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(503));
    let call = pusher.channels().retry(RetryPolicy::never());
    assert_eq!(call.await.unwrap_err().status(), Some(504));
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn what_the_service_answered_is_not_triggered_again_by_itself() {
    let server = ScriptedServer::start().await;
    for status in [408, 429, 500, 503] {
        server.will_answer(status, "");
        let pusher = hurried(&server, RetryPolicy::default()).build().unwrap();
        let error = pusher.trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
    }
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn at_least_once_is_the_callers_choice() {
    let server = ScriptedServer::start().await;
    server.will_answer(503, "").will_answer(500, "");
    let pusher = hurried(&server, RetryPolicy::default()).build().unwrap();
    let policy = RetryPolicy::at_least_once().base_delay(SOON);
    pusher.trigger("a", "e", 1).retry(policy).await.unwrap();
    let recorded = server.recorded();
    assert_eq!(recorded.len(), 3);
    assert!(
        recorded
            .iter()
            .all(|request| request.body == recorded[0].body)
    );

    server.will_answer(503, "").will_answer(503, "");
    let batch = pusher.trigger_batch([Event::new("a", "e", 1).unwrap()]);
    batch.retry(policy).await.unwrap();
    assert_eq!(server.recorded().len(), 6);
}

#[tokio::test]
async fn a_wait_beyond_the_deadline_is_not_waited_for() {
    let server = ScriptedServer::start().await;
    let in_an_hour = httpdate::fmt_http_date(SystemTime::now() + Duration::from_secs(3_600));
    for wait in ["3600", &in_an_hour] {
        server.will_answer_with(refusal(503, Some(wait)));
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
async fn a_date_to_wait_for_is_read_by_the_services_own_clock() {
    let server = ScriptedServer::start().await;
    let mut response = refusal(503, Some("Wed, 21 Oct 2015 07:28:02 GMT"));
    let date = "Wed, 21 Oct 2015 07:28:00 GMT".parse().unwrap();
    response.headers_mut().insert("date", date);
    server.will_answer_with(response);
    let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.retry_after(), Some(Duration::from_secs(2)));

    for (text, expected) in [
        ("soon", None),
        ("-1", None),
        ("+5", None),
        (" 5 ", Some(5)),
        ("0", Some(0)),
    ] {
        server.will_answer_with(refusal(503, Some(text)));
        let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(
            error.retry_after(),
            expected.map(Duration::from_secs),
            "{text}"
        );
    }
}

#[tokio::test]
async fn what_surely_was_not_sent_is_sent_again() {
    let port = closed_port();
    let server = ScriptedServer::start().await;
    let policy = RetryPolicy::default().max_attempts(u32::MAX);
    let policy = policy.max_delay(SOON);
    let pusher = hurried(&server, policy).port(port).build().unwrap();
    let service = async {
        let listener = tokio::net::TcpListener::bind(("127.0.0.1", port)).await;
        listener.unwrap().accept().await.unwrap()
    };
    // The call is polled first, and finds nobody.
    let call = pusher.trigger("a", "e", 1).into_future();
    tokio::select! {
        biased;
        result = call => panic!("nobody answers: {result:?}"),
        _ = service => {}
    }
}

#[tokio::test]
async fn a_connection_that_is_never_made_ends_with_the_deadline() {
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
    // And not with an hour's wait.
    assert!(began.elapsed() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_later_refusal_does_not_take_an_earlier_attempt_back() {
    let server = ScriptedServer::start().await;
    server.will_answer(500, "").will_answer(401, "");
    let pusher = hurried(&server, RetryPolicy::at_least_once())
        .build()
        .unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.status(), Some(500));
    assert_eq!(error.outcome(), Outcome::Unknown);

    server.will_answer(500, "").will_answer(401, "");
    let error = pusher.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(401), "a query changes nothing");
    assert_eq!(server.recorded().len(), 4);
}

#[tokio::test]
async fn a_deadline_that_has_passed_sends_nothing() {
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
async fn the_deadline_of_a_call_holds_for_all_its_requests() {
    let server = ScriptedServer::start().await;
    let (tell, wait) = tokio::sync::oneshot::channel::<()>();
    let answer = futures_util::stream::once(async move {
        let _ = wait.await;
        Ok::<_, std::io::Error>("{}")
    });
    server.will_answer_with(Response::new(Body::from_stream(answer)));
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
async fn the_longest_answer_can_be_set() {
    let server = ScriptedServer::start().await;
    let pusher = server.builder().max_response_bytes(20).build().unwrap();
    server.will_answer(200, r#"{"channels":{"a":1}}"#);
    let answer: serde_json::Value = pusher.get("/channels").await.unwrap();
    assert_eq!(answer["channels"]["a"], 1);
    server.will_answer(200, r#"{"channels":{"ab":1}}"#);
    let error = pusher
        .get::<serde_json::Value>("/channels")
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the response is over 20 bytes; the service may have acted on the request"
    );
    server.will_answer(403, "over your quota, which is known by the status alone");
    let error = pusher.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(403), "{error}");
}
