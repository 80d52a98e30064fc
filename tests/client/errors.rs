//! Failures and the errors they cause: the kind, the outcome, and that no secret is shown.

use std::time::Duration;

use axum::body::Body;
use axum::http::Response;
use pusher_http::{ApiErrorKind, Builder, Error, Outcome, Pusher};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use crate::common::{KEY, SECRET, ScriptedServer};

/// Returns the messages and `Debug` output of an error and all its sources, as in a log.
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
async fn error_response_has_kind_and_service_message() {
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
        server.will_respond(status, format!("words of {status}\n"));
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
async fn expired_timestamp_error_has_clock_offset() {
    let server = ScriptedServer::start().await;
    let twenty_minutes_on = std::time::SystemTime::now() + Duration::from_secs(1_200);
    server.will_respond_with(
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
async fn redirect_is_an_error_and_is_not_followed() {
    for status in [301, 302, 307, 308] {
        let server = ScriptedServer::start().await;
        server.will_respond_with(
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
async fn redirect_followed_by_custom_reqwest_client_has_unknown_outcome() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        listener.local_addr().unwrap()
    };
    let error_of = async |location: &str| {
        let server = ScriptedServer::start().await;
        server.will_respond_with(redirect_to(location));
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
async fn custom_reqwest_builder_never_follows_redirects() {
    let server = ScriptedServer::start().await;
    server.will_respond_with(redirect_to("/apps/3/events"));
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
async fn unexpected_response_body_is_a_decode_error() {
    let server = ScriptedServer::start().await;
    for body in ["", "<html>", "[]", "null", "\"x\"", "{", "{}x"] {
        server.will_respond(200, body);
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
async fn rejects_response_over_8_mib() {
    let server = ScriptedServer::start().await;
    server.will_respond(200, vec![b' '; 8 * 1024 * 1024 + 1]);
    let error = server.pusher().trigger("a", "e", 1).await.unwrap_err();
    assert!(
        error.to_string().starts_with("the response is over"),
        "{error}"
    );
    assert!(!error.is_retryable());
    assert_eq!(error.outcome(), Outcome::Unknown);
}

#[tokio::test]
async fn connection_refused_has_outcome_not_accepted() {
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
async fn timeout_without_response_has_unknown_outcome() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let mut connection = listener.accept().await.unwrap().0;
        let mut received = Vec::new();
        // The read ends when the client closes the connection.
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
async fn connection_closed_without_response_has_unknown_outcome() {
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

/// The TLS handshake is part of connecting, so no part of the request has been sent.
#[cfg(any(feature = "rustls", feature = "native-tls"))]
#[tokio::test]
async fn connect_timeout_has_outcome_not_accepted() {
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
async fn error_response_with_truncated_body_keeps_its_status() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let mut connection = listener.accept().await.unwrap().0;
        let mut bytes = [0; 4_096];
        assert!(connection.read(&mut bytes).await.unwrap() > 0);
        let response = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 100\r\n\r\nTimestamp";
        connection.write_all(response).await.unwrap();
    });
    let pusher = client_of(port).tls(false).build().unwrap();
    let error = pusher.trigger("a", "e", 1).await.unwrap_err();
    assert_eq!(error.api_kind(), Some(ApiErrorKind::Authentication));
    assert!(error.to_string().contains("(Timestamp"), "{error}");
}

#[tokio::test]
async fn decode_error_masks_secrets_and_is_bounded() {
    let server = ScriptedServer::start().await;
    let signature = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";
    let long = "x".repeat(1_000_000);
    for body in [
        format!(r#""/apps/3/x?auth_signature={signature}""#),
        format!("\"{long}\""),
    ] {
        server.will_respond(200, body);
        let error = server.pusher().get::<u32>("/x").await.unwrap_err();
        let shown = everything_shown(&error);
        assert!(!shown.contains(signature), "{shown}");
        assert!(shown.len() < 2_000, "{}", shown.len());
    }
}

#[tokio::test]
async fn request_that_cannot_be_built_has_outcome_not_accepted() {
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
