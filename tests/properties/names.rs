//! Names: accepted exactly if the rules accept them, and kept unchanged.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use pusher_http::auth::JsonpCallback;
use pusher_http::{ChannelKind, ChannelName, Error, EventName, Limits, SocketId, UserId};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::strategies::{CALLBACK, CHANNEL, EVENT, SOCKET_ID, USER_ID, nasty, near};
use crate::{app, cases, rules};

/// Checks every way to make a name from one text.
fn is_accepted_if<N>(text: &str, what: &str, fits: bool) -> Result<(), TestCaseError>
where
    N: FromStr<Err = Error>
        + for<'a> TryFrom<&'a str, Error = Error>
        + TryFrom<String, Error = Error>
        + Serialize
        + DeserializeOwned
        + PartialEq
        + Display
        + Debug
        + AsRef<str>,
{
    let json = serde_json::to_string(text).unwrap();
    let ways = [
        text.parse::<N>(),
        N::try_from(text),
        N::try_from(text.to_owned()),
    ];
    prop_assert_eq!(serde_json::from_str::<N>(&json).is_ok(), fits);
    for way in ways {
        match way {
            Ok(name) => {
                prop_assert!(fits, "{:?} was taken", text);
                prop_assert_eq!(name.as_ref(), text);
                prop_assert_eq!(name.to_string(), text);
                prop_assert_eq!(serde_json::to_string(&name).unwrap(), json.clone());
                prop_assert_eq!(serde_json::from_str::<N>(&json).unwrap(), name);
            }
            Err(Error::Invalid {
                what: named, value, ..
            }) => {
                prop_assert!(!fits, "{:?} was refused", text);
                prop_assert_eq!(named, what);
                prop_assert!(text.starts_with(&value) && value.chars().count() <= 200);
            }
            Err(other) => prop_assert!(false, "{:?}", other),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn checks_channel_names(text in near(CHANNEL)) {
        is_accepted_if::<ChannelName>(&text, "channel name", rules::is_channel(&text))?;
    }

    #[test]
    fn checks_event_names(text in near(EVENT)) {
        is_accepted_if::<EventName>(&text, "event name", rules::is_event(&text))?;
    }

    #[test]
    fn checks_socket_ids(text in near(SOCKET_ID)) {
        is_accepted_if::<SocketId>(&text, "socket id", rules::is_socket_id(&text))?;
    }

    #[test]
    fn checks_user_ids(text in near(USER_ID)) {
        is_accepted_if::<UserId>(&text, "user id", rules::is_user_id(&text))?;
    }

    #[test]
    fn checks_jsonp_callbacks(text in prop_oneof![
        near(CALLBACK),
        (
            select(&["a['", "a[\"", "a[", "a."][..]),
            nasty(),
            select(&["", "x", "1", "x']", "']", "\"]", "]"][..]),
        )
            .prop_map(|(before, nasty, after)| [before, nasty, after].concat()),
    ]) {
        is_accepted_if::<JsonpCallback>(&text, "JSONP callback", rules::is_callback(&text))?;
    }

    /// Other limits accept every name.
    #[test]
    fn default_limits_accept_only_names_of_hosted_service(
        channel in near(CHANNEL), user_id in near(USER_ID),
    ) {
        let hosted = Limits::default();
        if let Ok(name) = ChannelName::new(&*channel) {
            let is_taken = name.check_limits(&hosted).is_ok();
            prop_assert_eq!(is_taken, rules::is_hosted_channel(&channel));
            prop_assert!(name.check_limits(app().limits()).is_ok());
        }
        if let Ok(id) = UserId::new(&*user_id) {
            let is_taken = id.check_limits(&hosted).is_ok();
            prop_assert_eq!(is_taken, rules::is_hosted_user_id(&user_id));
            prop_assert!(id.check_limits(app().limits()).is_ok());
        }
    }

    #[test]
    fn channel_kind_is_decided_by_longest_prefix(channel in CHANNEL) {
        // The table from the documentation, longest prefix first.
        let (kind, is_cache) = [
            ("private-encrypted-cache-", ChannelKind::Encrypted, true),
            ("private-encrypted-", ChannelKind::Encrypted, false),
            ("private-cache-", ChannelKind::Private, true),
            ("private-", ChannelKind::Private, false),
            ("presence-cache-", ChannelKind::Presence, true),
            ("presence-", ChannelKind::Presence, false),
            ("cache-", ChannelKind::Public, true),
        ]
        .into_iter()
        .find(|(prefix, ..)| channel.starts_with(prefix))
        .map_or((ChannelKind::Public, false), |(_, kind, is_cache)| (kind, is_cache));
        let channel = ChannelName::new(channel).unwrap();
        prop_assert_eq!((channel.kind(), channel.is_cache()), (kind, is_cache));
    }
}
