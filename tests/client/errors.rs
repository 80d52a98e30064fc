//! What goes wrong, and the error that comes of it: its kind, its outcome, and no secret in it.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use pusher_http::{ApiErrorKind, Builder, Error, Outcome, Pusher};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::common::{KEY, SECRET, ScriptedServer};

/// The messages of an error and of all its sources, as a log would show them, and `Debug`.
fn everything_shown(error: &Error) -> String {
    std::iter::successors(Some(error as &dyn std::error::Error), |error| {
        error.source()
    })
    .map(|error| format!("{error} / {error:?}"))
    .collect::<Vec<_>>()
    .join(" / ")
}

fn client_of(port: u16) -> Builder {
    Pusher::builder("3", KEY, SECRET)
        .host("127.0.0.1")
        .port(port)
        .no_proxy()
}

fn assert_no_secret(error: &Error) {
    let text = everything_shown(error);
    for secret in [SECRET, "auth_signature", "auth_key", "/apps/3"] {
        assert!(!text.contains(secret), "{secret} in {text}");
    }
}

#[tokio::test]
async fn each_refusal_has_its_kind_and_the_services_words() {
    use ApiErrorKind as Kind;
    let server = ScriptedServer::start().await;
    for (status, kind) in [
        (400, Kind::BadRequest),
        (401, Kind::Authentication),
        (403, Kind::Quota),
        (404, Kind::NotFound),
        (413, Kind::TooLarge),
        (429, Kind::RateLimited),
        (500, Kind::Unavailable),
        (503, Kind::Unavailable),
    ] {
        server.will_answer(status, format!("words of {status}\n"));
        let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.api_kind(), Some(kind));
        assert!(
            error.to_string().ends_with(&format!("(words of {status})")),
            "{error}"
        );
        assert_no_secret(&error);
    }
    assert_eq!(
        server.recorded().len(),
        8,
        "nothing is tried again by itself"
    );
}

#[tokio::test]
async fn an_expired_timestamp_says_by_how_much_the_clock_is_off() {
    let server = ScriptedServer::start().await;
    let twenty_minutes_on = std::time::SystemTime::now() + Duration::from_secs(1_200);
    server.will_answer_with(
        Response::builder()
            .status(401)
            .header("date", httpdate::fmt_http_date(twenty_minutes_on))
            .header("retry-after", "7")
            .body(Body::from("Timestamp expired"))
            .unwrap(),
    );
    let error = server.pusher().channels().await.unwrap_err();
    assert!(
        error.to_string().contains("s behind the service's"),
        "{error}"
    );
    let Error::Api(error) = error else {
        panic!("{error}");
    };
    let offset = error.clock_offset_seconds().unwrap();
    assert!((-1_201..=-1_190).contains(&offset), "{offset}");
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn a_redirect_is_an_error_and_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let server = ScriptedServer::start().await;
        server.will_answer_with(
            Response::builder()
                .status(status)
                .header("location", format!("http://{}/elsewhere", server.address))
                .body(Body::empty())
                .unwrap(),
        );
        let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(error.api_kind(), Some(ApiErrorKind::Redirect));
        assert_eq!(error.outcome(), Outcome::NotAccepted);
        assert_eq!(server.recorded().len(), 1);
    }
}

fn redirect_to(location: &str) -> Response<Body> {
    Response::builder()
        .status(307)
        .header("location", location)
        .body(Body::empty())
        .unwrap()
}

#[tokio::test]
async fn a_redirect_that_an_own_client_follows_is_never_taken_for_unsent() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let error_of = async |location: &str| {
        let server = ScriptedServer::start().await;
        server.will_answer_with(redirect_to(location));
        let pusher = server
            .builder()
            .reqwest_client(reqwest::Client::builder().no_proxy().build().unwrap())
            .build()
            .unwrap();
        let error = pusher.trigger("a", "e", 1).await.unwrap_err();
        assert_eq!(error.outcome(), Outcome::Unknown, "{error:?}");
        assert_no_secret(&error);
        error
    };
    let error = error_of("/elsewhere").await;
    assert!(matches!(error, Error::UnusableResponse { .. }), "{error}");
    assert!(error.to_string().contains("redirect policy"), "{error}");
    assert!(!error.is_retryable());
    for location in [&*format!("http://{closed}/"), "ftp://127.0.0.1/"] {
        let error = error_of(location).await;
        assert!(matches!(error, Error::Transport { .. }), "{error}");
    }
}

#[tokio::test]
async fn an_own_builder_does_not_follow_redirects_whatever_it_says() {
    let server = ScriptedServer::start().await;
    server.will_answer_with(redirect_to("/apps/3/events"));
    let builder = || {
        reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::limited(3))
            .user_agent("our own")
    };
    let pusher = server
        .builder()
        .reqwest_client_builder(builder)
        .build()
        .unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::Redirect));
    assert_eq!(server.request().headers["user-agent"], "our own");
}

#[tokio::test]
async fn an_answer_that_is_not_the_apis_is_named() {
    let server = ScriptedServer::start().await;
    for body in ["", "<html>", "[]", "null", "\"x\"", "{", "{}x"] {
        server.will_answer(200, body);
        let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Decode {
                    what: "trigger",
                    ..
                }
            ),
            "{body}: {error}"
        );
        assert_eq!(error.outcome(), Outcome::Unknown);
        assert_eq!(error.status(), Some(200));
        assert_no_secret(&error);
    }
}

#[tokio::test]
async fn an_answer_without_end_is_bounded() {
    let server = ScriptedServer::start().await;
    server.will_answer(200, vec![b' '; 8 * 1024 * 1024 + 1]);
    let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
    assert!(
        error.to_string().starts_with("the response is over"),
        "{error}"
    );
    assert!(!error.is_retryable());
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn a_refused_connection_was_surely_not_sent() {
    let address = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let pusher = client_of(address.port()).tls(false).build().unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Connect { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::NotAccepted);
    assert!(error.is_retryable());
    assert_no_secret(&error);
}

#[tokio::test]
async fn silence_is_a_timeout_and_the_outcome_is_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut connection = listener.accept().await.unwrap().0;
        let mut received = Vec::new();
        // Ends when the client gives up.
        connection.read_to_end(&mut received).await.unwrap();
        received
    });
    let pusher = client_of(port)
        .tls(false)
        .timeout(Duration::from_millis(200))
        .build()
        .unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert!(error.is_retryable());
    assert_no_secret(&error);
    let received = server.await.unwrap();
    assert!(received.starts_with(b"POST /apps/3/events?"));
}

#[tokio::test]
async fn a_connection_closed_without_an_answer_leaves_the_outcome_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut requests = 0;
        loop {
            let mut connection = listener.accept().await.unwrap().0;
            let mut bytes = [0; 4_096];
            if connection.read(&mut bytes).await.unwrap() > 0 {
                requests += 1;
            }
            if requests == 1 {
                return requests;
            }
        }
    });
    let pusher = client_of(port).tls(false).build().unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::Unknown);
    assert_no_secret(&error);
    assert_eq!(server.await.unwrap(), 1, "it is not tried again");
}

/// TLS is part of connecting: nothing of the request has been sent.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn a_connection_that_takes_too_long_was_surely_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let builder = || client_of(port);
    let short = Duration::from_millis(200);
    for builder in [builder().connect_timeout(short), builder().timeout(short)] {
        let error = builder.build().unwrap().channels().await.unwrap_err();
        assert!(matches!(error, Error::Connect { .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::NotAccepted);
    }
    drop(listener);
}

#[tokio::test]
async fn a_refusal_whose_words_break_off_is_a_refusal() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut connection = listener.accept().await.unwrap().0;
        let mut bytes = [0; 4_096];
        assert!(connection.read(&mut bytes).await.unwrap() > 0);
        let answer = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\nTimestamp";
        connection.write_all(answer).await.unwrap();
    });
    let pusher = client_of(port).tls(false).build().unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::Authentication));
    assert!(error.to_string().contains("(Timestamp"), "{error}");
}

#[tokio::test]
async fn what_a_parser_quotes_is_masked_and_bounded() {
    let server = ScriptedServer::start().await;
    let signature = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";
    let long = "x".repeat(1_000_000);
    for body in [
        format!(r#""/apps/3/x?auth_signature={signature}""#),
        format!("\"{long}\""),
    ] {
        server.will_answer(200, body);
        let error = server.pusher().get::<u32>("/x").await.unwrap_err();
        let shown = everything_shown(&error);
        assert!(!shown.contains(signature), "{shown}");
        assert!(shown.len() < 2_000, "{}", shown.len());
    }
}

#[tokio::test]
async fn a_request_that_cannot_be_built_was_not_sent() {
    let server = ScriptedServer::start().await;
    let pusher = server
        .builder()
        .path_prefix("x".repeat(70_000))
        .build()
        .unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error}");
    assert_eq!(error.outcome(), Outcome::NotAccepted);
    assert_eq!(server.recorded().len(), 0);
}
