//! The examples `ureq` and `hyper`, which use the API as data with their own HTTP clients.

use pusher_dev_server::{DevServer, Fault};
use pusher_http::{ChannelKind, ChannelName};

use crate::program::run;
use crate::stage::app;
use crate::{calls, event, events};

async fn server() -> DevServer {
    DevServer::builder().app(app()).start().await.unwrap()
}

fn call(what: &str, status: u16) -> (String, Option<u16>) {
    (what.to_owned(), Some(status))
}

#[tokio::test(flavor = "multi_thread")]
async fn ureq_sends_the_same_requests_as_the_client() {
    let server = server().await;
    let (success, output, errors) = run("ureq", &server.url()).await;
    assert_eq!((success, &*errors), (true, ""));
    assert_eq!(
        output,
        "a message is sent\nan encrypted message is sent\na batch of 10 is sent\n\
         a batch of 2 is sent\n0 channels are occupied\n"
    );

    // The server decrypts encrypted events.
    let mut expected = vec![
        event("room-1", "message", "\"hello\""),
        event("private-encrypted-room-1", "message", "\"hush\""),
    ];
    expected.extend((0..12).map(|number| {
        let channel = ["room-1", "private-encrypted-room-1"][number % 2];
        event(channel, "number", format!(r#"{{"number":{number}}}"#))
    }));
    assert_eq!(events(&server), expected);
    assert_eq!(
        calls(&server),
        [
            call("POST /apps/examples/events", 200),
            call("POST /apps/examples/events", 200),
            call("POST /apps/examples/batch_events", 200),
            call("POST /apps/examples/batch_events", 200),
            call("GET /apps/examples/channels", 200),
        ]
    );
    let encrypted = ChannelName::new("private-encrypted-room-1").unwrap();
    assert_eq!(encrypted.kind(), ChannelKind::Encrypted);
    let recorded = server.calls();
    assert!(!recorded[1].body.contains("hush"), "{}", recorded[1].body);
    assert!(
        recorded[1].body.contains("ciphertext"),
        "{}",
        recorded[1].body
    );
    assert_eq!(recorded[2].body.matches("ciphertext").count(), 5);
}

#[tokio::test(flavor = "multi_thread")]
async fn ureq_returns_the_same_errors_as_the_client() {
    let server = server().await;
    let wrong = server.url().replace(":secret@", ":another@");
    let (success, output, errors) = run("ureq", &wrong).await;
    assert_eq!((success, &*output), (false, ""));
    assert!(
        errors.starts_with("status 401: authentication failed: check app id, key and secret"),
        "{errors}"
    );
    assert!(
        errors.ends_with("NotAccepted, and trying again does not help\n"),
        "{errors}"
    );

    server.fail_next(Fault::Status(503));
    let (_, _, errors) = run("ureq", &server.url()).await;
    assert!(
        errors.starts_with("status 503: the service is unavailable"),
        "{errors}"
    );
    assert!(
        errors.ends_with("Unknown, and trying again may help\n"),
        "{errors}"
    );

    server.fail_next(Fault::ResetAfterRead);
    let (_, _, errors) = run("ureq", &server.url()).await;
    assert_eq!(
        errors,
        "the exchange broke off; the service may have acted on the request\n\
         Unknown, and trying again may help\n"
    );

    let unreachable = server.url();
    server.stop().await;
    let (success, _, errors) = run("ureq", &unreachable).await;
    assert!(!success);
    assert_eq!(
        errors,
        "could not connect; the request was not sent: check host, port, TLS and proxy\n\
         NotAccepted, and trying again may help\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hyper_sends_the_same_requests_as_the_client() {
    let server = server().await;
    let (success, output, errors) = run("hyper", &server.url()).await;
    assert_eq!((success, &*errors), (true, ""));
    assert_eq!(
        output,
        "room-1 has 0 listeners\nroom-2 has 0 listeners\nroom-1 is occupied: false\n"
    );
    let expected = [
        event("room-1", "message", "\"hello\""),
        event("room-2", "message", "\"hello\""),
    ];
    assert_eq!(events(&server), expected);
    assert_eq!(
        calls(&server),
        [
            call("POST /apps/examples/events", 200),
            call("GET /apps/examples/channels/room-1", 200),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn hyper_returns_the_same_errors_as_the_client() {
    let server = server().await;
    let url = server.url();
    server.fail_next(Fault::Status(429));
    let (success, _, errors) = run("hyper", &url).await;
    assert!(!success);
    assert!(
        errors.starts_with("Error: Api(ApiError { status: 429,"),
        "{errors}"
    );
    server.stop().await;
    let (success, _, errors) = run("hyper", &url).await;
    assert!(!success);
    assert!(errors.starts_with("Error: Connect {"), "{errors}");
}
