//! The service's responses: any status, headers and body give a typed response or a typed error.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::test_runner::TestCaseError;
use pusher_http::api::{
    ChannelQuery, ChannelsQuery, Endpoint, GenericCall, TerminateConnections, Trigger,
    TriggerBatch, UsersQuery,
};
use pusher_http::{ApiErrorKind, App, Error, Event, Outcome};
use serde_json::{Value, json};

use crate::cases;
use crate::strategies::{body, json as any_json};

const SIGNED_AT: u64 = 1_353_088_179;

fn events(count: usize) -> Vec<Event> {
    let event = Event::new("room", "e", 1).unwrap();
    vec![event; count]
}

fn channel_query() -> ChannelQuery {
    ChannelQuery::new("presence-room").unwrap()
}

fn users_query() -> UsersQuery {
    UsersQuery::new("presence-room").unwrap()
}

fn parses<E: Endpoint>(endpoint: &E, body: &str) -> E::Response {
    let response = Response::new(Bytes::from(body.to_owned()));
    endpoint.read(&response, SIGNED_AT).unwrap()
}

/// Checks the properties that every response has, for any endpoint.
fn check_response<E: Endpoint>(
    endpoint: &E,
    response: &Response<Bytes>,
) -> Result<(), TestCaseError> {
    let status = response.status().as_u16();
    match endpoint.read(response, SIGNED_AT) {
        Ok(_) => prop_assert!(response.status().is_success()),
        Err(error) => {
            prop_assert_eq!(error.status(), Some(status));
            prop_assert_ne!(error.outcome(), Outcome::Accepted);
            let told = format!("{error} {error:?}");
            prop_assert!(!told.contains(&"ab".repeat(32)), "{}", told);
            match error {
                Error::Decode { what, reason, .. } => {
                    prop_assert!(response.status().is_success());
                    prop_assert_eq!(what, E::NAME);
                    prop_assert!(reason.chars().count() <= 300);
                }
                Error::Api(api_error) => {
                    prop_assert!(!response.status().is_success());
                    prop_assert!(api_error.message().chars().count() <= 1_000);
                    let is_redirect = (300..400).contains(&status);
                    prop_assert_eq!(api_error.kind() == ApiErrorKind::Redirect, is_redirect);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
    Ok(())
}

/// Any body, or one that quotes a signature.
fn response_body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        body(),
        (body(), body())
            .prop_map(|(before, after)| { [before, "ab".repeat(32).into_bytes(), after].concat() }),
        any::<u64>().prop_map(|n| json!({"channels": {"ab".repeat(32): n}}).to_string().into()),
        any_json().prop_map(
            |value| json!({"channels": value, "batch": value, "users": value,
            "occupied": value, "cache": value})
            .to_string()
            .into_bytes()
        ),
    ]
}

fn counts() -> impl Strategy<Value = Value> {
    (option::of(any::<u64>()), option::of(any::<u64>())).prop_map(|(users, connections)| {
        let mut counts = json!({});
        if let Some(users) = users {
            counts["user_count"] = users.into();
        }
        if let Some(connections) = connections {
            counts["subscription_count"] = connections.into();
        }
        counts
    })
}

fn counts_by_channel() -> impl Strategy<Value = BTreeMap<String, Value>> {
    btree_map(any::<String>(), counts(), 0..5)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn reads_any_response_as_success_or_error(
        status in 100..1_000_u16, body in response_body(), date in vec(any::<u8>(), 0..40),
        retry_after in vec(any::<u8>(), 0..20), count in 0..4_usize,
    ) {
        let app = App::builder("3", "key", "secret").build_app().unwrap();
        let events = events(count);
        prop_assert!(TriggerBatch::new(&events).request(&app).is_ok());
        for status in [status, 200, 401] {
            let mut response = Response::new(Bytes::from(body.clone()));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            for (name, value) in [(header::DATE, &date), (header::RETRY_AFTER, &retry_after)] {
                if let Ok(value) = HeaderValue::from_bytes(value) {
                    response.headers_mut().insert(name, value);
                }
            }
            check_response(&Trigger::new("room", "e", 1).unwrap(), &response)?;
            check_response(&TriggerBatch::new(&events), &response)?;
            check_response(&ChannelsQuery::new(), &response)?;
            check_response(&channel_query(), &response)?;
            check_response(&users_query(), &response)?;
            check_response(&TerminateConnections::new(1).unwrap(), &response)?;
            check_response(&GenericCall::<Value>::get("/channels").unwrap(), &response)?;
        }
    }

    #[test]
    fn computes_clock_offset_from_any_date(date in any::<u32>(), signed_at in any::<u64>()) {
        let date_of = std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(date));
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        let value = HeaderValue::from_str(&httpdate::fmt_http_date(date_of)).unwrap();
        response.headers_mut().insert(header::DATE, value);
        let Err(Error::Api(api_error)) = ChannelsQuery::new().read(&response, signed_at) else {
            panic!("a refusal");
        };
        let offset = i128::from(signed_at) - i128::from(date);
        match api_error.clock_offset_seconds() {
            None => prop_assert!(offset.abs() <= 60),
            Some(told) if i64::try_from(signed_at).is_ok() => {
                prop_assert_eq!(i128::from(told), offset);
            }
            Some(_) => {}
        }
    }

    #[test]
    fn parses_counts_by_channel(counts in counts_by_channel()) {
        let body = json!({"channels": counts}).to_string();
        let trigger = Trigger::new("room", "e", 1).unwrap();
        let parsed = parses(&trigger, &body);
        let expected = json!({"channels": counts.clone()});
        prop_assert_eq!(serde_json::to_value(&parsed).unwrap(), expected);
        prop_assert_eq!(parses(&trigger, &serde_json::to_string(&parsed).unwrap()), parsed);
        let parsed = parses(&ChannelsQuery::new(), &body);
        prop_assert_eq!(serde_json::to_value(&parsed).unwrap(), json!(counts));
    }

    #[test]
    fn parses_batch_counts_one_for_each_event(
        counts in vec(counts(), 1..6), events_more in 0..2_usize,
    ) {
        let body = json!({"batch": counts}).to_string();
        let events = events(counts.len() + events_more);
        let batch = TriggerBatch::new(&events);
        let parsed = batch.parse(body.as_bytes());
        if events_more > 0 {
            // It is unknown which event a count belongs to.
            prop_assert!(parsed.is_err());
        } else {
            prop_assert_eq!(serde_json::to_value(&parsed.unwrap().counts).unwrap(), json!(counts));
        }
    }

    #[test]
    fn parses_channel_state(
        occupied in any::<bool>(), counts in counts(),
        cached in option::of((any::<String>(), option::of(any::<u64>()))),
    ) {
        let mut state = counts;
        state["occupied"] = occupied.into();
        if let Some((data, ttl)) = cached {
            state["cache"] = json!({"data": data});
            if let Some(ttl) = ttl {
                state["cache"]["ttl"] = ttl.into();
            }
        }
        let query = channel_query();
        let parsed = parses(&query, &state.to_string());
        prop_assert_eq!(serde_json::to_value(&parsed).unwrap(), state.clone());
        prop_assert_eq!(parses(&query, &serde_json::to_string(&parsed).unwrap()), parsed);
    }

    #[test]
    fn parses_users(ids in vec(any::<String>(), 0..6), number in any::<i64>()) {
        let mut users: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        users.push(json!({"id": number}));
        let parsed = parses(&users_query(), &json!({"users": users}).to_string());
        let parsed_ids: Vec<_> = parsed.into_iter().map(|user| user.id).collect();
        prop_assert_eq!(parsed_ids, [ids, vec![number.to_string()]].concat());
    }

    #[test]
    fn accepts_counts_only_as_numbers_or_digits(
        value in any_json(), digits in "[+-]?[0-9]{0,22}",
    ) {
        for value in [value, Value::from(digits)] {
            let expected = match &value {
                Value::Null => Some(None),
                Value::Number(number) => number.as_u64().map(Some),
                Value::String(text) if !text.starts_with('+') => text.parse().ok().map(Some),
                _ => None,
            };
            let body = json!({"occupied": true, "user_count": value}).to_string();
            let parsed = channel_query().parse(body.as_bytes()).ok();
            prop_assert_eq!(parsed.map(|state| state.user_count), expected);
        }
    }
}
