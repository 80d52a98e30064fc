//! Known-answer tests, with vectors from the official SDKs' own tests and the public documentation.
//! Every intermediate value is compared, never with our own signer. Each vector names its source.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod encryption;

use http::Method;
use pusher_http::api::{self, Endpoint, Request, SignatureError, Trigger};
use pusher_http::auth;
use pusher_http::encryption::MasterKey;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{
    App, ChannelKind, ChannelName, Credentials, Error, Limits, PresenceMember, SocketId, UserData,
    WebhookError,
};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn vectors<T: DeserializeOwned>(json: &str, expected: usize) -> Vec<T> {
    let vectors: Vec<T> = serde_json::from_str(json).expect("the vectors parse");
    assert_eq!(vectors.len(), expected, "every vector is read");
    vectors
}

fn app(key: &str, secret: &str) -> App {
    App::builder("3", key, secret).build_app().expect("an app")
}

#[derive(Deserialize)]
struct SignedRequest {
    source: String,
    key: String,
    secret: String,
    method: String,
    path: String,
    timestamp: u64,
    query: std::collections::BTreeMap<String, String>,
    body: Option<String>,
    body_md5: Option<String>,
    string_to_sign: String,
    auth_signature: String,
}

#[test]
fn request_signatures() {
    for vector in vectors::<SignedRequest>(include_str!("../vectors/request_signature.json"), 9) {
        let source = &vector.source;
        let credentials = |secret: &str| [Credentials::new(&*vector.key, secret).unwrap()];
        let right = credentials(&vector.secret);
        let signature = right[0].sign(&[&vector.string_to_sign]);
        assert_eq!(signature, vector.auth_signature, "{source}");

        let query = vector.signed_query();
        let body = vector.body.clone().unwrap_or_default();
        let verify = |credentials: &[Credentials]| {
            let (method, now) = (vector.method(), vector.timestamp);
            api::verify(
                credentials,
                &method,
                &vector.path,
                &query,
                body.as_bytes(),
                now,
            )
        };
        assert_eq!(verify(&right), Ok(()), "{source}");
        let expected = SignatureError::Signature {
            string_to_sign: vector.string_to_sign.clone(),
        };
        assert_eq!(verify(&credentials("wrong")), Err(expected), "{source}");

        check_signed_request(&vector, &query);
    }
}

impl SignedRequest {
    fn method(&self) -> Method {
        self.method.parse().unwrap()
    }

    /// Returns the whole query, in the order in which this crate sends it.
    fn signed_query(&self) -> String {
        let timestamp = self.timestamp.to_string();
        let mut query = vec![
            ("auth_key", self.key.as_str()),
            ("auth_timestamp", &timestamp),
            ("auth_version", "1.0"),
        ];
        query.extend(self.body_md5.as_deref().map(|md5| ("body_md5", md5)));
        query.extend(self.query.iter().map(|(k, v)| (k.as_str(), v.as_str())));
        query.sort_unstable();
        query.push(("auth_signature", &self.auth_signature));
        url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(query)
            .finish()
    }
}

/// Signs the same request with all stages together, as the client sends it. If the vector's path is
/// not below an app, only the MD5 of the body can be compared.
fn check_signed_request(vector: &SignedRequest, expected: &str) {
    let source = &vector.source;
    let below_app = vector.path.strip_prefix("/apps/");
    let (id, path) = match below_app.and_then(|rest| rest.split_once('/')) {
        Some((id, path)) => (id, format!("/{path}")),
        None => ("3", vector.path.clone()),
    };
    let body = vector.body.clone().unwrap_or_default();
    let mut request = Request::new(vector.method(), path, body).unwrap();
    for (key, value) in vector.query.clone() {
        request = request.query(key, value).unwrap();
    }
    let app = App::builder(id, &*vector.key, &*vector.secret);
    let signed = app.build_app().unwrap().sign(&request, vector.timestamp);
    let signed = signed.unwrap();
    let query = signed.uri().query().unwrap();
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    let md5 = pairs.find(|(key, _)| key == "body_md5");
    let md5 = md5.map(|(_, value)| value.into_owned());
    assert_eq!(md5, vector.body_md5, "{source}");
    if below_app.is_some() {
        assert_eq!(query, expected, "{source}");
        assert_eq!(signed.uri().path(), vector.path, "{source}");
    }
}

#[test]
fn builds_documented_trigger_byte_for_byte() {
    let app = app("278d425bdf160c739803", "7ad3773142a6692b25b8");
    let trigger = Trigger::new("project-3", "foo", json!({"some": "data"})).unwrap();
    let request = trigger.request(&app).unwrap();
    assert_eq!(
        request.body(),
        r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#
    );
    assert_eq!(
        app.sign(&request, 1_353_088_179).unwrap().uri(),
        "https://api-mt1.pusher.com/apps/3/events?auth_key=278d425bdf160c739803\
         &auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f\
         &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
    );
}

/// A path prefix is in the URL but is not signed, and older credentials sign nothing.
#[test]
fn path_prefix_and_older_credentials_do_not_change_signature() {
    let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
        .older_credentials("older", "another secret")
        .host("example.com")
        .path_prefix("/a/b")
        .build_app()
        .unwrap();
    let trigger = Trigger::new("project-3", "foo", json!({"some": "data"})).unwrap();
    let signed = app
        .sign(&trigger.request(&app).unwrap(), 1_353_088_179)
        .unwrap();
    assert_eq!(
        signed.uri(),
        "https://example.com/a/b/apps/3/events?auth_key=278d425bdf160c739803\
         &auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f\
         &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
    );
    let http = signed.into_http();
    assert_eq!(http.method(), "POST");
    assert_eq!(http.uri().path(), "/a/b/apps/3/events");
    assert_eq!(http.headers()["content-type"], "application/json");
}

#[derive(Deserialize)]
struct TokenSignature {
    source: String,
    secret: String,
    message: String,
    signature: String,
}

#[test]
fn credentials_signatures() {
    for vector in vectors::<TokenSignature>(include_str!("../vectors/token_signature.json"), 5) {
        let token = Credentials::new("key", &vector.secret).unwrap();
        assert_eq!(
            token.sign(&[&vector.message]),
            vector.signature,
            "{}",
            vector.source
        );
        assert!(token.verify(&[&vector.message], &vector.signature));
    }
}

#[derive(Deserialize)]
struct ChannelAuthorization {
    source: String,
    key: String,
    secret: String,
    socket_id: String,
    channel: String,
    channel_data: Option<String>,
    string_to_sign: String,
    auth: String,
}

#[test]
fn channel_authorizations() {
    let text = include_str!("../vectors/channel_authorization.json");
    for vector in vectors::<ChannelAuthorization>(text, 7) {
        let source = &vector.source;
        let app = app(&vector.key, &vector.secret);
        let signature = app.credentials().sign(&[&vector.string_to_sign]);
        assert_eq!(
            format!("{}:{signature}", vector.key),
            vector.auth,
            "{source}"
        );

        let socket_id = SocketId::new(vector.socket_id.as_str()).unwrap();
        let channel = ChannelName::new(vector.channel.as_str()).unwrap();
        // Compares whole responses if our types can express the request: our user IDs are always
        // strings, and only presence channels have channel data.
        match vector.channel_data.as_deref() {
            None => {
                let key = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";
                let app = with_master_key(&vector, key);
                let auth = app.authorize_channel(&socket_id, &channel).unwrap();
                assert_eq!(auth.auth(), vector.auth, "{source}");
                assert_eq!(auth.channel_data(), None, "{source}");
            }
            Some(data) => {
                let Ok(data_value) = serde_json::from_str::<Value>(data) else {
                    panic!("{source}: channel data is JSON");
                };
                let Some(user_id) = data_value["user_id"].as_str() else {
                    continue;
                };
                let member = PresenceMember::new(user_id)
                    .and_then(|member| member.user_info(&data_value["user_info"]))
                    .unwrap();
                let auth = app
                    .authorize_presence_channel(&socket_id, &channel, member)
                    .unwrap();
                assert_eq!(auth.auth(), vector.auth, "{source}");
                assert_eq!(auth.channel_data(), Some(data), "{source}");
            }
        }
    }
}

fn with_master_key(vector: &ChannelAuthorization, key: &str) -> App {
    App::builder("3", vector.key.as_str(), vector.secret.as_str())
        .encryption_master_key_base64(key)
        .build_app()
        .unwrap()
}

/// The free functions, which need no app, return the same as the app's methods.
#[test]
fn channel_authorizations_without_an_app() {
    use ChannelKind::{Encrypted, Presence, Private};

    const MASTER_KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";
    let text = include_str!("../vectors/channel_authorization.json");
    let mut made = Vec::new();
    for vector in vectors::<ChannelAuthorization>(text, 7) {
        let source = &vector.source;
        let credentials = Credentials::new(&*vector.key, &vector.secret).unwrap();
        let app = with_master_key(&vector, MASTER_KEY);
        let socket_id = SocketId::new(&*vector.socket_id).unwrap();
        let channel = ChannelName::new(&*vector.channel).unwrap();
        let kind = channel.kind();
        let (by_function, by_app) = match (kind, vector.channel_data.as_deref()) {
            (ChannelKind::Private, None) => (
                auth::private_channel(&credentials, &socket_id, &channel),
                app.authorize_channel(&socket_id, &channel),
            ),
            (ChannelKind::Encrypted, None) => {
                let key = MasterKey::from_base64(MASTER_KEY).unwrap();
                let secret = key.shared_secret(&channel);
                (
                    auth::encrypted_channel(&credentials, &socket_id, &channel, &secret),
                    app.authorize_channel(&socket_id, &channel),
                )
            }
            (ChannelKind::Presence, Some(data)) => {
                let data: Value = serde_json::from_str(data).unwrap();
                // Our user IDs are always strings.
                let Some(user_id) = data["user_id"].as_str() else {
                    continue;
                };
                let member = PresenceMember::new(user_id).unwrap();
                let member = member.user_info(&data["user_info"]).unwrap();
                (
                    auth::presence_channel(&credentials, &socket_id, &channel, &member),
                    app.authorize_presence_channel(&socket_id, &channel, &member),
                )
            }
            // Only presence channels have channel data.
            _ => continue,
        };
        let by_function = by_function.unwrap();
        assert_eq!(by_function.auth(), vector.auth, "{source}");
        assert_eq!(
            by_function.channel_data(),
            vector.channel_data.as_deref(),
            "{source}"
        );
        assert_eq!(by_function.to_json(), by_app.unwrap().to_json(), "{source}");
        made.push(kind);
    }
    assert_eq!(made, [Private, Private, Presence, Private, Encrypted]);
}

#[derive(Deserialize)]
struct UserAuthentication {
    source: String,
    key: String,
    secret: String,
    socket_id: String,
    user_data: String,
    string_to_sign: String,
    auth: String,
}

#[test]
fn user_authentications() {
    let text = include_str!("../vectors/user_authentication.json");
    for vector in vectors::<UserAuthentication>(text, 4) {
        let source = &vector.source;
        let app = app(&vector.key, &vector.secret);
        let signature = app.credentials().sign(&[&vector.string_to_sign]);
        assert_eq!(
            format!("{}:{signature}", vector.key),
            vector.auth,
            "{source}"
        );

        let socket_id = SocketId::new(vector.socket_id.as_str()).unwrap();
        let user: Value = serde_json::from_str(&vector.user_data).unwrap();
        let user = UserData::new(user["id"].as_str().unwrap()).unwrap();
        // One of the IDs has characters that the hosted service no longer accepts.
        let app = App::builder("3", &*vector.key, &*vector.secret)
            .limits(Limits::default().user_id_any_chars(true))
            .build_app()
            .unwrap();
        let auth = app.authenticate_user(&socket_id, &user).unwrap();
        assert_eq!(auth.auth(), vector.auth, "{source}");
        assert_eq!(auth.user_data(), vector.user_data, "{source}");
        let by_function = auth::user(app.credentials(), &socket_id, &user).unwrap();
        assert_eq!(by_function.auth(), vector.auth, "{source}");
        assert_eq!(by_function.to_json(), auth.to_json(), "{source}");
    }
}

#[derive(Deserialize)]
struct SignedWebhook {
    source: String,
    key: Option<String>,
    secret: String,
    body: String,
    signature: String,
}

#[test]
fn webhooks() {
    for vector in vectors::<SignedWebhook>(include_str!("../vectors/webhook.json"), 3) {
        let source = &vector.source;
        let key = vector.key.unwrap_or_else(|| "any".to_owned());
        let app = app(&key, &vector.secret);
        let body = vector.body.as_bytes();
        assert_eq!(
            WebhookSignature::new(app.credentials(), body).signature(),
            vector.signature,
            "{source}"
        );
        let webhook = pusher_http::Webhook::from_parts(
            app.all_credentials(),
            Some(&key),
            Some(&vector.signature),
            body,
        );
        if vector.body.contains("events") {
            assert_eq!(webhook.unwrap().events.len(), 1, "{source}");
        } else {
            // The signature is valid, so it is not the reason for the rejection.
            let error = webhook.unwrap_err();
            assert!(
                matches!(error, Error::Webhook(WebhookError::Malformed(_))),
                "{source}: {error}"
            );
        }
    }
}

#[derive(Deserialize)]
struct InvalidInput {
    socket_id: Vec<String>,
    channel: Vec<String>,
    master_key_b64: std::collections::BTreeMap<String, String>,
    master_key_ok: std::collections::BTreeMap<String, String>,
}

fn invalid_input() -> InvalidInput {
    serde_json::from_str(include_str!("../vectors/invalid_input.json")).expect("the lists parse")
}

#[test]
fn rejects_invalid_socket_ids_and_channels() {
    let lists = invalid_input();
    assert_eq!((lists.socket_id.len(), lists.channel.len()), (11, 10));
    for text in &lists.socket_id {
        let error = SocketId::new(text.as_str()).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "socket id",
                    ..
                }
            ),
            "{text:?}"
        );
    }
    let check = |text: &str, limits: &Limits| ChannelName::new(text)?.check_limits(limits);
    let with_colons = Limits::default().channel_name_colons(true);
    for text in &lists.channel {
        let error = check(text, &Limits::default()).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Invalid {
                    what: "channel name",
                    ..
                }
            ),
            "{text:?}"
        );
        let has_only_a_colon = ["private-foobar:", ":private-foobar"].contains(&text.as_str());
        assert_eq!(
            check(text, &with_colons).is_ok(),
            has_only_a_colon,
            "{text:?}"
        );
    }
}
