//! Events: the JSON that is sent, or stored in an outbox, contains the given values and nothing
//! else.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use pusher_http::api::{Endpoint, Trigger, TriggerBatch};
use pusher_http::{Event, EventData, Info, SocketId};
use serde_json::{Value, json};

use crate::strategies::{CHANNEL, EVENT, SOCKET_ID, USER_ID, json as any_json, near, text};
use crate::{app, cases, rules};

/// A channel that is not encrypted, because its data is sent unchanged.
fn plain_channel() -> impl Strategy<Value = String> {
    text(CHANNEL).prop_filter("an encrypted channel", |name| {
        !name.starts_with("private-encrypted-")
    })
}

/// Data from a value or from raw text, and the text that is sent for it.
fn data() -> impl Strategy<Value = (EventData, String)> {
    prop_oneof![
        any_json().prop_map(|value| (EventData::json(&value).unwrap(), value.to_string())),
        any::<String>().prop_map(|text| (EventData::raw(&*text), text)),
    ]
}

fn sent<E: Endpoint>(endpoint: &E) -> Value {
    serde_json::from_slice(endpoint.request(&app()).unwrap().body()).unwrap()
}

proptest! {
    #![proptest_config(cases(100))]

    #[test]
    fn sends_exactly_the_given_values(
        channels in vec(plain_channel(), 1..4), name in EVENT, data in data(),
        excluded in option::of(text(SOCKET_ID)), counts in any::<bool>(),
        extra in option::of(any_json()),
    ) {
        let (data, text) = data;
        let excluded_id = excluded.as_deref().map(|id| SocketId::new(id).unwrap());
        let info = if counts { Info::SUBSCRIPTION_COUNT } else { Info::NONE };
        let mut options = json!({"name": name, "data": text});
        if let Some(excluded) = &excluded {
            options["socket_id"] = json!(excluded);
        }
        if counts {
            options["info"] = json!("subscription_count");
        }
        if let Some(extra) = &extra {
            options["x"] = extra.clone();
        }

        let mut trigger = Trigger::new(&channels, &*name, &data).unwrap()
            .exclude(excluded_id.clone())
            .info(info);
        let mut event = Event::new(&*channels[0], &*name, &data).unwrap()
            .exclude(excluded_id)
            .info(info);
        if let Some(extra) = &extra {
            trigger = trigger.extra("x", extra).unwrap();
            event = event.extra("x", extra).unwrap();
        }
        let mut expected = options.clone();
        expected["channels"] = json!(channels);
        prop_assert_eq!(sent(&trigger), expected);
        let mut expected = options;
        expected["channel"] = json!(channels[0]);
        let events = [event];
        prop_assert_eq!(sent(&TriggerBatch::new(&events)), json!({"batch": [expected.clone()]}));

        let [event] = events;
        let stored = serde_json::to_string(&event).unwrap();
        if let Some(extra) = &extra {
            expected.as_object_mut().unwrap().remove("x");
            expected["extra"] = json!({"x": extra.to_string()});
        }
        prop_assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), expected);
        prop_assert_eq!(event.data(), &EventData::raw(text));
        prop_assert_eq!(serde_json::from_str::<Event>(&stored).unwrap(), event);
    }

    #[test]
    fn sends_user_event_to_that_user(user_id in near(USER_ID), name in near(EVENT)) {
        let fits = rules::is_user_id(&user_id) && rules::is_event(&name);
        match Trigger::to_user(&*user_id, &*name, 1) {
            Ok(trigger) => {
                prop_assert!(fits);
                let channel = format!("#server-to-user-{user_id}");
                let expected = json!({"name": name, "channels": [channel], "data": "1"});
                prop_assert_eq!(sent(&trigger), expected);
            }
            Err(_) => prop_assert!(!fits),
        }
    }

    #[test]
    fn checks_stored_event_when_read_back(
        channel in near(CHANNEL), name in near(EVENT), socket_id in near(SOCKET_ID),
    ) {
        let stored = json!({"channel": channel, "name": name, "data": "", "socket_id": socket_id});
        let fits = rules::is_channel(&channel)
            && rules::is_event(&name)
            && rules::is_socket_id(&socket_id);
        let event = serde_json::from_str::<Event>(&stored.to_string());
        prop_assert_eq!(event.is_ok(), fits);
        let _ = serde_json::from_str::<Event>(&channel);
    }
}
