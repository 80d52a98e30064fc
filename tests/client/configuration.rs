//! A client's settings: their effect on requests, and which values are rejected.

use pusher_http::{Builder, Error, Limits, Pusher, WebhookSignature};
use serde_json::json;

use crate::common::{KEY, SECRET, ScriptedServer};

fn assert_shareable<T: Clone + Send + Sync + 'static>() {}
fn assert_send<T: Send + 'static>(_: &T) {}

#[tokio::test]
async fn client_is_clone_send_sync_and_calls_can_be_spawned() {
    assert_shareable::<Pusher>();
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let call = pusher.trigger("a", "e", 1);
    drop(pusher);
    assert_send(&call);
    tokio::spawn(async move { call.await })
        .await
        .unwrap()
        .unwrap();
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn clones_share_one_connection() {
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
async fn call_that_is_not_awaited_sends_nothing() {
    let server = ScriptedServer::start().await;
    let _ = server.pusher().trigger("a", "e", 1);
    server.pusher().channels().await.unwrap_err();
    assert_eq!(server.recorded().len(), 1);
}

#[tokio::test]
async fn builds_client_from_url() {
    let server = ScriptedServer::start().await;
    let url = format!("http://{KEY}:{SECRET}@{}/proxy/apps/3", server.address);
    let pusher = Builder::from_url(&url).unwrap().no_proxy().build().unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    let request = server.request();
    assert_eq!(request.uri.path(), "/proxy/apps/3/events");
    assert_eq!(request.query("auth_key").as_deref(), Some(KEY));
}

#[tokio::test]
async fn sends_requests_through_proxy() {
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
async fn uses_custom_reqwest_client() {
    let server = ScriptedServer::start().await;
    let client = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .user_agent("our own")
        .build()
        .unwrap();
    let pusher = server.builder().reqwest_client(client).build().unwrap();
    pusher.trigger("a", "e", 1).await.unwrap();
    assert_eq!(server.request().headers["user-agent"], "our own");
}

#[tokio::test]
async fn uses_raised_limits() {
    let server = ScriptedServer::start().await;
    let limits = Limits::default()
        .event_data_bytes(100_000)
        .channels_per_trigger(200);
    let pusher = server.builder().limits(limits).build().unwrap();
    let channels: Vec<_> = (0..150).map(|number| format!("c-{number}")).collect();
    let data = json!("x".repeat(50_000));
    pusher.trigger(channels, "e", &data).await.unwrap();
    assert_eq!(server.recorded().len(), 1);
}

#[test]
fn error_names_malformed_setting_and_debug_hides_secrets() {
    let builder = Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .proxy("not a url with marker-secret");
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
fn tls_is_default_and_needs_a_feature() {
    let built = Pusher::builder("3", KEY, SECRET).build();
    let has_tls = cfg!(any(feature = "rustls", feature = "native-tls"));
    assert_eq!(built.is_ok(), has_tls);
}

#[test]
fn defaults_match_documentation() {
    let debug = format!("{:?}", Pusher::builder("3", KEY, SECRET));
    assert!(
        debug.contains("connect_timeout: 5s, limits: SendLimits { timeout: 10s,"),
        "{debug}"
    );
    let url = Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .cluster("eu")
        .build()
        .unwrap();
    assert_eq!(url.app().base_url().as_str(), "http://api-eu.pusher.com/");
}

#[test]
fn signs_request_with_current_time() {
    let pusher = Pusher::builder("3", KEY, SECRET)
        .tls(false)
        .build()
        .unwrap();
    let request = pusher_http::api::Request::get("/channels").unwrap();
    let signed = pusher.sign(&request).unwrap();
    let url = url::Url::parse(&signed.uri().to_string()).unwrap();
    let timestamp: u64 = url
        .query_pairs()
        .find(|(key, _)| key == "auth_timestamp")
        .unwrap()
        .1
        .parse()
        .unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_secs();
    assert!(now.abs_diff(timestamp) < 60, "{timestamp}");
}

#[test]
fn webhooks_use_older_credentials_and_window() {
    let pusher = Pusher::builder("3", "new", "secret-of-new")
        .older_credentials("old", "secret-of-old")
        .webhook_window(std::time::Duration::from_secs(60))
        .tls(false)
        .build()
        .unwrap();
    let now = std::time::UNIX_EPOCH.elapsed().unwrap().as_millis();
    let old = pusher_http::Credentials::new("old", "secret-of-old").unwrap();
    for (time_ms, is_taken) in [(now, true), (now - 61_000, false), (now + 61_000, false)] {
        let body = format!(r#"{{"time_ms":{time_ms},"events":[]}}"#);
        let signed = WebhookSignature::new(&old, body.as_bytes());
        let by_headers = pusher.webhook(&signed.headers(), &body);
        assert_eq!(by_headers.is_ok(), is_taken, "{time_ms}");
        let (key, signature) = (Some(signed.key()), Some(signed.signature()));
        let by_parts = pusher.webhook_from_parts(key, signature, &body);
        assert_eq!(by_parts.is_ok(), is_taken, "{time_ms}");
        assert!(!format!("{signed:?}").contains(signed.signature()));
    }
}
