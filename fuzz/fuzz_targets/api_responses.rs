//! The service's responses. The first line is the status, the second the `Date`, the third
//! `Retry-After`, and the rest is the body. In the body, `@` is replaced by the signature of the
//! request.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use pusher_http::api::{
    ChannelQuery, ChannelsQuery, Endpoint, GenericCall, TerminateConnections, Trigger,
    TriggerBatch, UsersQuery,
};
use pusher_http::bytes::Bytes;
use pusher_http::http::{HeaderValue, Response, StatusCode, header};
use pusher_http::{App, Error, Event, Outcome};
use serde::de::IgnoredAny;

const SIGNED_AT: u64 = 1_353_088_179;

static APP: LazyLock<App> = LazyLock::new(|| {
    App::builder("3", "key", "secret")
        .build_app()
        .expect("an app")
});

static SIGNATURE: LazyLock<String> = LazyLock::new(|| {
    let request = ChannelsQuery::new().request(&APP).expect("a request");
    let signed = APP.sign(&request, SIGNED_AT).expect("a signed request");
    let (_, signature) = signed
        .uri()
        .query()
        .expect("a query")
        .rsplit_once('=')
        .expect("a signature");
    signature.to_owned()
});

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(4, |b| *b == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (status, date, retry_after) = (line(), line(), line());
    let body: Vec<u8> = line()
        .iter()
        .flat_map(|byte| match byte {
            b'@' => SIGNATURE.as_bytes(),
            _ => std::slice::from_ref(byte),
        })
        .copied()
        .collect();
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = StatusCode::from_bytes(status).unwrap_or_default();
    for (name, value) in [(header::DATE, date), (header::RETRY_AFTER, retry_after)] {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            response.headers_mut().insert(name, value);
        }
    }

    let trigger = Trigger::new("room", "e", 1).expect("a trigger");
    if let Some(parsed) = read(&trigger, &response) {
        let printed = serde_json::to_vec(&parsed).expect("JSON");
        let again = trigger.parse(&printed).expect("a response");
        assert_eq!(again, parsed);
    }
    for count in 0..4 {
        let events = vec![Event::new("room", "e", 1).expect("an event"); count];
        if let Some(parsed) = read(&TriggerBatch::new(&events), &response) {
            assert_eq!(parsed.counts.len(), count);
        }
    }
    read(&ChannelsQuery::new(), &response);
    let query = ChannelQuery::new("presence-room").expect("a query");
    if let Some(state) = read(&query, &response) {
        let printed = serde_json::to_vec(&state).expect("JSON");
        let again = query.parse(&printed).expect("a state");
        assert_eq!(again, state);
    }
    let users = UsersQuery::new("presence-room").expect("a query");
    read(&users, &response);
    read(&TerminateConnections::new(1).expect("a call"), &response);
    let other = GenericCall::<IgnoredAny>::get("/channels").expect("a call");
    read(&other, &response);
});

fn read<E: Endpoint>(endpoint: &E, response: &Response<Bytes>) -> Option<E::Response> {
    let status = response.status();
    match endpoint.read(response, SIGNED_AT) {
        Ok(parsed) => {
            assert!(status.is_success());
            // A response has to be a JSON object, except for a generic call, where the caller
            // decides.
            let is_object = response.body().trim_ascii().starts_with(b"{");
            assert!(is_object || E::NAME == "generic call");
            Some(parsed)
        }
        Err(error) => {
            assert_eq!(error.status(), Some(status.as_u16()));
            assert_ne!(error.outcome(), Outcome::Accepted);
            let is_api = matches!(error, Error::Api(_));
            assert_eq!(is_api, !status.is_success());
            shows_no_signature(&error);
            None
        }
    }
}

fn shows_no_signature(error: &Error) {
    // A header can quote it only if the input guessed it.
    let told = format!("{error} {error:?}");
    assert!(!told.contains(SIGNATURE.as_str()), "{told}");
}
