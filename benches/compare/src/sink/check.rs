//! Whether a request is what the work asks for, and signed. The signature is made anew here, with
//! nothing of pusher-http.

use std::collections::{BTreeMap, BTreeSet};
use std::time::SystemTime;

use md5::{Digest as _, Md5};
use serde_json::{Map, Value, json};

use crate::fixtures::{self, APP_ID, CATALOGUE, CHANNEL, CHANNELS, EVENT, KEY, OFFER};
use crate::work::Work;

const TIMESTAMP_WINDOW_SECONDS: u64 = 600;

pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    /// Path and query.
    pub(super) target: &'a str,
    pub(super) content_type: &'a str,
    pub(super) body: &'a [u8],
}

/// Gives the body's fields that nobody asked for.
pub(super) fn check(request: &Request<'_>, work: Work) -> Result<BTreeSet<String>, String> {
    if request.method != "POST" {
        return Err(format!("the method is {}", request.method));
    }
    if !request.content_type.starts_with("application/json") {
        return Err(format!("the content type is {:?}", request.content_type));
    }
    let (path, query) = request.target.split_once('?').ok_or("there is no query")?;
    let endpoint = match work {
        Work::Batch | Work::Bulk => "batch_events",
        _ => "events",
    };
    if path != format!("/apps/{APP_ID}/{endpoint}") {
        return Err(format!("the path is {path}"));
    }
    check_signature(path, query, request.body)?;
    check_body(request.body, work)
}

fn check_signature(path: &str, query: &str, body: &[u8]) -> Result<(), String> {
    let mut parameters: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).collect();
    let signature = parameters.remove("auth_signature").unwrap_or_default();
    let given = |name| parameters.get(name).map_or("", AsRef::as_ref);
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    if !given("auth_timestamp")
        .parse::<u64>()
        .is_ok_and(|time| time.abs_diff(now.as_secs()) <= TIMESTAMP_WINDOW_SECONDS)
    {
        return Err(format!("auth_timestamp is {:?}", given("auth_timestamp")));
    }
    let md5 = hex::encode(Md5::digest(body));
    for (name, due) in [
        ("auth_key", KEY),
        ("auth_version", "1.0"),
        ("body_md5", &md5),
    ] {
        if given(name) != due {
            return Err(format!("{name} is {:?}, and not {due:?}", given(name)));
        }
    }
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let text = format!("POST\n{path}\n{}", pairs.join("&"));
    if signature != fixtures::signature(&text) {
        return Err("the signature is another".to_owned());
    }
    Ok(())
}

fn check_body(body: &[u8], work: Work) -> Result<BTreeSet<String>, String> {
    let body: Value = serde_json::from_slice(body).map_err(|error| error.to_string())?;
    let mut others = BTreeSet::new();
    match work {
        Work::Trigger | Work::AtOnce => {
            let due = json!({"name": EVENT, "channels": [CHANNEL], "data": OFFER});
            check_event(body, &due, &mut others)?;
        }
        Work::Large => {
            let due = json!({"name": EVENT, "channels": CHANNELS, "data": *CATALOGUE});
            check_event(body, &due, &mut others)?;
        }
        Work::Batch | Work::Bulk => {
            let events = match body.get("batch") {
                Some(Value::Array(events)) if events.len() == CHANNELS.len() => events,
                _ => return Err("there are not the batch's ten events".to_owned()),
            };
            for (event, channel) in events.iter().zip(CHANNELS) {
                let due = json!({"name": EVENT, "channel": channel, "data": OFFER});
                check_event(event.clone(), &due, &mut others)?;
            }
        }
        Work::PrivateToken | Work::PresenceToken | Work::Webhook => {
            return Err("nothing should be sent".to_owned());
        }
    }
    Ok(others)
}

/// `data` has to be a string of JSON, in which white space is free.
fn check_event(event: Value, due: &Value, others: &mut BTreeSet<String>) -> Result<(), String> {
    let Value::Object(mut event) = event else {
        return Err("an event is no object".to_owned());
    };
    let data = event
        .get("data")
        .and_then(Value::as_str)
        .and_then(|data| serde_json::from_str(data).ok())
        .ok_or("the data is no string of JSON")?;
    event.insert("data".to_owned(), data);
    let none = Map::new();
    for (name, due) in due.as_object().unwrap_or(&none) {
        if event.remove(name).as_ref() != Some(due) {
            return Err(format!("{name} is not {due}"));
        }
    }
    others.extend(event.into_iter().map(|(name, _)| name));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::candidates::Minimal;

    fn checked(target: &str, body: &[u8], work: Work) -> Result<BTreeSet<String>, String> {
        let request = Request {
            method: "POST",
            target,
            content_type: "application/json",
            body,
        };
        check(&request, work)
    }

    #[test]
    fn what_is_signed_is_accepted_for_its_own_work_alone() {
        let minimal = Minimal::new();
        let trigger = minimal.trigger().unwrap();
        let is = |work| checked(&trigger.path_and_query, &trigger.body, work);
        assert_eq!(is(Work::Trigger), Ok(BTreeSet::new()));
        assert!(is(Work::Large).unwrap_err().starts_with("channels is not"));
        assert!(is(Work::Batch).unwrap_err().starts_with("the path is"));
        let batch = minimal.batch().unwrap();
        let is = |work| checked(&batch.path_and_query, &batch.body, work);
        assert_eq!(is(Work::Bulk), Ok(BTreeSet::new()));
    }

    #[test]
    fn a_change_anywhere_is_refused() {
        let trigger = Minimal::new().trigger().unwrap();
        let target = &trigger.path_and_query;
        let last = if target.ends_with('0') { "1" } else { "0" };
        let forged = format!("{}{last}", &target[..target.len() - 1]);
        let refused = |target: &str, body: &[u8]| checked(target, body, Work::Trigger).unwrap_err();
        assert_eq!(refused(&forged, &trigger.body), "the signature is another");
        let other_key = target.replace(KEY, "278d425bdf160c739804");
        assert!(refused(&other_key, &trigger.body).starts_with("auth_key is"));
        let mut body = trigger.body.clone();
        body.push(b' ');
        assert!(refused(target, &body).starts_with("body_md5 is"));
    }

    #[test]
    fn a_field_that_nobody_asked_for_is_named() {
        let body = json!({
            "name": EVENT, "channels": [CHANNEL], "data": json!(OFFER).to_string(),
            "socket_id": null,
        });
        let others = check_body(body.to_string().as_bytes(), Work::Trigger);
        assert_eq!(others, Ok(BTreeSet::from(["socket_id".to_owned()])));
    }
}
