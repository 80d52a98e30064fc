//! Faults that the proxy injects: random, and the same in every run.

use std::collections::{BTreeMap, HashMap};
use std::hash::{DefaultHasher, Hash, Hasher as _};
use std::net::SocketAddr;
use std::sync::Mutex;

/// The proxy's action on a connection, or on a request that it has read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Forwarded,
    ClosedBefore,
    ResetBefore,
    ClosedAfter,
    ResetAfter,
    HalfResponse,
    /// Held until the client has disconnected, and then dropped.
    Lost,
    /// Held until the client has disconnected, and then forwarded.
    Late,
    /// Forwarded, but the response is held until the client has disconnected.
    NoResponse,
    /// Forwarded, but the proxy responds with an error page of its own.
    BadGateway,
    /// Not forwarded; the proxy responds that it is too busy.
    Unavailable,
    /// Not forwarded; the proxy responds that there are too many requests.
    TooMany,
    /// The connection is closed before anything is read.
    ClosedAtOnce,
    ResetAtOnce,
}

#[derive(Default)]
pub struct Faults {
    /// The number of times each request has arrived.
    attempts: Mutex<HashMap<String, usize>>,
    totals: Mutex<BTreeMap<Fault, usize>>,
}

impl Faults {
    /// Chooses the fault of a request, identified by its first channel. Every fifth request fails.
    pub fn of_request(&self, name: &str) -> Fault {
        let mut attempts = self.attempts.lock().unwrap();
        let attempt = attempts.entry(name.to_owned()).or_default();
        *attempt += 1;
        let fault = match percent(("request", name, *attempt)) {
            0..3 => Fault::ClosedBefore,
            3..5 => Fault::ResetBefore,
            5..8 => Fault::ClosedAfter,
            8..10 => Fault::ResetAfter,
            10..13 => Fault::HalfResponse,
            13 => Fault::Lost,
            14 => Fault::Late,
            15 => Fault::NoResponse,
            16 => Fault::BadGateway,
            17 => Fault::Unavailable,
            18..20 => Fault::TooMany,
            _ => Fault::Forwarded,
        };
        self.count(fault)
    }

    /// Chooses the fault of a connection that was just accepted.
    pub fn of_connection(&self, number: usize) -> Option<Fault> {
        match percent(("connection", number)) {
            0..3 => Some(self.count(Fault::ClosedAtOnce)),
            3..6 => Some(self.count(Fault::ResetAtOnce)),
            _ => None,
        }
    }

    pub fn totals(&self) -> BTreeMap<Fault, usize> {
        self.totals.lock().unwrap().clone()
    }

    fn count(&self, fault: Fault) -> Fault {
        *self.totals.lock().unwrap().entry(fault).or_default() += 1;
        fault
    }
}

/// Chooses the address of a connection: mostly the proxy, else a closed port, or no address.
pub fn lookup(number: usize, open: SocketAddr, refusing: SocketAddr) -> Option<SocketAddr> {
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
