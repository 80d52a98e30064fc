//! The test list of the official specification for server libraries
//! (`server-library-reference-specification`, version 1), with one test for each name. If this
//! crate goes further, such as by splitting a batch that is too large, the test shows that.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod common;

mod trigger {
    use pusher_http::{Error, Event, Outcome};

    use crate::common::ScriptedServer;

    /// The type of [`Event`] allows only one channel. A list of channels is an invalid name.
    #[tokio::test]
    async fn post_batch_events_fails_for_multichannel_events() {
        let error = Event::new("channel-1,channel 2", "event", "data").unwrap_err();
        assert!(matches!(
            error,
            Error::Invalid {
                what: "channel name",
                ..
            }
        ));
    }

    /// The specification expects an error. This crate splits the batch instead.
    #[tokio::test]
    async fn post_batch_events_splits_too_large_a_batch() {
        let server = ScriptedServer::start().await;
        let events = (0..11).map(|_| Event::new("channel", "event", "data").unwrap());
        server
            .encrypting_pusher()
            .trigger_batch(events)
            .await
            .unwrap();
        assert_eq!(server.recorded().len(), 2);
    }

    #[tokio::test]
    async fn post_batch_events_succeeds_for_single_channel_events() {
        let server = ScriptedServer::start().await;
        let events = ["channel", "private-channel", "private-encrypted-channel"]
            .map(|channel| Event::new(channel, "event", "data").unwrap());
        let response = server
            .encrypting_pusher()
            .trigger_batch(events)
            .await
            .unwrap();
        assert_eq!(response.counts.len(), 3);
        assert_eq!(server.request().uri.path(), "/apps/3/batch_events");
    }

    #[tokio::test]
    async fn post_event_fails_for_an_invalid_multichannel_event() {
        let server = ScriptedServer::start().await;
        let error = server
            .encrypting_pusher()
            .trigger(["channel", "private-encrypted-channel"], "event", "data")
            .await
            .unwrap_err();
        assert_eq!(error.outcome(), Outcome::NotAccepted);
        assert_eq!(server.recorded().len(), 0);
    }

    async fn post_event_succeeds(channels: &[&str]) -> serde_json::Value {
        let server = ScriptedServer::start().await;
        server
            .encrypting_pusher()
            .trigger(channels, "event", "data")
            .await
            .unwrap();
        let request = server.request();
        assert_eq!(request.uri.path(), "/apps/3/events");
        let body = request.json();
        assert_eq!(body["channels"], serde_json::json!(channels));
        body["data"].clone()
    }

    #[tokio::test]
    async fn post_event_succeeds_for_an_encrypted_channel() {
        let data = post_event_succeeds(&["private-encrypted-channel"]).await;
        assert!(
            data.as_str().unwrap().starts_with(r#"{"nonce":""#),
            "{data}"
        );
    }

    #[tokio::test]
    async fn post_event_succeeds_for_a_private_channel() {
        assert_eq!(post_event_succeeds(&["private-channel"]).await, "\"data\"");
    }

    #[tokio::test]
    async fn post_event_succeeds_for_a_public_channel() {
        assert_eq!(post_event_succeeds(&["channel"]).await, "\"data\"");
    }

    #[tokio::test]
    async fn post_event_succeeds_for_a_valid_multichannel_event() {
        let data = post_event_succeeds(&["channel", "private-channel", "presence-channel"]).await;
        assert_eq!(data, "\"data\"");
    }
}

mod authorization {
    use pusher_http::{App, ChannelName, Error, PresenceMember, SocketId};
    use serde_json::json;

    use crate::common::{KEY, MASTER_KEY, SECRET};

    fn app() -> App {
        App::builder("3", KEY, SECRET)
            .encryption_master_key_base64(MASTER_KEY)
            .build_app()
            .unwrap()
    }

    fn socket_id() -> SocketId {
        SocketId::new("1234.1234").unwrap()
    }

    fn channel(name: &str) -> ChannelName {
        ChannelName::new(name).unwrap()
    }

    #[test]
    fn encrypted_channel_succeeds() {
        let auth = app()
            .authorize_channel(&socket_id(), &channel("private-encrypted-bla"))
            .unwrap();
        assert_eq!(
            auth.shared_secret(),
            Some("nlr49ISQHz91yS3cy/yWmW8wFMNeTnNL5tNHnbPJcLQ=")
        );
    }

    #[test]
    fn presence_channel_succeeds() {
        let auth = app()
            .authorize_presence_channel(
                &socket_id(),
                &channel("presence-foobar"),
                PresenceMember::new("10").unwrap(),
            )
            .unwrap();
        assert_eq!(auth.channel_data(), Some(r#"{"user_id":"10"}"#));
    }

    #[test]
    fn presence_channel_with_missing_user_data_fails() {
        let error = app()
            .authorize_channel(&socket_id(), &channel("presence-foobar"))
            .unwrap_err();
        assert!(error.to_string().contains("needs a member"), "{error}");
        let error = PresenceMember::new("").unwrap_err();
        assert!(matches!(
            error,
            Error::Invalid {
                what: "user id",
                ..
            }
        ));
    }

    #[test]
    fn presence_channel_with_user_info_succeeds() {
        let member = PresenceMember::new("10")
            .and_then(|member| member.user_info(json!({"name": "Mr. Pusher"})))
            .unwrap();
        let auth = app()
            .authorize_presence_channel(&socket_id(), &channel("presence-foobar"), &member)
            .unwrap();
        assert_eq!(
            auth.auth(),
            "278d425bdf160c739803:48dac51d2d7569e1e9c0f48c227d4b26f238fa68e5c0bb04222c966909c4f7c4"
        );
    }

    #[test]
    fn private_channel_succeeds() {
        let auth = app()
            .authorize_channel(&socket_id(), &channel("private-foobar"))
            .unwrap();
        assert_eq!(
            auth.auth(),
            "278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"
        );
    }

    #[test]
    fn public_channel_fails() {
        let error = app()
            .authorize_channel(&socket_id(), &channel("foobar"))
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("a public channel needs no authorization")
        );
    }
}

mod webhook {
    use http::HeaderMap;
    use pusher_http::webhook::WebhookSignature;
    use pusher_http::{App, Error, Webhook, WebhookError, WebhookEvent};

    use crate::common::{KEY, SECRET};

    const BODY: &str = r#"{"time_ms":1403175510755,"events":[]}"#;

    fn app() -> App {
        App::builder("3", KEY, SECRET).build_app().unwrap()
    }

    fn signed(body: &str) -> HeaderMap {
        WebhookSignature::new(app().credentials(), body.as_bytes()).headers()
    }

    fn rejection(headers: &HeaderMap, body: &str) -> WebhookError {
        match app().webhook(headers, body.as_bytes()) {
            Err(Error::Webhook(rejection)) => rejection,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn invalid_key_header_fails() {
        let mut headers = signed(BODY);
        headers.insert("x-pusher-key", "another".parse().unwrap());
        assert_eq!(rejection(&headers, BODY), WebhookError::UnknownKey);
    }

    #[test]
    fn invalid_signature_header_fails() {
        let mut headers = signed(BODY);
        headers.insert("x-pusher-signature", "0".repeat(64).parse().unwrap());
        assert_eq!(rejection(&headers, BODY), WebhookError::InvalidSignature);
    }

    #[test]
    fn missing_body_fails() {
        assert_eq!(rejection(&signed(""), ""), WebhookError::MissingBody);
    }

    #[test]
    fn missing_key_header_fails() {
        let mut headers = signed(BODY);
        headers.remove("x-pusher-key");
        assert_eq!(rejection(&headers, BODY), WebhookError::MissingKey);
    }

    #[test]
    fn missing_signature_header_fails() {
        let mut headers = signed(BODY);
        headers.remove("x-pusher-signature");
        assert_eq!(rejection(&headers, BODY), WebhookError::MissingSignature);
    }

    fn event(json: &str) -> WebhookEvent {
        let body = format!(r#"{{"time_ms":1403175510755,"events":[{json}]}}"#);
        let mut webhook: Webhook = app().webhook(&signed(&body), body.as_bytes()).unwrap();
        assert_eq!(webhook.time_ms, 1_403_175_510_755);
        assert_eq!(webhook.events.len(), 1);
        webhook.events.remove(0)
    }

    #[test]
    fn channel_occupied_succeeds() {
        let event = event(r#"{"name":"channel_occupied","channel":"a"}"#);
        assert!(matches!(event, WebhookEvent::ChannelOccupied { channel, .. } if channel == "a"));
    }

    #[test]
    fn channel_vacated_succeeds() {
        let event = event(r#"{"name":"channel_vacated","channel":"a"}"#);
        assert!(matches!(event, WebhookEvent::ChannelVacated { channel, .. } if channel == "a"));
    }

    #[test]
    fn client_event_succeeds() {
        let event = event(
            r#"{"name":"client_event","channel":"presence-a","event":"client-hi","data":"{\"x\":1}","socket_id":"123.456","user_id":"7"}"#,
        );
        let WebhookEvent::ClientEvent(event) = event else {
            panic!("{event:?}");
        };
        assert_eq!(event.channel, "presence-a");
        assert_eq!(event.event, "client-hi");
        assert_eq!(event.data.as_deref(), Some(r#"{"x":1}"#));
        assert_eq!(event.socket_id.unwrap(), "123.456");
        assert_eq!(event.user_id.as_deref(), Some("7"));
    }

    #[test]
    fn member_added_succeeds() {
        let event = event(r#"{"name":"member_added","channel":"presence-a","user_id":"7"}"#);
        assert!(matches!(
            event,
            WebhookEvent::MemberAdded { channel, user_id, .. }
                if channel == "presence-a" && user_id == "7"
        ));
    }

    #[test]
    fn member_removed_succeeds() {
        let event = event(r#"{"name":"member_removed","channel":"presence-a","user_id":"7"}"#);
        assert!(matches!(
            event,
            WebhookEvent::MemberRemoved { channel, user_id, .. }
                if channel == "presence-a" && user_id == "7"
        ));
    }
}

mod queries {
    use pusher_http::{Error, Info};

    use crate::common::ScriptedServer;

    #[tokio::test]
    async fn channel_info_fails_for_invalid_attributes() {
        let server = ScriptedServer::start().await;
        let error = server.pusher().channel("a").info(Info::USER_COUNT).await;
        assert!(matches!(error, Err(Error::Invalid { what: "info", .. })));
        assert_eq!(server.recorded().len(), 0);
    }

    #[tokio::test]
    async fn channel_info_succeeds() {
        let server = ScriptedServer::start().await;
        server.will_respond(200, r#"{"occupied":true,"user_count":3}"#);
        let state = server.pusher().channel("presence-a").info(Info::USER_COUNT);
        assert_eq!(state.await.unwrap().user_count, Some(3));
    }

    #[tokio::test]
    async fn channels_fails_for_invalid_attributes() {
        let server = ScriptedServer::start().await;
        let error = server.pusher().channels().info(Info::USER_COUNT).await;
        assert!(matches!(error, Err(Error::Invalid { what: "info", .. })));
        assert_eq!(server.recorded().len(), 0);
    }

    #[tokio::test]
    async fn channels_succeeds() {
        let server = ScriptedServer::start().await;
        server.will_respond(200, r#"{"channels":{"a":{},"b":{}}}"#);
        let channels = server.pusher().channels().await.unwrap();
        assert!(channels.keys().eq(["a", "b"]));
    }

    #[tokio::test]
    async fn users_fails_for_a_public_channel() {
        let server = ScriptedServer::start().await;
        let error = server.pusher().users("a").await;
        assert!(matches!(
            error,
            Err(Error::Invalid {
                what: "channel name",
                ..
            })
        ));
        assert_eq!(server.recorded().len(), 0);
    }

    #[tokio::test]
    async fn users_succeeds_for_a_presence_channel() {
        let server = ScriptedServer::start().await;
        server.will_respond(200, r#"{"users":[{"id":"1"}]}"#);
        assert_eq!(
            server.pusher().users("presence-a").await.unwrap()[0].id,
            "1"
        );
    }
}
