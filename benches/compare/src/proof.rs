//! Before anything is timed: whether each candidate does the whole work, and does it right.

use serde_json::Value;

use crate::Failure;
use crate::candidates::Candidate;
use crate::fixtures::{
    CHANNEL_DATA, KEY, PRESENCE_CHANNEL, PRIVATE_CHANNEL, SOCKET_ID, WEBHOOK, signature,
};
use crate::sink::Sink;
use crate::work::Work;

/// Requests that are made before and while connections are counted.
const REQUESTS: usize = 100;

/// Of all requests once the pool is warm, one in so many may make a connection anew.
const REQUESTS_PER_CONNECTION: usize = 20;

/// Sends some requests through the sink, which checks them, and then some more, for which the
/// connections have to be there. Gives what is worth a remark.
pub(crate) fn call(
    candidate: &mut dyn Candidate,
    work: Work,
    sink: &mut Sink,
) -> Result<Option<String>, Failure> {
    let times = REQUESTS.next_multiple_of(work.unit());
    let requests = times + work.warm_up();
    sink.prove(work)?;
    let outcome = candidate.run(work, times);
    let first = sink.report()?;
    if let Some(reason) = first.refused {
        return Err(reason.into());
    }
    outcome?;
    if first.requests != requests {
        return Err(format!("{} requests came, and not {requests}", first.requests).into());
    }
    candidate.run(work, times)?;
    let second = sink.answer()?;
    if second.connections * REQUESTS_PER_CONNECTION > requests {
        return Err(format!(
            "connections are not reused: {} more for {requests} requests",
            second.connections
        )
        .into());
    }
    if first.others.is_empty() {
        return Ok(None);
    }
    let others: Vec<_> = first.others.into_iter().collect();
    Ok(Some(format!("also sends {}", others.join(", "))))
}

/// Compares a token with one that is made here, and a webhook's events with what was sent.
pub(crate) fn token(candidate: &mut dyn Candidate, work: Work) -> Result<(), Failure> {
    let sample = candidate.sample(work)?;
    let is_right = match work {
        Work::PrivateToken => is_signed(&sample, &format!("{SOCKET_ID}:{PRIVATE_CHANNEL}")),
        Work::PresenceToken => {
            // White space and the order of keys are free, and signed as they are.
            let data = sample["channel_data"].as_str().unwrap_or_default();
            serde_json::from_str::<Value>(data)? == serde_json::from_str::<Value>(CHANNEL_DATA)?
                && is_signed(&sample, &format!("{SOCKET_ID}:{PRESENCE_CHANNEL}:{data}"))
        }
        _ => sample.as_array() == Some(&WEBHOOK.events),
    };
    if is_right {
        return Ok(());
    }
    Err(format!("what it makes is not what is due: {sample}").into())
}

fn is_signed(sample: &Value, text: &str) -> bool {
    sample["auth"] == format!("{KEY}:{}", signature(text))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::candidates::Role;
    use crate::machine::Cost;

    struct Fake(Value);

    impl Candidate for Fake {
        fn name(&self) -> &'static str {
            "fake"
        }

        fn role(&self) -> Role {
            Role::Peer
        }

        fn offers(&self, _: Work) -> bool {
            true
        }

        fn sample(&mut self, _: Work) -> Result<Value, Failure> {
            Ok(self.0.clone())
        }

        fn run(&mut self, _: Work, _: usize) -> Result<Cost, Failure> {
            Err("it does nothing".into())
        }
    }

    fn is_proved(sample: Value, work: Work) -> bool {
        token(&mut Fake(sample), work).is_ok()
    }

    #[test]
    fn a_token_has_to_be_signed_by_the_secret() {
        let sign = |text: &str| json!({"auth": format!("{KEY}:{}", signature(text))});
        let due = format!("{SOCKET_ID}:{PRIVATE_CHANNEL}");
        assert!(is_proved(sign(&due), Work::PrivateToken));
        assert!(!is_proved(sign(&format!("{due} ")), Work::PrivateToken));
        assert!(!is_proved(json!({}), Work::PrivateToken));
    }

    #[test]
    fn a_webhook_has_to_come_out_whole() {
        let mut events = WEBHOOK.events.clone();
        assert!(is_proved(json!(events), Work::Webhook));
        events.pop();
        assert!(!is_proved(json!(events), Work::Webhook));
    }
}
