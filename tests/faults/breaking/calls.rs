//! The calls: queries, batches, and triggers to one channel or to several requests' worth of
//! channels. Requests are sent in order or concurrently, at most once or at least once.

use pusher_http::{BatchError, Error, Event, Outcome, Pusher, RetryPolicy};

use crate::peer::quick;

pub struct Call {
    kind: Kind,
    /// The prefix of the names of its channels.
    name: String,
    may_duplicate: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    Trigger,
    SplitTrigger,
    ConcurrentSplitTrigger,
    Batch,
    ConcurrentBatch,
    Query,
}

/// The outcome that a call reports for each of its events. A channel identifies an event.
#[derive(Debug)]
pub struct Report {
    pub kind: &'static str,
    pub may_duplicate: bool,
    pub events: Vec<(String, Outcome)>,
}

impl Call {
    pub fn nth(number: usize) -> Self {
        let kind = match number % 10 {
            0..3 => Kind::Trigger,
            3 => Kind::SplitTrigger,
            4 => Kind::ConcurrentSplitTrigger,
            5 | 6 => Kind::Batch,
            7 | 8 => Kind::ConcurrentBatch,
            _ => Kind::Query,
        };
        Self {
            kind,
            name: format!("call-{number}-"),
            may_duplicate: number.is_multiple_of(3),
        }
    }

    pub async fn send(self, client: Pusher) -> Report {
        let policy = if self.may_duplicate {
            RetryPolicy::at_least_once()
        } else {
            RetryPolicy::default()
        };
        let policy = quick(policy);
        let concurrency = match self.kind {
            Kind::ConcurrentSplitTrigger | Kind::ConcurrentBatch => 3,
            _ => 1,
        };
        let events = match self.kind {
            Kind::Query => {
                let query = client.channels().prefix(&self.name).retry(policy).await;
                self.check_query(query.map(|channels| channels.into_keys().collect()))
            }
            Kind::Batch | Kind::ConcurrentBatch => {
                // Three requests; the last one has a single event.
                let channels = self.channels(7);
                let events = channels
                    .iter()
                    .map(|channel| Event::new(channel.as_str(), "e", "data").unwrap());
                let batch = client
                    .trigger_batch(events)
                    .concurrency(concurrency)
                    .retry(policy);
                batch_outcomes(channels, batch.await.map(|_| ()))
            }
            _ => {
                let count = if self.kind == Kind::Trigger { 1 } else { 7 };
                let channels = self.channels(count);
                let trigger = client
                    .trigger(channels.clone(), "e", "data")
                    .concurrency(concurrency)
                    .retry(policy);
                trigger_outcomes(channels, trigger.await.map(|_| ()))
            }
        };
        Report {
            kind: self.title(),
            may_duplicate: self.may_duplicate,
            events,
        }
    }

    fn channels(&self, count: usize) -> Vec<String> {
        (0..count)
            .map(|index| format!("{}{index}", self.name))
            .collect()
    }

    /// A response must be the one to this query, no matter what happened to earlier requests.
    fn check_query(&self, result: Result<Vec<String>, Error>) -> Vec<(String, Outcome)> {
        match result {
            Ok(channels) => assert_eq!(channels, [format!("{}found", self.name)]),
            Err(error) => assert!(error.is_retryable(), "{error}"),
        }
        Vec::new()
    }

    fn title(&self) -> &'static str {
        match (self.kind, self.may_duplicate) {
            (Kind::Trigger, false) => "trigger",
            (Kind::Trigger, true) => "trigger, at least once",
            (Kind::SplitTrigger | Kind::ConcurrentSplitTrigger, false) => "split trigger",
            (Kind::SplitTrigger | Kind::ConcurrentSplitTrigger, true) => {
                "split trigger, at least once"
            }
            (Kind::Batch | Kind::ConcurrentBatch, false) => "batch",
            (Kind::Batch | Kind::ConcurrentBatch, true) => "batch, at least once",
            (Kind::Query, _) => "query",
        }
    }
}

fn same_outcome(channels: Vec<String>, outcome: Outcome) -> Vec<(String, Outcome)> {
    channels
        .into_iter()
        .map(|channel| (channel, outcome))
        .collect()
}

fn trigger_outcomes(channels: Vec<String>, result: Result<(), Error>) -> Vec<(String, Outcome)> {
    match result {
        Ok(()) => same_outcome(channels, Outcome::Accepted),
        Err(Error::Partial(partial)) => {
            let parts: Vec<_> = partial
                .outcomes()
                .iter()
                .map(|one| (one.channel.to_string(), one.outcome))
                .collect();
            assert!(parts.iter().map(|(channel, _)| channel).eq(&channels));
            parts
        }
        Err(error) => same_outcome(channels, error.outcome()),
    }
}

fn batch_outcomes(channels: Vec<String>, result: Result<(), BatchError>) -> Vec<(String, Outcome)> {
    match result {
        Ok(()) => same_outcome(channels, Outcome::Accepted),
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
