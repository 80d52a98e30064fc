//! What is measured: three things without a network, and five with it.

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Work {
    PrivateToken,
    PresenceToken,
    Webhook,
    Trigger,
    AtOnce,
    Large,
    Batch,
    Bulk,
}

use Work::{AtOnce, Batch, Bulk, Large, PresenceToken, PrivateToken, Trigger, Webhook};

pub(crate) const TOKENS: [Work; 3] = [PrivateToken, PresenceToken, Webhook];
pub(crate) const CALLS: [Work; 5] = [Trigger, AtOnce, Large, Batch, Bulk];

/// The calls that are made one by one, and whose allocations are counted.
pub(crate) const ONE_BY_ONE: [Work; 3] = [Trigger, Large, Batch];

/// The requests of [`Work::AtOnce`], and those of [`Work::Bulk`] that are under way at any time.
pub(crate) const AT_ONCE: usize = 32;
pub(crate) const BULK_IN_FLIGHT: usize = 16;

impl Work {
    /// The name that child processes know.
    pub(crate) fn key(self) -> &'static str {
        match self {
            PrivateToken => "private_token",
            PresenceToken => "presence_token",
            Webhook => "webhook",
            Trigger => "trigger",
            AtOnce => "at_once",
            Large => "large",
            Batch => "batch",
            Bulk => "bulk",
        }
    }

    pub(crate) fn of_key(key: &str) -> Option<Self> {
        let mut all = TOKENS.into_iter().chain(CALLS);
        all.find(|work| work.key() == key)
    }

    pub(crate) fn title(self) -> &'static str {
        match self {
            PrivateToken => "private token",
            PresenceToken => "presence token",
            Webhook => "webhook of 1 KB",
            Trigger => "trigger of 185 B",
            AtOnce => "32 at once",
            Large => "9 KB to 10 channels",
            Batch => "batch of 10",
            Bulk => "1,000 in tens, 16 at once",
        }
    }

    /// How many of them are only timed together: calls at once, and a bulk's requests.
    pub(crate) fn unit(self) -> usize {
        match self {
            AtOnce => AT_ONCE,
            Bulk => 100,
            _ => 1,
        }
    }

    /// How many are done before the clock starts, so that the caches are the candidate's own.
    pub(crate) fn warm_up(self) -> usize {
        match self {
            PrivateToken | PresenceToken | Webhook => 64,
            Trigger | Large | Batch => 1,
            AtOnce => AT_ONCE,
            Bulk => BULK_IN_FLIGHT,
        }
    }

    pub(crate) fn is_call(self) -> bool {
        CALLS.contains(&self)
    }
}
