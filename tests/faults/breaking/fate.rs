//! What becomes of a connection or a request: by chance, and the same in every run.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::net::SocketAddr;
use std::sync::Mutex;

/// What the proxy does with a request that it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fate {
    Forwarded,
    ClosedBefore,
    ResetBefore,
    ClosedAfter,
    ResetAfter,
    HalfAnAnswer,
    /// Held until the client has left, and then dropped.
    Lost,
    /// Held until the client has left, and then forwarded.
    Late,
    /// Forwarded, and the answer is held until the client has left.
    NoAnswer,
    /// Forwarded, and answered with a page of the proxy's own.
    BadGateway,
    /// Not forwarded; the proxy says that it is too busy.
    Unavailable,
    /// Not forwarded; the proxy says that there are too many.
    TooMany,
    /// A connection that is closed before anything is read of it.
    ClosedAtOnce,
    ResetAtOnce,
}

#[derive(Default)]
pub struct Fates {
    /// How often each request has come.
    attempts: Mutex<HashMap<String, usize>>,
    totals: Mutex<BTreeMap<Fate, usize>>,
}

impl Fates {
    /// Of a request, known by the first channel that it names; every fifth is broken.
    pub fn of_request(&self, name: &str) -> Fate {
        let mut attempts = self.attempts.lock().unwrap();
        let attempt = attempts.entry(name.to_owned()).or_default();
        *attempt += 1;
        let fate = match percent(("request", name, *attempt)) {
            0..3 => Fate::ClosedBefore,
            3..5 => Fate::ResetBefore,
            5..8 => Fate::ClosedAfter,
            8..10 => Fate::ResetAfter,
            10..13 => Fate::HalfAnAnswer,
            13 => Fate::Lost,
            14 => Fate::Late,
            15 => Fate::NoAnswer,
            16 => Fate::BadGateway,
            17 => Fate::Unavailable,
            18..20 => Fate::TooMany,
            _ => Fate::Forwarded,
        };
        self.count(fate)
    }

    /// Of a connection that was just accepted.
    pub fn of_connection(&self, number: usize) -> Option<Fate> {
        match percent(("connection", number)) {
            0..3 => Some(self.count(Fate::ClosedAtOnce)),
            3..6 => Some(self.count(Fate::ResetAtOnce)),
            _ => None,
        }
    }

    pub fn totals(&self) -> BTreeMap<Fate, usize> {
        self.totals.lock().unwrap().clone()
    }

    fn count(&self, fate: Fate) -> Fate {
        *self.totals.lock().unwrap().entry(fate).or_default() += 1;
        fate
    }
}

/// Where a connection leads: mostly to the proxy, else to a port that refuses, or nowhere.
pub fn look(number: usize, open: SocketAddr, refusing: SocketAddr) -> Option<SocketAddr> {
    match percent(("look-up", number)) {
        0..30 => Some(refusing),
        30..35 => None,
        _ => Some(open),
    }
}

fn percent(of: impl Hash) -> u8 {
    let mut hasher = DefaultHasher::new();
    of.hash(&mut hasher);
    fastrand::Rng::with_seed(hasher.finish()).u8(0..100)
}
