//! The service's answers: any status, headers and body give a typed answer or a typed error.

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

/// What holds of every answer, whatever the endpoint.
fn is_read<E: Endpoint>(endpoint: &E, response: &Response<Bytes>) -> Result<(), TestCaseError> {
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
                Error::Api(refusal) => {
                    prop_assert!(!response.status().is_success());
                    prop_assert!(refusal.message().chars().count() <= 1_000);
                    let is_redirect = (300..400).contains(&status);
                    prop_assert_eq!(refusal.kind() == ApiErrorKind::Redirect, is_redirect);
                }
                other => prop_assert!(false, "{:?}", other),
            }
        }
    }
    Ok(())
}

/// A body, or one that quotes a signature.
fn answer() -> impl Strategy<Value = Vec<u8>> {
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
    fn any_answer_is_read(
        status in 100..1_000_u16, body in answer(), date in vec(any::<u8>(), 0..40),
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
            is_read(&Trigger::new("room", "e", 1).unwrap(), &response)?;
            is_read(&TriggerBatch::new(&events), &response)?;
            is_read(&ChannelsQuery::new(), &response)?;
            is_read(&channel_query(), &response)?;
            is_read(&users_query(), &response)?;
            is_read(&TerminateConnections::new(1).unwrap(), &response)?;
            is_read(&GenericCall::<Value>::get("/channels").unwrap(), &response)?;
        }
    }

    #[test]
    fn any_date_is_compared(date in any::<u32>(), signed_at in any::<u64>()) {
        let date_of = std::time::UNIX_EPOCH + std::time::Duration::from_secs(u64::from(date));
        let mut response = Response::new(Bytes::new());
        *response.status_mut() = StatusCode::UNAUTHORIZED;
        let value = HeaderValue::from_str(&httpdate::fmt_http_date(date_of)).unwrap();
        response.headers_mut().insert(header::DATE, value);
        let Err(Error::Api(refusal)) = ChannelsQuery::new().read(&response, signed_at) else {
            panic!("a refusal");
        };
        let offset = i128::from(signed_at) - i128::from(date);
        match refusal.clock_offset_seconds() {
            None => prop_assert!(offset.abs() <= 60),
            Some(told) if i64::try_from(signed_at).is_ok() => {
                prop_assert_eq!(i128::from(told), offset);
            }
            Some(_) => {}
        }
    }

    #[test]
    fn counts_by_channel_come_back(counts in counts_by_channel()) {
        let body = json!({"channels": counts}).to_string();
        let trigger = Trigger::new("room", "e", 1).unwrap();
        let answer = parses(&trigger, &body);
        let expected = json!({"channels": counts.clone()});
        prop_assert_eq!(serde_json::to_value(&answer).unwrap(), expected);
        prop_assert_eq!(parses(&trigger, &serde_json::to_string(&answer).unwrap()), answer);
        let answer = parses(&ChannelsQuery::new(), &body);
        prop_assert_eq!(serde_json::to_value(&answer).unwrap(), json!(counts));
    }

    #[test]
    fn a_batchs_counts_come_back_one_for_each_event(
        counts in vec(counts(), 1..6), events_more in 0..2_usize,
    ) {
        let body = json!({"batch": counts}).to_string();
        let events = events(counts.len() + events_more);
        let batch = TriggerBatch::new(&events);
        let parsed = batch.parse(body.as_bytes());
        if events_more > 0 {
            // Which event a count is of could only be guessed.
            prop_assert!(parsed.is_err());
        } else {
            prop_assert_eq!(serde_json::to_value(&parsed.unwrap().counts).unwrap(), json!(counts));
        }
    }

    #[test]
    fn a_channels_state_comes_back(
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
        let answer = parses(&query, &state.to_string());
        prop_assert_eq!(serde_json::to_value(&answer).unwrap(), state.clone());
        prop_assert_eq!(parses(&query, &serde_json::to_string(&answer).unwrap()), answer);
    }

    #[test]
    fn users_come_back(ids in vec(any::<String>(), 0..6), number in any::<i64>()) {
        let mut users: Vec<_> = ids.iter().map(|id| json!({"id": id})).collect();
        users.push(json!({"id": number}));
        let answer = parses(&users_query(), &json!({"users": users}).to_string());
        let of_answer: Vec<_> = answer.into_iter().map(|user| user.id).collect();
        prop_assert_eq!(of_answer, [ids, vec![number.to_string()]].concat());
    }

    #[test]
    fn counts_are_taken_as_numbers_or_digits_and_nothing_else(
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
