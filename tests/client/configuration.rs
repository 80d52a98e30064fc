use pusher_http::{Error, Limits, Pusher};
use serde_json::json;

use crate::common::{KEY, SECRET, ScriptedServer};

fn is_shared_freely<T: Clone + Send + Sync + 'static>() {}
fn is_sent<T: Send + 'static>(_: &T) {}

#[tokio::test]
async fn a_client_is_shared_freely_and_its_calls_can_be_spawned() {
    is_shared_freely::<Pusher>();
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let call = pusher.trigger("a", "e", 1);
    drop(pusher);
    is_sent(&call);
    tokio::spawn(async move { call.await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn all_clones_use_one_connection() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    for _ in 0..5 {
        pusher.clone().trigger("a", "e", 1).await.unwrap();
    }
    let mut peers: Vec<_> = server
        .recorded()
        .iter()
        .map(|request| request.peer)
        .collect();
    peers.dedup();
    assert_eq!(peers.len(), 1);
}

#[tokio::test]
async fn a_call_that_is_not_awaited_sends_nothing() {
    let server = ScriptedServer::start().await;
    let _ = server.pusher().trigger("a", "e", 1);
    server.pusher().channels().await.unwrap_err();
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn a_url_is_enough() {
    let server = ScriptedServer::start().await;
    let url = format!("http://{KEY}:{SECRET}@{}/proxy/apps/3", server.address);
    let pusher = Pusher::from_url(&url).unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    let request = server.request();
    assert_eq!(request.uri.path(), "/proxy/apps/3/events");
    assert_eq!(request.query("auth_key").as_deref(), Some(KEY));
}

#[tokio::test]
async fn requests_go_through_the_proxy() {
    let proxy = ScriptedServer::start().await;
    let pusher = Pusher::builder("3", KEY, SECRET)
        .host("pusher.invalid")
        .tls(false)
        .proxy(format!("http://user:password@{}", proxy.address))
        .build()
        .unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    let request = proxy.request();
    assert_eq!(request.uri.host(), Some("pusher.invalid"));
    assert!(request.headers.contains_key("proxy-authorization"));
}

#[tokio::test]
async fn an_own_reqwest_client_is_used() {
    let server = ScriptedServer::start().await;
    let client = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("our own")
        .build()
        .unwrap();
    let pusher = server.builder().reqwest_client(client).build().unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    assert_eq!(server.request().headers["user-agent"], "our own");
}

#[tokio::test]
async fn raised_limits_are_used() {
    let server = ScriptedServer::start().await;
    let limits = Limits {
        event_data_bytes: 100_000,
        channels_per_trigger: 200,
        ..Limits::default()
    };
    let pusher = server.builder().limits(limits).build().unwrap();
    let channels: Vec<_> = (0..150).map(|number| format!("c-{number}")).collect();
    let data = json!("x".repeat(50_000));
    pusher.trigger(channels, "e", &data).await.unwrap();
    assert_eq!(server.recorded().len(), 1);
}

#[test]
fn what_is_malformed_is_named_and_no_secret_is_shown() {
    let builder = Pusher::builder("3", KEY, SECRET).proxy("not a url with marker-secret");
    let debug = format!("{builder:?}");
    assert!(
        !debug.contains(SECRET) && !debug.contains("marker"),
        "{debug}"
    );
    let error = builder.build().unwrap_err();
    assert!(
        matches!(&error, Error::Config { name, .. } if name == "proxy"),
        "{error}"
    );
    assert!(!format!("{error:?}").contains("marker"));

    let pusher = Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .build()
        .unwrap();
    let call = pusher.trigger("a", "e", 1);
    for debug in [format!("{pusher:?}"), format!("{call:?}")] {
        assert!(debug.contains(KEY) && !debug.contains(SECRET), "{debug}");
    }
}

#[test]
fn tls_is_the_default_and_needs_a_feature() {
    let built = Pusher::builder("3", KEY, SECRET).build();
    let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
    assert_eq!(built.is_ok(), has_tls);
}
