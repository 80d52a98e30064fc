//! Decides which changes of channels and members webhooks report, and when.
//!
//! Joins are reported at once. Departures are reported after a grace period, and not at all if the
//! channel or member returns within it.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::settings::later;

/// An event of a webhook, as it is written in the body.
pub(crate) type WebhookFact = Value;

/// A channel, or a member of one.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Channel(Arc<str>),
    Member(Arc<str>, Arc<str>),
}

pub(super) struct Announcements {
    /// Notified when there is something new to report, or to wait for.
    bell: Arc<Notify>,
    ready: Vec<WebhookFact>,
    /// The channels and members that webhooks have reported as present.
    told: BTreeSet<Subject>,
    /// The ones that have left since, and when to report each departure.
    leaving: BTreeMap<Subject, Due>,
    departures: u64,
}

/// When a departure is due to be reported.
///
/// Departures that are due together are reported in the order in which they happened.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Due {
    at: Instant,
    departure: u64,
}

impl Announcements {
    pub(super) fn new(bell: Arc<Notify>) -> Self {
        Self {
            bell,
            ready: Vec::new(),
            told: BTreeSet::new(),
            leaving: BTreeMap::new(),
            departures: 0,
        }
    }

    pub(super) fn tell(&mut self, fact: WebhookFact) {
        self.ready.push(fact);
        self.bell.notify_one();
    }

    pub(super) fn occupied(&mut self, channel: &Arc<str>) {
        self.came(&Subject::Channel(channel.clone()));
    }

    pub(super) fn vacated(&mut self, channel: &Arc<str>, grace: Duration) {
        self.went(Subject::Channel(channel.clone()), grace);
    }

    pub(super) fn member_added(&mut self, channel: &Arc<str>, user_id: &Arc<str>) {
        self.came(&Subject::Member(channel.clone(), user_id.clone()));
    }

    pub(super) fn member_removed(
        &mut self,
        channel: &Arc<str>,
        user_id: &Arc<str>,
        grace: Duration,
    ) {
        self.went(Subject::Member(channel.clone(), user_id.clone()), grace);
    }

    /// Takes the facts that are due, and returns when the next one will be due.
    pub(super) fn take(&mut self, now: Instant) -> (Vec<WebhookFact>, Option<Instant>) {
        let mut due: Vec<_> = self
            .leaving
            .iter()
            .filter(|(_, due)| due.at <= now)
            .map(|(subject, due)| (*due, subject.clone()))
            .collect();
        due.sort_unstable();
        for (_, subject) in due {
            self.leaving.remove(&subject);
            self.told.remove(&subject);
            self.ready.push(subject.gone());
        }
        let next = self.leaving.values().min().map(|due| due.at);
        (std::mem::take(&mut self.ready), next)
    }

    fn came(&mut self, subject: &Subject) {
        if subject.is_untold() {
            return;
        }
        let was_leaving = self.leaving.remove(subject).is_some();
        if !was_leaving && self.told.insert(subject.clone()) {
            self.tell(subject.there());
        }
    }

    fn went(&mut self, subject: Subject, grace: Duration) {
        if subject.is_untold() {
            return;
        }
        if grace.is_zero() {
            // Without a grace period, the departure is reported even after a return before the next
            // webhook.
            self.told.remove(&subject);
            return self.tell(subject.gone());
        }
        self.departures += 1;
        let due = Due {
            at: later(Instant::now(), grace),
            departure: self.departures,
        };
        self.leaving.insert(subject, due);
        self.bell.notify_one();
    }
}

impl Subject {
    /// Whether webhooks never report this. A user's own channel is internal to the protocol.
    fn is_untold(&self) -> bool {
        matches!(self, Self::Channel(channel) if channel.starts_with('#'))
    }

    fn there(&self) -> WebhookFact {
        match self {
            Self::Channel(channel) => json!({"name": "channel_occupied", "channel": channel}),
            Self::Member(channel, user_id) => {
                json!({"name": "member_added", "channel": channel, "user_id": user_id})
            }
        }
    }

    fn gone(&self) -> WebhookFact {
        match self {
            Self::Channel(channel) => json!({"name": "channel_vacated", "channel": channel}),
            Self::Member(channel, user_id) => {
                json!({"name": "member_removed", "channel": channel, "user_id": user_id})
            }
        }
    }
}
