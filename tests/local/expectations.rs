//! What a test asks the server: which events came, which calls, and what was wrong with them.

use std::time::Duration;

use pusher_http::http::Method;
use pusher_http::local::{Fault, LocalServer, LocalTimes};
use pusher_http::{Event, EventData, Info, Pusher, SocketId};
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::api::post;
use crate::socket::Socket;

async fn impatient() -> LocalServer {
    let times = LocalTimes {
        expectation: Duration::from_millis(10),
        ..LocalTimes::default()
    };
    LocalServer::builder().times(times).start().await.unwrap()
}

#[tokio::test]
async fn each_event_is_given_once_and_in_order() {
    let server = impatient().await;
    let pusher = server.pusher();
    for number in 1..=3 {
        pusher.trigger(["a", "b"], "e", number).await.unwrap();
        pusher.trigger("a", "f", number).await.unwrap();
    }
    for number in 1..=3 {
        let event = server.expect_event("a", "e").await.unwrap();
        assert_eq!((event.channel.as_str(), event.name.as_str()), ("a", "e"));
        assert_eq!(event.json::<i32>().unwrap(), number);
    }
    server.expect_event("a", "e").await.unwrap_err();
    // What was passed over is still there.
    for number in 1..=3 {
        let event = server.expect_event("a", "f").await.unwrap();
        assert_eq!(event.json::<i32>().unwrap(), number);
        let event = server.expect_event("b", "e").await.unwrap();
        assert_eq!(event.json::<i32>().unwrap(), number);
    }
    let all: Vec<_> = server
        .events()
        .iter()
        .map(|event| format!("{} {} {}", event.channel, event.name, event.data))
        .collect();
    let expected = [
        "a e 1", "b e 1", "a f 1", "a e 2", "b e 2", "a f 2", "a e 3", "b e 3", "a f 3",
    ];
    assert_eq!(all, expected);
}

#[tokio::test]
async fn a_later_event_is_waited_for() {
    let server = LocalServer::start().await.unwrap();
    let pusher = server.pusher();
    let (event, ()) = tokio::join!(server.expect_event("room", "late"), async {
        pusher.trigger("room", "early", 1).await.unwrap();
        pusher.trigger("hall", "late", 2).await.unwrap();
        pusher.trigger("room", "late", 3).await.unwrap();
    });
    assert_eq!(event.unwrap().data, "3");
}

#[tokio::test]
async fn several_can_wait_at_once_and_each_gets_its_own() {
    let server = LocalServer::start().await.unwrap();
    let pusher = server.pusher();
    let (first, second, ()) = tokio::join!(
        server.expect_event("room", "e"),
        server.expect_event("room", "e"),
        async {
            pusher.trigger("room", "e", 1).await.unwrap();
            pusher.trigger("room", "e", 2).await.unwrap();
        }
    );
    let mut both = [first.unwrap().data, second.unwrap().data];
    both.sort();
    assert_eq!(both, ["1", "2"]);
}

#[tokio::test]
async fn a_failed_expectation_lists_what_did_arrive() {
    let server = impatient().await;
    let error = server.expect_event("room", "e").await.unwrap_err();
    let words = "no \"e\" on \"room\" within 10ms; what did arrive: nothing";
    assert_eq!(error.to_string(), words);

    server
        .pusher()
        .trigger("room", "f", json!({"a": 1}))
        .await
        .unwrap();
    server.pusher().trigger("hall", "e", "x").await.unwrap();
    server.expect_event("hall", "e").await.unwrap();
    let error = server.expect_event("room", "e").await.unwrap_err();
    let words = "no \"e\" on \"room\" within 10ms; what did arrive:\
                 \n  \"f\" on \"room\": {\"a\":1}\
                 \n  \"e\" on \"hall\": \"x\"";
    assert_eq!(error.to_string(), words);
    assert_eq!(error.arrived.len(), 2);
    assert_eq!((error.channel.as_str(), error.name.as_str()), ("room", "e"));
}

#[tokio::test]
async fn a_failed_expectation_shows_the_newest_and_the_beginning_of_each() {
    let server = LocalServer::start().await.unwrap();
    let pusher = server.pusher();
    for number in 0..25 {
        let text = format!("{number} {}", "é".repeat(300));
        pusher
            .trigger("room", "e", EventData::raw(text))
            .await
            .unwrap();
    }
    let expected = server.expect_event("room", "f").within(Duration::ZERO);
    let error = expected.await.unwrap_err();
    assert_eq!(error.arrived.len(), 25);
    let shown: Vec<_> = (5..25)
        .map(|number| format!("{number} {}", "é".repeat(300)))
        .map(|text| text.chars().take(200).collect::<String>())
        .map(|text| format!("\n  \"e\" on \"room\": {text}…"))
        .collect();
    let expected = format!(
        "no \"f\" on \"room\" within 0ns; what did arrive:\n  5 that are not shown here{}",
        shown.concat()
    );
    assert_eq!(error.to_string(), expected);
}

#[tokio::test]
async fn how_long_to_wait_can_be_said_for_each() {
    let server = LocalServer::start().await.unwrap();
    let within = Duration::from_millis(3);
    let expected = server.expect_event("room", "e").within(within);
    let error = expected.await.unwrap_err();
    assert_eq!(error.waited, within);
}

#[tokio::test]
async fn a_call_is_recorded_with_what_was_signed() {
    let server = LocalServer::start().await.unwrap();
    let socket_id = SocketId::new("1.2").unwrap();
    server
        .pusher()
        .trigger("room", "e", 1)
        .exclude(socket_id)
        .info(Info::SUBSCRIPTION_COUNT)
        .await
        .unwrap();
    server.pusher().channels().prefix("a b").await.unwrap();

    let [trigger, channels] = server.calls().try_into().unwrap();
    assert_eq!(trigger.app_id, "local-app");
    assert_eq!(trigger.method, Method::POST);
    assert_eq!(trigger.path, "/apps/local-app/events");
    let names: Vec<_> = trigger
        .query
        .split('&')
        .map(|pair| pair.split_once('=').unwrap().0)
        .collect();
    let signed = ["auth_key", "auth_timestamp", "auth_version", "body_md5"];
    assert_eq!(names, signed);
    let body: Value = serde_json::from_str(&trigger.body).unwrap();
    let expected = json!({
        "name": "e", "channels": ["room"], "data": "1", "socket_id": "1.2",
        "info": "subscription_count",
    });
    assert_eq!(body, expected);
    assert_eq!(trigger.status, Some(200));
    assert_eq!((trigger.refusal, trigger.fault), (None, None));

    assert_eq!(channels.method, Method::GET);
    assert!(channels.query.ends_with("&filter_by_prefix=a%20b"));
    assert_eq!(channels.body, "");

    let event = &server.events()[0];
    assert_eq!(event.excluded.as_deref(), Some("1.2"));
    assert_eq!(event.info.as_deref(), Some("subscription_count"));
}

#[tokio::test]
async fn a_refused_call_is_recorded_with_what_was_wrong() {
    let server = LocalServer::start().await.unwrap();
    let (status, words) = post(&server, "/events", r#"{"name":"e","data":"1"}"#).await;
    assert_eq!(status, 400);
    let call = &server.calls()[0];
    assert_eq!(call.status, Some(400));
    assert_eq!(call.refusal.as_deref(), Some(words.as_str()));

    let stranger = Pusher::builder("local-app", "local-key", "wrong")
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .no_proxy()
        .build()
        .unwrap();
    stranger.trigger("room", "e", 1).await.unwrap_err();
    let call = &server.calls()[1];
    assert_eq!(call.status, Some(401));
    let refusal = call.refusal.as_deref().unwrap();
    assert!(refusal.starts_with("Invalid signature: "), "{refusal}");
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn a_fault_is_recorded_by_its_name() {
    let server = LocalServer::start().await.unwrap();
    server.fail_next(Fault::Status(503));
    server.fail_next(Fault::ResetAfterRead);
    let pusher = server.pusher();
    for _ in 0..2 {
        pusher.trigger("room", "e", 1).await.unwrap_err();
    }
    let [refused, broken] = server.calls().try_into().unwrap();
    assert_eq!(refused.fault.as_deref(), Some("Status(503)"));
    assert_eq!(refused.status, Some(503));
    assert_eq!(broken.fault.as_deref(), Some("ResetAfterRead"));
    assert_eq!(broken.status, None);
}

#[tokio::test]
async fn encrypted_events_are_opened() {
    let server = LocalServer::start().await.unwrap();
    let channel = "private-encrypted-room";
    let pusher = server.pusher();
    pusher
        .trigger(channel, "one", json!({"a": 1}))
        .await
        .unwrap();
    let batch = [Event::new(channel, "two", "secret").unwrap()];
    pusher.trigger_batch(batch).await.unwrap();
    let event = server.expect_event(channel, "one").await.unwrap();
    assert_eq!(event.data, r#"{"a":1}"#);
    let event = server.expect_event(channel, "two").await.unwrap();
    assert_eq!(event.json::<String>().unwrap(), "secret");
    // On the wire there was nothing to read.
    assert!(
        server
            .calls()
            .iter()
            .all(|call| !call.body.contains("secret"))
    );
}

#[tokio::test]
async fn what_no_key_opens_stays_as_it_came() {
    let server = LocalServer::start().await.unwrap();
    let channel = "private-encrypted-room";
    let body = json!({"name": "e", "channel": channel, "data": "plain"});
    post(&server, "/events", body.to_string()).await;
    let event = server.expect_event(channel, "e").await.unwrap();
    assert_eq!(event.data, "plain");
}

#[tokio::test]
async fn a_path_prefix_stands_before_everything_and_is_not_signed() {
    for prefix in ["/realtime", "/a/b/"] {
        let builder = LocalServer::builder().path_prefix(prefix);
        let server = builder.start().await.unwrap();
        let pusher = server.pusher();
        let mut socket = Socket::connect(&server).await;
        socket.subscribe("room").await;
        pusher.trigger("room", "e", 1).await.unwrap();
        socket.expect("e").await;
        assert_eq!(server.calls()[0].path, "/apps/local-app/events");
        assert_eq!(
            pusher.app().base_url().path().trim_end_matches('/'),
            prefix.trim_end_matches('/')
        );

        let without = Pusher::builder("local-app", "local-key", "local-secret")
            .host("127.0.0.1")
            .port(server.address().port())
            .tls(false)
            .no_proxy()
            .build()
            .unwrap();
        let error = without.channels().await.unwrap_err();
        assert_eq!(error.status(), Some(404));
    }
}

#[tokio::test]
async fn the_servers_client_is_set_up_for_it() {
    let server = LocalServer::start().await.unwrap();
    let pusher = server.pusher();
    let url = format!("http://{}/", server.address());
    assert_eq!(pusher.app().base_url().as_str(), url);
    assert_eq!(pusher.app().id(), "local-app");
    assert_eq!(pusher.app().token().key(), "local-key");
    assert!(server.address().ip().is_loopback());
    pusher.trigger("private-encrypted-a", "e", 1).await.unwrap();
}

fn client_of(server: &LocalServer, secret: &str) -> Pusher {
    Pusher::builder("local-app", "local-key", secret)
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .no_proxy()
        .build()
        .unwrap()
}

#[tokio::test]
async fn a_failed_expectation_lists_the_calls_that_were_refused() {
    let server = impatient().await;
    let stranger = client_of(&server, "wrong");
    stranger.trigger("room", "e", 1).await.unwrap_err();
    server.fail_next(Fault::Status(503));
    let pusher = server.pusher();
    pusher.trigger("room", "e", 1).await.unwrap_err();
    server.fail_next(Fault::ResetBeforeRead);
    pusher.trigger("room", "e", 1).await.unwrap_err();
    pusher.trigger("room", "f", 1).await.unwrap();

    let error = server.expect_event("room", "e").await.unwrap_err();
    assert_eq!(error.refused.len(), 3);
    let refusal = error.refused[0].refusal.as_deref().unwrap();
    assert!(refusal.starts_with("Invalid signature: "), "{refusal}");
    let refusal = format!("{}…", &refusal[..200]);
    let path = "POST /apps/local-app/events:";
    let words = format!(
        "no \"e\" on \"room\" within 10ms; what did arrive:\
         \n  \"f\" on \"room\": 1\
         \ncalls without success:\
         \n  {path} 401 {refusal}\
         \n  {path} 503 (the fault Status(503))\
         \n  {path} (the fault ResetBeforeRead)"
    );
    assert_eq!(error.to_string(), words);
}

#[tokio::test]
async fn a_call_outside_the_path_prefix_is_recorded() {
    let builder = LocalServer::builder().path_prefix("/realtime");
    let server = builder.start().await.unwrap();
    let without = client_of(&server, "local-secret");
    let error = without.trigger("room", "e", 1).await.unwrap_err();
    assert_eq!(error.status(), Some(404));
    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.path, "/apps/local-app/events");
    assert_eq!(call.status, Some(404));
    let words = "Not found: the API's paths begin with /realtime/apps/";
    assert_eq!(call.refusal.as_deref(), Some(words));
    assert_eq!(call.app_id, "local-app");
    let favicon = format!("http://{}/favicon.ico", server.address());
    let client = pusher_http::reqwest::Client::builder().no_proxy().build();
    let answer = client.unwrap().get(favicon).send().await.unwrap();
    assert_eq!(answer.status(), 404);
    assert_eq!(server.calls().len(), 1);
}

#[tokio::test]
async fn a_body_that_ends_early_is_recorded() {
    let server = LocalServer::start().await.unwrap();
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let part = "POST /apps/local-app/events?a=b HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{";
    stream.write_all(part.as_bytes()).await.unwrap();
    let recorded = async {
        while server.calls().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    timeout(Duration::from_secs(20), recorded).await.unwrap();
    drop(stream);
    let noticed = async {
        loop {
            let [call] = server.calls().try_into().unwrap();
            if call.refusal.is_some() {
                break call;
            }
            tokio::task::yield_now().await;
        }
    };
    let call = timeout(Duration::from_secs(20), noticed).await.unwrap();
    assert_eq!(call.query, "a=b");
    assert!(call.refusal.unwrap().starts_with("The body ends early: "));
    assert_eq!(call.body, "");
}

#[tokio::test]
async fn a_body_over_all_limits_is_recorded() {
    let server = LocalServer::start().await.unwrap();
    let body = vec![b'x'; 64 * 1024 * 1024 + 1];
    let (status, words) = post(&server, "/events", body).await;
    assert_eq!(status, 413);
    assert_eq!(words, "The body is over 67108864 bytes");
    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.status, Some(413));
    assert_eq!(call.refusal.as_deref(), Some(words.as_str()));
    assert_eq!(call.body, "");
}
