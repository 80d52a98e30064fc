//! Prints values of every type that can contain a marker.

use std::collections::BTreeSet;

use pusher_http::api::{ChannelQuery, Endpoint as _, GenericCall, Trigger, TriggerBatch};
use pusher_http::auth::{ChannelAuthRequest, UserAuthRequest};
use pusher_http::axum::{Jsonp, Rejection};
use pusher_http::encryption::MasterKey;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{
    Builder, Credentials, Event, EventData, Extra, JsonText, PresenceMember, UserData, WebhookEvent,
};
use serde_json::{Value, json};

use crate::errors;
use crate::marked::{
    DATA, MASTER_KEY, PROXY_PASSWORD, SECRET, app, builder, channel, encrypted, shared_secret,
    socket_id,
};
use crate::printed::Printed;
use crate::public_types::CAN_HOLD;

#[test]
fn settings_and_keys_show_no_secret() {
    let mut printed = Printed::default();
    print_settings(&mut printed);
    printed.shows_nothing();
}

fn print_settings(printed: &mut Printed) {
    printed.debug(&builder());
    printed.debug(&app());
    printed.debug(app().credentials());
    printed.debug(&app().all_credentials());
    printed.debug(&Credentials::new("key", SECRET).unwrap());
    printed.debug(&MasterKey::from_base64(MASTER_KEY).unwrap());
    printed.debug(&shared_secret());
    let url = format!("https://key:{SECRET}@127.0.0.1/apps/3");
    printed.debug(&Builder::from_url(&url).unwrap());
    let vars = |name: &str| match name {
        "PUSHER_URL" => Some(url.clone()),
        "PUSHER_ENCRYPTION_MASTER_KEY_BASE64" => Some(MASTER_KEY.to_owned()),
        _ => None,
    };
    printed.debug(&Builder::from_vars(vars).unwrap());
    printed.debug(&client_builder());
    printed.debug(&client_builder().build().unwrap());
}

fn client_builder() -> Builder {
    // Without TLS, which is a separate feature.
    builder()
        .tls(false)
        .proxy(format!("http://user:{PROXY_PASSWORD}@127.0.0.1:1"))
}

#[test]
fn authorizations_show_no_secret() {
    let mut printed = Printed::default();
    print_authorizations(&mut printed);
    printed.shows_nothing();
}

fn print_authorizations(printed: &mut Printed) {
    let app = app();
    let auth = app.authorize_channel(&socket_id(), &encrypted()).unwrap();
    assert_eq!(auth.shared_secret().unwrap(), shared_secret().to_base64());
    printed.debug(&auth);
    let member = PresenceMember::new("42").unwrap();
    let auth = app.authorize_presence_channel(&socket_id(), &channel("presence-a"), member);
    printed.debug(&auth.unwrap());
    let user = UserData::new("42").unwrap();
    let auth = app.authenticate_user(&socket_id(), &user).unwrap();
    printed.debug(&auth);
    printed.debug(&Jsonp::new(auth, None));

    let form = format!("socket_id=1.2&channel_name=a&session={DATA}");
    let request = ChannelAuthRequest::from_form(form.as_bytes()).unwrap();
    assert_eq!(request.params.get("session"), Some(DATA));
    printed.debug(&request);
    printed.debug(&request.params);
    printed.debug(&UserAuthRequest::from_form(form.as_bytes()).unwrap());
}

#[test]
fn requests_and_events_show_no_secret() {
    let mut printed = Printed::default();
    print_requests(&mut printed);
    printed.shows_nothing();
}

fn print_requests(printed: &mut Printed) {
    let (app, data) = (app(), json!({"private": DATA}));
    let trigger = Trigger::new("room", "e", &data).unwrap();
    let event = Event::new("room", "e", &data).unwrap();
    let sealed = Event::new(encrypted(), "e", &data).unwrap();
    let key = MasterKey::from_base64(MASTER_KEY).unwrap();
    let request = trigger.request(&app).unwrap();
    let signed = app.sign(&request, 1).unwrap();
    assert!(signed.uri().to_string().contains("&auth_signature="));
    printed.debug(&EventData::raw(DATA));
    printed.debug(&event);
    printed.debug(&sealed);
    printed.debug(&sealed.clone().encrypted(&key, [7; 24]).unwrap());
    printed.debug(&trigger);
    printed.debug(&TriggerBatch::new(&[event.clone(), sealed.clone()]));
    printed.debug(&request);
    printed.debug(&signed);
    let call = || GenericCall::<Value>::post("/events", &data).unwrap();
    printed.debug(&call());
    printed.debug(&call().request(&app).unwrap());

    let pusher = client_builder().build().unwrap();
    printed.debug(&pusher.trigger("room", "e", &data));
    printed.debug(&pusher.trigger_batch([event, sealed]));
    printed.debug(&pusher.post::<Value>("/events", &data));
}

#[test]
fn webhooks_show_no_secret() {
    let mut printed = Printed::default();
    print_webhooks(&mut printed);
    printed.shows_nothing();
}

fn print_webhooks(printed: &mut Printed) {
    let body = json!({"occupied": true, "cache": {"data": DATA, "ttl": 60}}).to_string();
    let query = ChannelQuery::new("cache-news").unwrap();
    let state = query.parse(body.as_bytes()).unwrap();
    assert_eq!(state.cache.as_ref().unwrap().data, DATA);
    printed.debug(&state);
    printed.debug(state.cache.as_ref().unwrap());
    let text = format!(r#"{{"a":"{DATA}"}}"#);
    printed.debug(&JsonText::new(&*text).unwrap());
    let stored = json!({ "a": text }).to_string();
    printed.debug(&serde_json::from_str::<Extra>(&stored).unwrap());
    let app = app();
    let body = json!({"time_ms": 1_403_175_510_755_u64, "events": [{
        "name": "client_event", "channel": encrypted(), "event": "client-e",
        "data": shared_secret().seal(DATA, [7; 24]).unwrap(),
    }]})
    .to_string();
    let signature = WebhookSignature::new(app.credentials(), body.as_bytes());
    assert_eq!(signature.signature().len(), 64);
    printed.debug(&signature);
    printed.debug(&signature.headers());
    let webhook = app.webhook(&signature.headers(), body.as_bytes()).unwrap();
    printed.debug(&webhook);
    printed.debug(&webhook.events[0]);
    let forged = app.webhook(&signature.headers(), b"forged").unwrap_err();
    printed.error(&Rejection::from(forged));
    let WebhookEvent::ClientEvent(event) = &webhook.events[0] else {
        panic!("a client event");
    };
    assert_eq!(event.data.as_deref(), Some(DATA));
    printed.debug(event);
}

#[tokio::test]
async fn prints_all_types_that_can_contain_a_secret() {
    let mut printed = Printed::default();
    print_settings(&mut printed);
    print_authorizations(&mut printed);
    print_requests(&mut printed);
    print_webhooks(&mut printed);
    errors::print_own_errors(&mut printed);
    errors::print_errors_of_calls(&mut printed).await;
    let types = printed.types();
    let missing: BTreeSet<_> = CAN_HOLD
        .iter()
        .filter(|name| !types.contains(*name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
