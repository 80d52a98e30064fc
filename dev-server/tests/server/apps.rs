//! Several apps on one server.

use std::time::Duration;

use pusher_dev_server::{DevApp, DevServer};
use pusher_http::Pusher;

use crate::client::Clients as _;
use crate::client::client;
use crate::socket::Socket;

fn app(id: &str) -> DevApp {
    DevApp::new(id, format!("key-{id}"), format!("secret-{id}"))
}

async fn two_apps() -> (DevServer, Pusher, Pusher) {
    let builder = DevServer::builder().app(app("one")).app(app("two"));
    let server = builder.start().await.unwrap();
    let one = server.pusher_of("one").unwrap();
    let two = server.pusher_of("two").unwrap();
    (server, one, two)
}

#[tokio::test]
async fn each_app_has_a_client_and_the_first_is_the_default() {
    let (server, one, two) = two_apps().await;
    assert_eq!(server.app().id(), "one");
    assert_eq!(server.pusher().app().id(), "one");
    assert_eq!((one.app().id(), two.app().id()), ("one", "two"));
    assert_eq!(two.app().credentials().key(), "key-two");
    assert!(server.pusher_of("three").is_none());
}

#[tokio::test]
async fn apps_are_isolated_from_each_other() {
    let (server, one, two) = two_apps().await;
    let mut of_one = Socket::connect_to(one.app()).await;
    let mut of_two = Socket::connect_to(two.app()).await;
    of_one.subscribe("private-room").await;
    of_two.subscribe("private-room").await;

    two.trigger("private-room", "e", 1).await.unwrap();
    of_two.expect("e").await;
    of_one.assert_nothing_received().await;
    let mixed = client(&server, "one", "key-two", "secret-two");
    let mixed = mixed.build().unwrap();
    let error = mixed.channels().await.unwrap_err();
    assert_eq!(error.status(), Some(401));
    assert_eq!(two.channels().await.unwrap().len(), 1);
    of_two.unsubscribe("private-room").await;
    of_two.assert_nothing_received().await;
    assert!(two.channels().await.unwrap().is_empty());
    assert_eq!(one.channels().await.unwrap().len(), 1);
}

#[tokio::test]
async fn records_name_their_app() {
    let (server, one, two) = two_apps().await;
    two.trigger("room", "e", 2).await.unwrap();
    one.trigger("room", "e", 1).await.unwrap();
    let events: Vec<_> = server
        .events()
        .into_iter()
        .map(|event| (event.app_id, event.data))
        .collect();
    let text = |text: &str| text.to_owned();
    let expected = [(text("two"), text("2")), (text("one"), text("1"))];
    assert_eq!(events, expected);
    let calls: Vec<_> = server.calls().into_iter().map(|call| call.app_id).collect();
    assert_eq!(calls, ["two", "one"]);
}

#[tokio::test]
async fn expects_event_in_first_app_or_named_app() {
    let (server, one, two) = two_apps().await;
    two.trigger("room", "e", 2).await.unwrap();
    one.trigger("room", "e", 1).await.unwrap();
    let event = server.expect_event("room", "e").await.unwrap();
    assert_eq!((event.app_id.as_str(), event.data.as_str()), ("one", "1"));
    let event = server.expect_event("room", "e").app("two").await.unwrap();
    assert_eq!((event.app_id.as_str(), event.data.as_str()), ("two", "2"));

    // The same applies to an expectation that has to wait.
    let (of_one, of_two, ()) = tokio::join!(
        server.expect_event("room", "late"),
        server.expect_event("room", "late").app("two"),
        async {
            two.trigger("room", "late", 2).await.unwrap();
            one.trigger("room", "late", 1).await.unwrap();
        }
    );
    assert_eq!(
        (of_one.unwrap().data.as_str(), of_two.unwrap().data.as_str()),
        ("1", "2")
    );
}

#[tokio::test]
async fn failed_expectation_lists_events_with_their_apps() {
    let (server, _one, two) = two_apps().await;
    two.trigger("room", "e", 2).await.unwrap();
    let expected = server.expect_event("room", "e").within(Duration::ZERO);
    let error = expected.await.unwrap_err();
    assert_eq!(error.app_id.as_deref(), Some("one"));
    let message = "no \"e\" on \"room\" of the app \"one\" within 0ns; what did arrive:\
                 \n  \"e\" on \"room\" of the app \"two\": 2";
    assert_eq!(error.to_string(), message);
}

#[tokio::test]
async fn rejects_apps_with_same_id_or_key() {
    let same_key = DevApp::new("two", "key-one", "another secret");
    let same_older_key = app("two").older_credentials("key-one", "another secret");
    for (second, message) in [
        (app("one"), "two have the id \"one\""),
        (same_key, "two have the key \"key-one\""),
        (same_older_key, "two have the key \"key-one\""),
    ] {
        let builder = DevServer::builder().app(app("one")).app(second);
        let error = builder.start().await.unwrap_err();
        assert_eq!((error.setting(), error.reason()), ("apps", message));
    }
}
