//! The calls: triggers to one channel and to more than one request takes, batches in order and at
//! once, at most once and at least once, and queries.

use pusher_http::{BatchError, Error, Event, Outcome, Pusher, RetryPolicy};

use crate::peer::quick;

pub struct Call {
    kind: Kind,
    /// What begins the name of each of its channels.
    name: String,
    may_double: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Trigger,
    SplitTrigger,
    SplitTriggerAtOnce,
    Batch,
    BatchAtOnce,
    Query,
}

/// What a call reports of each of its events, which are known by their channels.
#[derive(Debug)]
pub struct Report {
    pub kind: &'static str,
    pub may_double: bool,
    pub events: Vec<(String, Outcome)>,
}

impl Call {
    pub fn nth(number: usize) -> Self {
        let kind = match number % 10 {
            0..3 => Kind::Trigger,
            3 => Kind::SplitTrigger,
            4 => Kind::SplitTriggerAtOnce,
            5 | 6 => Kind::Batch,
            7 | 8 => Kind::BatchAtOnce,
            _ => Kind::Query,
        };
        Self {
            kind,
            name: format!("call-{number}-"),
            may_double: number.is_multiple_of(3),
        }
    }

    pub async fn send(self, client: Pusher) -> Report {
        let policy = if self.may_double {
            RetryPolicy::at_least_once()
        } else {
            RetryPolicy::default()
        };
        let policy = quick(policy);
        let at_once = match self.kind {
            Kind::SplitTriggerAtOnce | Kind::BatchAtOnce => 3,
            _ => 1,
        };
        let events = match self.kind {
            Kind::Query => {
                let query = client.channels().prefix(&self.name).retry(policy).await;
                self.check_query(query.map(|channels| channels.into_keys().collect()))
            }
            Kind::Batch | Kind::BatchAtOnce => {
                // Three requests, the last one with a single event.
                let channels = self.channels(7);
                let events = channels
                    .iter()
                    .map(|channel| Event::new(channel.as_str(), "e", "data").unwrap());
                let batch = client
                    .trigger_batch(events)
                    .concurrency(at_once)
                    .retry(policy);
                of_batch(channels, batch.await.map(|_| ()))
            }
            _ => {
                let count = if self.kind == Kind::Trigger { 1 } else { 7 };
                let channels = self.channels(count);
                let trigger = client
                    .trigger(channels.clone(), "e", "data")
                    .concurrency(at_once)
                    .retry(policy);
                of_trigger(channels, trigger.await.map(|_| ()))
            }
        };
        Report {
            kind: self.title(),
            may_double: self.may_double,
            events,
        }
    }

    fn channels(&self, count: usize) -> Vec<String> {
        (0..count)
            .map(|index| format!("{}{index}", self.name))
            .collect()
    }

    /// An answer is that to this very query, whatever became of those before it.
    fn check_query(&self, result: Result<Vec<String>, Error>) -> Vec<(String, Outcome)> {
        match result {
            Ok(channels) => assert_eq!(channels, [format!("{}found", self.name)]),
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        Vec::new()
    }

    fn title(&self) -> &'static str {
        match (self.kind, self.may_double) {
            (Kind::Trigger, false) => "trigger",
            (Kind::Trigger, true) => "trigger, at least once",
            (Kind::SplitTrigger | Kind::SplitTriggerAtOnce, false) => "split trigger",
            (Kind::SplitTrigger | Kind::SplitTriggerAtOnce, true) => "split trigger, at least once",
            (Kind::Batch | Kind::BatchAtOnce, false) => "batch",
            (Kind::Batch | Kind::BatchAtOnce, true) => "batch, at least once",
            (Kind::Query, _) => "query",
        }
    }
}

fn all(channels: Vec<String>, outcome: Outcome) -> Vec<(String, Outcome)> {
    channels
        .into_iter()
        .map(|channel| (channel, outcome))
        .collect()
}

fn of_trigger(channels: Vec<String>, result: Result<(), Error>) -> Vec<(String, Outcome)> {
    match result {
        Ok(()) => all(channels, Outcome::Accepted),
        Err(Error::Partial(partial)) => {
            let parts: Vec<_> = partial
                .outcomes()
                .iter()
                .map(|one| (one.channel.to_string(), one.outcome))
                .collect();
            assert!(parts.iter().map(|(channel, _)| channel).eq(&channels));
            parts
        }
        Err(error) => all(channels, error.outcome()),
    }
}

fn of_batch(channels: Vec<String>, result: Result<(), BatchError>) -> Vec<(String, Outcome)> {
    match result {
        Ok(()) => all(channels, Outcome::Accepted),
        Err(failure) => {
            let parts = failure.into_parts();
            let parts: Vec<_> = parts
                .map(|(event, outcome)| (event.unwrap().channel().to_string(), outcome))
                .collect();
            assert!(parts.iter().map(|(channel, _)| channel).eq(&channels));
            parts
        }
    }
}
