//! Queries of channels, of one channel, and of its users: the requests, and the responses of
//! several servers.

use pusher_http::{Error, Info, Outcome};

use crate::common::ScriptedServer;

#[tokio::test]
async fn queries_channels_with_prefix_and_counts() {
    let server = ScriptedServer::start().await;
    server.will_respond(
        200,
        r#"{"channels":{"presence-a":{"user_count":2},"presence-b":{}}}"#,
    );
    let channels = server
        .pusher()
        .channels()
        .prefix("presence-")
        .info(Info::USER_COUNT)
        .await
        .unwrap();
    assert_eq!(channels.len(), 2);
    assert_eq!(channels["presence-a"].user_count, Some(2));
    assert_eq!(channels["presence-b"].user_count, None);

    let request = server.request();
    assert_eq!(request.method, "GET");
    assert_eq!(request.uri.path(), "/apps/3/channels");
    assert_eq!(request.body, "");
    let query = request.uri.query().unwrap();
    assert!(query.contains("&filter_by_prefix=presence-&info=user_count&auth_signature="));
    assert!(!query.contains("body_md5"), "{query}");
    assert!(!request.headers.contains_key("content-type"));
}

#[tokio::test]
async fn accepts_empty_array_as_channels() {
    let server = ScriptedServer::start().await;
    for body in [r#"{"channels":{}}"#, r#"{"channels":[]}"#] {
        server.will_respond(200, body);
        assert!(server.pusher().channels().await.unwrap().is_empty());
    }
    for body in [r#"{"channels":[1]}"#, "{}", "[]"] {
        server.will_respond(200, body);
        let error = server.pusher().channels().await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{body}: {error}");
    }
}

#[tokio::test]
async fn queries_channel_state() {
    let server = ScriptedServer::start().await;
    server
        .will_respond(200, r#"{"occupied":false}"#)
        .will_respond(200, r#"{"occupied":true,"user_count":42}"#)
        .will_respond(
            200,
            r#"{"occupied":true,"subscription_count":7,"cache":{"data":"{\"a\":1}","ttl":60}}"#,
        )
        .will_respond(200, r#"{"occupied":true,"cache":null}"#)
        .will_respond(
            200,
            r#"{"occupied":true,"cache":{"event":"e","data":{"a":1}}}"#,
        );
    let pusher = server.pusher();

    let state = pusher.channel("a").await.unwrap();
    assert!(!state.occupied);
    assert_eq!((state.user_count, state.subscription_count), (None, None));

    let state = pusher.channel("presence-a").info(Info::USER_COUNT).await;
    assert_eq!(state.unwrap().user_count, Some(42));

    let info = Info::CACHE | Info::SUBSCRIPTION_COUNT;
    let state = pusher.channel("cache-a,b;c@d=e").info(info).await.unwrap();
    assert_eq!(state.subscription_count, Some(7));
    let cache = state.cache.unwrap();
    assert_eq!((cache.data.as_str(), cache.ttl), (r#"{"a":1}"#, Some(60)));

    let state = pusher.channel("private-cache-a").info(Info::CACHE).await;
    assert_eq!(state.unwrap().cache, None);

    // Laravel Reverb sends no time to live, and any JSON value as data.
    let state = pusher.channel("cache-a").info(Info::CACHE).await;
    let cache = state.unwrap().cache.unwrap();
    assert_eq!((cache.data.as_str(), cache.ttl), (r#"{"a":1}"#, None));

    let paths: Vec<_> = server
        .recorded()
        .iter()
        .map(|request| request.uri.path().to_owned())
        .collect();
    // These characters are not percent-encoded, because servers decode them differently.
    assert_eq!(paths[2], "/apps/3/channels/cache-a,b;c@d=e");
    let query = server.recorded()[2].uri.query().unwrap().to_owned();
    assert!(
        query.contains("&info=subscription_count%2Ccache&"),
        "{query}"
    );
}

#[tokio::test]
async fn accepts_counts_as_numbers_or_digit_strings() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let ask = || pusher.channel("a").info(Info::SUBSCRIPTION_COUNT);
    server.will_respond(200, r#"{"occupied":true,"subscription_count":"7"}"#);
    assert_eq!(ask().await.unwrap().subscription_count, Some(7));
    for count in ["-1", "\"+7\"", "\"\"", "\"x\"", "1.5", "[]"] {
        let body = format!(r#"{{"occupied":true,"subscription_count":{count}}}"#);
        server.will_respond(200, body);
        let error = ask().await.unwrap_err();
        assert!(matches!(error, Error::Decode { .. }), "{count}: {error}");
    }
}

#[tokio::test]
async fn queries_users_of_presence_channel() {
    let server = ScriptedServer::start().await;
    server.will_respond(200, r#"{"users":[{"id":"1"},{"id":7}]}"#);
    let users = server.pusher().users("presence-a").await.unwrap();
    let ids: Vec<_> = users.iter().map(|user| user.id.as_str()).collect();
    assert_eq!(ids, ["1", "7"]);
    let request = server.request();
    assert_eq!(request.uri.path(), "/apps/3/channels/presence-a/users");
}

#[tokio::test]
async fn rejects_unsupported_info_before_sending() {
    let server = ScriptedServer::start().await;
    let pusher = server.pusher();
    let errors = [
        pusher
            .channel("a")
            .info(Info::USER_COUNT)
            .await
            .unwrap_err(),
        pusher
            .channel("presence-a")
            .info(Info::SUBSCRIPTION_COUNT)
            .await
            .unwrap_err(),
        pusher
            .channel("private-a")
            .info(Info::CACHE)
            .await
            .unwrap_err(),
        pusher.channel("no spaces").await.unwrap_err(),
        pusher.channels().info(Info::USER_COUNT).await.unwrap_err(),
        pusher
            .channels()
            .prefix("private-")
            .info(Info::USER_COUNT)
            .await
            .unwrap_err(),
        pusher
            .channels()
            .prefix("presence-")
            .info(Info::SUBSCRIPTION_COUNT)
            .await
            .unwrap_err(),
        pusher.users("a").await.unwrap_err(),
    ];
    for error in errors {
        assert!(matches!(error, Error::Invalid { .. }), "{error}");
        assert_eq!(error.outcome(), Outcome::NotAccepted);
    }
    assert_eq!(server.recorded().len(), 0);
}
