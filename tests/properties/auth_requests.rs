//! The browser's request as a form, a query or JSON, and the response as JSON and JSONP.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use pusher_http::auth::{AuthParams, ChannelAuthRequest, JsonpCallback, UserAuthRequest};
use pusher_http::{ChannelName, Error, PresenceMember, SocketId, UserData};
use serde_json::Value;

use crate::strategies::{
    CALLBACK, CHANNEL, PRESENCE_CHANNEL, SOCKET_ID, USER_ID, body, json, near, text,
};
use crate::{app, cases, rules};

type Pairs = Vec<(String, String)>;

fn form(pairs: &[(String, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .finish()
}

/// A JSON object that may contain a name twice.
fn object(pairs: &[(String, String)]) -> String {
    let quoted = |text: &String| serde_json::to_string(text).unwrap();
    let fields: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{}:{}", quoted(name), quoted(value)))
        .collect();
    format!("{{{}}}", fields.join(","))
}

fn pair(name: &str, value: &str) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// Fields that a page adds, with names that are not the protocol's.
fn params() -> impl Strategy<Value = Pairs> {
    let name = any::<String>().prop_filter("a name of our own", |name| {
        !["socket_id", "channel_name", "callback"].contains(&name.as_str())
    });
    vec((name, any::<String>()), 0..4)
}

fn pairs_of(params: &AuthParams) -> Pairs {
    params.iter().map(|(name, v)| pair(name, v)).collect()
}

/// Parses the request in its three forms.
fn channel_requests(pairs: &[(String, String)]) -> [Result<ChannelAuthRequest, Error>; 3] {
    [
        ChannelAuthRequest::from_form(form(pairs).as_bytes()),
        ChannelAuthRequest::from_query(&form(pairs)),
        ChannelAuthRequest::from_json(object(pairs).as_bytes()),
    ]
}

fn check_rules(request: &ChannelAuthRequest) -> Result<(), TestCaseError> {
    prop_assert!(rules::is_socket_id(request.socket_id.as_str()));
    prop_assert!(rules::is_channel(request.channel_name.as_str()));
    let callback = request.callback.as_ref().map(JsonpCallback::as_str);
    prop_assert!(callback.is_none_or(rules::is_callback));
    Ok(())
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn any_bytes_are_rejected_or_valid(body in body()) {
        let text = String::from_utf8_lossy(&body);
        for request in [
            ChannelAuthRequest::from_form(&body),
            ChannelAuthRequest::from_query(&text),
            ChannelAuthRequest::from_json(&body),
        ] {
            match request {
                Ok(request) => check_rules(&request)?,
                Err(error) => {
                    let is_invalid = matches!(error, Error::Invalid { .. });
                    prop_assert!(is_invalid, "{:?}", error);
                }
            }
        }
        for request in [
            UserAuthRequest::from_form(&body),
            UserAuthRequest::from_query(&text),
            UserAuthRequest::from_json(&body),
        ] {
            match request {
                Ok(request) => prop_assert!(rules::is_socket_id(request.socket_id.as_str())),
                Err(error) => {
                    let is_invalid = matches!(error, Error::Invalid { .. });
                    prop_assert!(is_invalid, "{:?}", error);
                }
            }
        }
    }

    #[test]
    fn parses_all_fields_that_a_page_sends(
        socket_id in SOCKET_ID, channel in CHANNEL, callback in option::of(text(CALLBACK)),
        params in params(), own_first in any::<bool>(),
    ) {
        let mut own = vec![pair("socket_id", &socket_id), pair("channel_name", &channel)];
        own.extend(callback.iter().map(|callback| pair("callback", callback)));
        let pairs = if own_first { [own, params.clone()] } else { [params.clone(), own] }.concat();
        for request in channel_requests(&pairs) {
            let request = request.unwrap();
            prop_assert_eq!(request.socket_id.as_str(), &socket_id);
            prop_assert_eq!(request.channel_name.as_str(), &channel);
            let of_request = request.callback.as_ref().map(JsonpCallback::as_str);
            prop_assert_eq!(of_request, callback.as_deref());
            prop_assert_eq!(pairs_of(&request.params), params.clone());
            for (name, _) in &params {
                let first = params.iter().find(|(other, _)| other == name).map(|(_, v)| v.as_str());
                prop_assert_eq!(request.params.get(name), first);
            }
        }
        let sign_in: Pairs = pairs.into_iter().filter(|(name, _)| name != "channel_name").collect();
        for request in [
            UserAuthRequest::from_form(form(&sign_in).as_bytes()),
            UserAuthRequest::from_query(&form(&sign_in)),
            UserAuthRequest::from_json(object(&sign_in).as_bytes()),
        ] {
            let request = request.unwrap();
            prop_assert_eq!(request.socket_id.as_str(), &socket_id);
            prop_assert_eq!(pairs_of(&request.params), params.clone());
        }
    }

    #[test]
    fn accepts_crafted_fields_exactly_if_rules_do(
        socket_id in near(SOCKET_ID), channel in near(CHANNEL), callback in near(CALLBACK),
    ) {
        let fits = rules::is_socket_id(&socket_id)
            && rules::is_channel(&channel)
            && rules::is_callback(&callback);
        let pairs = [
            pair("socket_id", &socket_id),
            pair("channel_name", &channel),
            pair("callback", &callback),
        ];
        for request in channel_requests(&pairs) {
            prop_assert_eq!(request.is_ok(), fits, "{:?}: {:?}", pairs, request);
        }
    }

    #[test]
    fn rejects_duplicate_protocol_field(
        own in [text(SOCKET_ID), text(CHANNEL), text(CALLBACK)], again in 0..3_usize,
        at in 0..4_usize, other in any::<bool>(),
    ) {
        let names = ["socket_id", "channel_name", "callback"];
        let mut pairs: Pairs = names.iter().zip(&own).map(|(name, v)| pair(name, v)).collect();
        let value = if other { "1" } else { own[again].as_str() };
        pairs.insert(at, pair(names[again], value));
        for request in channel_requests(&pairs) {
            prop_assert!(request.is_err(), "{:?}", pairs);
        }
    }

    #[test]
    fn rejects_protocol_field_in_json_that_is_not_a_string(
        value in json(), socket_id in SOCKET_ID, channel in CHANNEL, which in 0..3_usize,
    ) {
        prop_assume!(!value.is_string());
        let name = ["socket_id", "channel_name", "callback"][which];
        let mut request = serde_json::json!({"socket_id": socket_id, "channel_name": channel});
        request[name] = value.clone();
        let parsed = ChannelAuthRequest::from_json(request.to_string().as_bytes());
        // Some pages send null for a missing field.
        let is_absent_callback = name == "callback" && value == Value::Null;
        prop_assert_eq!(parsed.is_ok(), is_absent_callback);
    }

    #[test]
    fn jsonp_is_one_call_with_json_and_no_line_break(
        socket_id in SOCKET_ID, channel in PRESENCE_CHANNEL, user_id in USER_ID, info in json(),
        callback in CALLBACK,
    ) {
        let app = app();
        let socket_id = SocketId::new(socket_id).unwrap();
        let channel = ChannelName::new(channel).unwrap();
        let member = PresenceMember::new(&user_id).unwrap().user_info(&info).unwrap();
        let channel_auth = app.authorize_presence_channel(&socket_id, &channel, member).unwrap();
        let user = UserData::new(&user_id).unwrap().user_info(&info).unwrap();
        let user_auth = app.authenticate_user(&socket_id, &user).unwrap();
        let callback = JsonpCallback::new(callback).unwrap();
        for (json, jsonp, auth, name, data) in [
            (channel_auth.to_json(), channel_auth.to_jsonp(&callback), channel_auth.auth(),
             "channel_data", channel_auth.channel_data().unwrap()),
            (user_auth.to_json(), user_auth.to_jsonp(&callback), user_auth.auth(),
             "user_data", user_auth.user_data()),
        ] {
            let expected = serde_json::json!({"auth": auth, name: data});
            prop_assert_eq!(serde_json::from_str::<Value>(&json).unwrap(), expected.clone());
            let inside = jsonp
                .strip_prefix(callback.as_str())
                .and_then(|rest| rest.strip_prefix('('))
                .and_then(|rest| rest.strip_suffix(");"))
                .unwrap();
            prop_assert_eq!(serde_json::from_str::<Value>(inside).unwrap(), expected);
            prop_assert!(!jsonp.contains(['\n', '\r', '\u{2028}', '\u{2029}']), "{:?}", jsonp);
            let data: Value = serde_json::from_str(data).unwrap();
            prop_assert_eq!(&data["user_info"], &info);
        }
    }
}
