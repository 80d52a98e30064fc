//! JSON that attacks its parser: nesting that overflows the stack, and the key that makes
//! `serde_json` parse a string as JSON if its feature `raw_value` is on, as it is in these tests.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use pusher_http::api::{
    ChannelQuery, ChannelsQuery, Endpoint as _, TerminateConnections, Trigger, TriggerBatch,
    UsersQuery,
};
use pusher_http::{
    App, ChannelAuthRequest, Error, Event, EventData, Extra, UserAuthRequest, Webhook,
    WebhookEvent, WebhookSignature, bytes, http,
};

/// `serde_json::Value` parses the string under this key with a new parser, which restarts the depth
/// count.
const RAW_VALUE_KEY: &str = "$serde_json::private::RawValue";

/// Returns a value that a parser with a depth limit of 128 accepts, and that nests 63 parsers.
fn nested_parsers() -> String {
    let array_of = |depth: usize, inner: &str| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{open}{inner}{close}")
    };
    let mut value = array_of(126, "0");
    for level in 0..63 {
        let escaped = value.replace('\\', "\\u005c").replace('"', "\\u0022");
        let object = format!(r#"{{"{RAW_VALUE_KEY}":"{escaped}"}}"#);
        value = array_of(if level == 62 { 125 } else { 126 }, &object);
    }
    value
}

fn deep_array() -> String {
    format!("{}{}", "[".repeat(200_000), "]".repeat(200_000))
}

fn deep_values() -> [String; 2] {
    [nested_parsers(), deep_array()]
}

fn app() -> App {
    App::builder("3", "key", "secret").build_app().unwrap()
}

fn webhook(events: &str) -> Webhook {
    let body = format!(r#"{{"time_ms":1403175510755,"events":{events}}}"#);
    let headers = WebhookSignature::new(app().credentials(), body.as_bytes()).headers();
    app().webhook(&headers, body.as_bytes()).unwrap()
}

fn response(body: &str) -> http::Response<bytes::Bytes> {
    http::Response::new(body.to_owned().into())
}

#[test]
fn auth_request_with_deep_json_does_not_overflow_the_stack() {
    for value in deep_values() {
        let body = format!(r#"{{"socket_id":"1.1","channel_name":"private-a","x":{value}}}"#);
        let request = ChannelAuthRequest::from_json(body.as_bytes()).unwrap();
        assert_eq!(request.params.get("x"), Some(&*value));
        let request = UserAuthRequest::from_json(body.as_bytes()).unwrap();
        assert_eq!(request.params.get("x"), Some(&*value));
    }
}

#[test]
fn auth_request_rejects_raw_value_object_as_string() {
    let boss = format!(r#"{{"{RAW_VALUE_KEY}":"\"private-boss\""}}"#);
    let body = format!(r#"{{"socket_id":"1.1","channel_name":{boss}}}"#);
    let error = ChannelAuthRequest::from_json(body.as_bytes()).unwrap_err();
    assert!(
        matches!(&error, Error::Invalid { reason, .. } if reason == "channel_name is not a string"),
        "{error:?}"
    );
    let socket_id = format!(r#"{{"{RAW_VALUE_KEY}":"\"1.1\""}}"#);
    let body = format!(r#"{{"socket_id":{socket_id},"channel_name":"private-a"}}"#);
    assert!(ChannelAuthRequest::from_json(body.as_bytes()).is_err());
    let body = format!(r#"{{"socket_id":"1.1","channel_name":"private-a","x":{boss}}}"#);
    let request = ChannelAuthRequest::from_json(body.as_bytes()).unwrap();
    assert_eq!(request.params.get("x"), Some(&*boss));
}

#[test]
fn webhook_with_deep_json_does_not_overflow_the_stack() {
    for value in deep_values() {
        let events = webhook(&format!(
            r#"[{{"name":"channel_occupied","channel":"a","x":{value}}},
                {{"name":"unknown","x":{value}}},
                {{"name":"client_event","channel":"private-a","event":"client-e","data":{value}}},
                {{"name":{value}}},
                {value}]"#
        ))
        .events;
        let text = |fields: &Extra, name| fields.get(name).unwrap().as_str().to_owned();
        let [
            WebhookEvent::ChannelOccupied { extra, .. },
            WebhookEvent::Unknown { fields, .. },
            WebhookEvent::ClientEvent(client_event),
            WebhookEvent::Unknown {
                fields: nameless, ..
            },
            WebhookEvent::Unknown { fields: other, .. },
        ] = events.as_slice()
        else {
            panic!("{events:?}");
        };
        assert_eq!(text(extra, "x"), value);
        assert_eq!(text(fields, "x"), value);
        assert_eq!(client_event.data.as_deref(), Some(&*value));
        assert_eq!(text(nameless, "name"), value);
        assert_eq!(text(other, "event"), value);
    }
}

#[test]
fn stored_event_with_deep_json_does_not_overflow_the_stack() {
    for value in deep_values() {
        let quoted = serde_json::to_string(&value).unwrap();
        let stored =
            format!(r#"{{"channel":"a","name":"e","data":{quoted},"extra":{{"x":{quoted}}}}}"#);
        let event: Event = serde_json::from_str(&stored).unwrap();
        assert_eq!(*event.data(), EventData::raw(&value));
        assert_eq!(serde_json::to_string(&event).unwrap(), stored);
        let stored = format!(r#"{{"channel":"a","name":"e","data":"","x":{value}}}"#);
        assert!(serde_json::from_str::<Event>(&stored).is_err());
    }
}

#[test]
fn responses_with_deep_json_do_not_overflow_the_stack() {
    let channel_query = ChannelQuery::new("presence-a").unwrap();
    let users_query = UsersQuery::new("presence-a").unwrap();
    let events = [Event::new("a", "e", 1).unwrap()];
    for value in deep_values() {
        let body = format!(
            r#"{{"x":{value},"occupied":true,"channels":{{"a":{{"x":{value}}}}},
                "batch":[{{"x":{value}}}],"users":[{{"id":"1","x":{value}}}],
                "cache":{{"data":{value},"x":{value}}}}}"#
        );
        let response = response(&body);
        let trigger = Trigger::new("a", "e", 1).unwrap();
        assert_eq!(trigger.read(&response, 0).unwrap().channels.len(), 1);
        let batch = TriggerBatch::new(&events).read(&response, 0).unwrap();
        assert_eq!(batch.counts.len(), 1);
        assert_eq!(ChannelsQuery::new().read(&response, 0).unwrap().len(), 1);
        let state = channel_query.read(&response, 0);
        assert_eq!(state.unwrap().cache.unwrap().data, value);
        let users = users_query.read(&response, 0);
        assert_eq!(users.unwrap()[0].id, "1");
        let terminate = TerminateConnections::new(1).unwrap();
        terminate.read(&response, 0).unwrap();
    }
}

#[test]
fn numbers_of_any_size_keep_their_digits() {
    for number in [
        "12345678901234567890123",
        "1e999",
        "0.12345678901234567890",
        "-0.0",
    ] {
        let body = format!(r#"{{"socket_id":"1.1","channel_name":"a","x":{number}}}"#);
        let request = ChannelAuthRequest::from_json(body.as_bytes()).unwrap();
        assert_eq!(request.params.get("x"), Some(number));

        let events = webhook(&format!(
            r#"[{{"name":"cache_miss","channel":"a","x":{number}}}]"#
        ));
        let WebhookEvent::CacheMiss { extra, .. } = &events.events[0] else {
            panic!("{events:?}");
        };
        assert_eq!(extra.get("x").unwrap().as_str(), number);

        let raw = serde_json::value::RawValue::from_string(number.to_owned()).unwrap();
        let event = Event::new("a", "e", &raw)
            .unwrap()
            .extra("x", &raw)
            .unwrap();
        assert_eq!(*event.data(), EventData::raw(number));
        let stored = serde_json::to_string(&event).unwrap();
        let event: Event = serde_json::from_str(&stored).unwrap();
        let events = [event];
        let request = TriggerBatch::new(&events).request(&app()).unwrap();
        let expected =
            format!(r#"{{"batch":[{{"channel":"a","name":"e","data":"{number}","x":{number}}}]}}"#);
        assert_eq!(*request.body(), expected);
    }
}

#[test]
fn counts_and_ids_are_read_from_numbers_and_strings() {
    let channel_query = ChannelQuery::new("presence-a").unwrap();
    let users_query = UsersQuery::new("presence-a").unwrap();
    for (number, string) in [
        ("7", "\"7\""),
        ("18446744073709551615", "\"18446744073709551615\""),
    ] {
        for count in [number, string] {
            let body = format!(
                r#"{{"occupied":true,"user_count":{count},"users":[{{"id":{count}}}],
                    "batch":[{{"subscription_count":{count}}}],
                    "channels":{{"a":{{"user_count":{count}}}}}}}"#
            );
            let expected = number.parse::<u64>().unwrap();
            let response = response(&body);
            let state = channel_query.read(&response, 0);
            assert_eq!(state.unwrap().user_count, Some(expected));
            let users = users_query.read(&response, 0);
            assert_eq!(users.unwrap()[0].id, number);
            let events = [Event::new("a", "e", 1).unwrap()];
            let batch = TriggerBatch::new(&events).read(&response, 0).unwrap();
            assert_eq!(batch.counts[0].subscription_count, Some(expected));
            let trigger = Trigger::new("a", "e", 1).unwrap();
            let counts = trigger.read(&response, 0).unwrap();
            assert_eq!(counts.channels["a"].user_count, Some(expected));

            let events = webhook(&format!(
                r#"[{{"name":"member_added","channel":"presence-a","user_id":{count}}},
                    {{"name":"subscription_count","channel":"a","subscription_count":{count}}}]"#
            ))
            .events;
            assert!(
                matches!(&events[0], WebhookEvent::MemberAdded { user_id, .. } if user_id == number)
            );
            assert!(matches!(
                &events[1],
                WebhookEvent::SubscriptionCount { subscription_count, .. }
                    if *subscription_count == expected
            ));
        }
    }
}
