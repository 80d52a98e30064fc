//! A browser's request, as a form, a query and JSON, and the authorization that it gets.
#![no_main]

#[path = "../../tests/properties/rules.rs"]
mod rules;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pusher_http::auth::{AuthParams, ChannelAuthRequest, JsonpCallback, UserAuthRequest};
use pusher_http::{App, Error, PresenceMember, SocketId, UserData};
use serde_json::{Value, json};

static APP: LazyLock<App> = LazyLock::new(|| {
    App::builder("3", "key", "marker-secret")
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .expect("an app")
});

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data);
    for request in [
        ChannelAuthRequest::from_form(data),
        ChannelAuthRequest::from_query(&text),
        ChannelAuthRequest::from_json(data),
    ] {
        match request {
            Ok(request) => channel(&request),
            Err(error) => check_error(&error),
        }
    }
    for request in [
        UserAuthRequest::from_form(data),
        UserAuthRequest::from_query(&text),
        UserAuthRequest::from_json(data),
    ] {
        match request {
            Ok(request) => user(&request),
            Err(error) => check_error(&error),
        }
    }
});

fn check_error(error: &Error) {
    let Error::Invalid { value, reason, .. } = error else {
        panic!("{error:?}");
    };
    assert!(value.chars().count() <= 200 && reason.chars().count() <= 300);
}

fn channel(request: &ChannelAuthRequest) {
    let (socket_id, name) = (request.socket_id.as_str(), request.channel_name.as_str());
    assert!(rules::is_socket_id(socket_id));
    assert!(rules::is_channel(name));
    round_trips(request);
    shows_no_value(&format!("{request:?}"), &request.params);

    let private = APP.authorize_channel(&request.socket_id, &request.channel_name);
    let is_hosted = rules::is_hosted_channel(name);
    assert_eq!(private.is_ok(), is_hosted && name.starts_with("private-"));
    let member = PresenceMember::new("42").expect("a member");
    let presence =
        APP.authorize_presence_channel(&request.socket_id, &request.channel_name, member);
    assert_eq!(presence.is_ok(), is_hosted && name.starts_with("presence-"));
    for auth in [private, presence].into_iter().flatten() {
        let signed = match auth.channel_data() {
            None => format!("{socket_id}:{name}"),
            Some(data) => format!("{socket_id}:{name}:{data}"),
        };
        grants(auth.auth(), &signed);
        assert_eq!(
            auth.shared_secret().is_some(),
            name.starts_with("private-encrypted-")
        );
        let jsonp = request
            .callback
            .as_ref()
            .map(|callback| auth.to_jsonp(callback));
        check_responses(&auth.to_json(), jsonp.as_deref(), request.callback.as_ref());
    }
}

fn user(request: &UserAuthRequest) {
    assert!(rules::is_socket_id(request.socket_id.as_str()));
    shows_no_value(&format!("{request:?}"), &request.params);
    let id = request.params.get("id").unwrap_or("42");
    let user = UserData::new(id);
    assert_eq!(user.is_ok(), rules::is_user_id(id));
    match user.and_then(|user| APP.authenticate_user(&request.socket_id, &user)) {
        Ok(auth) => {
            assert!(rules::is_hosted_user_id(id));
            let data: Value = serde_json::from_str(auth.user_data()).expect("JSON");
            assert_eq!(data, json!({"id": id}));
            let signed = format!("{}::user::{}", request.socket_id, auth.user_data());
            grants(auth.auth(), &signed);
            let jsonp = request
                .callback
                .as_ref()
                .map(|callback| auth.to_jsonp(callback));
            check_responses(&auth.to_json(), jsonp.as_deref(), request.callback.as_ref());
        }
        Err(error) => assert!(!rules::is_hosted_user_id(id), "{error}"),
    }
}

/// Checks that `auth` signs this text, in which the first colon ends the socket id.
fn grants(auth: &str, signed: &str) {
    let signature = auth.strip_prefix("key:").expect("a token");
    assert!(APP.credentials().verify(&[signed], signature));
    let (socket_id, _) = signed.split_once(':').expect("a socket id");
    assert!(SocketId::new(socket_id).is_ok());
}

fn check_responses(json: &str, jsonp: Option<&str>, callback: Option<&JsonpCallback>) {
    let response: Value = serde_json::from_str(json).expect("JSON");
    let (Some(jsonp), Some(callback)) = (jsonp, callback) else {
        return;
    };
    assert!(rules::is_callback(callback.as_str()));
    let inside = jsonp
        .strip_prefix(callback.as_str())
        .and_then(|rest| rest.strip_prefix('('))
        .and_then(|rest| rest.strip_suffix(");"))
        .expect("one call");
    assert_eq!(
        serde_json::from_str::<Value>(inside).expect("JSON"),
        response
    );
    assert!(!jsonp.contains(['\n', '\r', '\u{2028}', '\u{2029}']));
}

/// Checks that the request is the same after it is written as a form and parsed again.
fn round_trips(request: &ChannelAuthRequest) {
    let mut form = url::form_urlencoded::Serializer::new(String::new());
    form.append_pair("socket_id", request.socket_id.as_str());
    form.append_pair("channel_name", request.channel_name.as_str());
    if let Some(callback) = &request.callback {
        form.append_pair("callback", callback.as_str());
    }
    form.extend_pairs(request.params.iter());
    let again = ChannelAuthRequest::from_form(form.finish().as_bytes()).expect("a request");
    assert_eq!(again.socket_id, request.socket_id);
    assert_eq!(again.channel_name, request.channel_name);
    assert_eq!(again.callback, request.callback);
    assert_eq!(again.params, request.params);
}

/// Checks that `Debug` shows no values that a page adds: they may be secret tokens.
fn shows_no_value(debug: &str, params: &AuthParams) {
    if !params.iter().any(|(name, _)| name.contains("session")) {
        return;
    }
    for (_, value) in params
        .iter()
        .filter(|(_, value)| value.starts_with("private-token-"))
    {
        let is_elsewhere = params.iter().any(|(name, _)| name.contains(value));
        assert!(is_elsewhere || !debug.contains(value), "{debug}");
    }
}
