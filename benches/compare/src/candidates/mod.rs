//! Whatever is compared: the floors, this crate, and the libraries that do the same.

mod calls;
mod floor;
mod forks;
mod line;
mod minimal;
mod ours;
mod pusher_crate;
mod tokens;
mod webhook;
mod wires;

use std::net::{Ipv4Addr, SocketAddr};
use std::rc::Rc;

use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

use crate::Failure;
use crate::machine::Cost;
use crate::work::Work;
use floor::{Prebuilt, Signed};

pub(crate) use floor::Wire;
pub(crate) use minimal::Minimal;
pub(crate) use ours::{builder as pusher_builder, pusher};
pub(crate) use wires::Reqwest;

pub(crate) const LINE: &str = "line";
pub(crate) const LINE_OWNED: &str = "line, owned events";
pub(crate) const HYPER_PREBUILT: &str = "hyper, prebuilt bytes";
pub(crate) const HYPER_SIGNED: &str = "hyper signed";
pub(crate) const REQWEST_PREBUILT: &str = "reqwest, prebuilt bytes";
pub(crate) const REQWEST_SIGNED: &str = "reqwest signed";

#[cfg(test)]
pub(crate) const PEERS: [&str; 3] = [pusher_crate::NAME, forks::PUSHERS, forks::SOCKUDO];

/// What a candidate is in the comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    Floor,
    /// With the floors it is compared with: for its time, and for its allocations.
    Ours {
        signed: &'static str,
        prebuilt: &'static str,
    },
    Peer,
}

impl Role {
    fn ours(signed: &'static str, prebuilt: &'static str) -> Self {
        Self::Ours { signed, prebuilt }
    }
}

/// One row of the tables.
pub(crate) trait Candidate {
    fn name(&self) -> &str;

    fn role(&self) -> Role;

    /// Whether it is made for this work.
    fn offers(&self, work: Work) -> bool;

    /// What the work comes out as, without the network: `auth`, and `channel_data` where there is
    /// some; or a webhook's events.
    fn sample(&mut self, work: Work) -> Result<Value, Failure>;

    /// Does the work so many times, a multiple of its unit, and says what that took. Something of
    /// it is done before the clock starts, so that the caches are its own.
    fn run(&mut self, work: Work, times: usize) -> Result<Cost, Failure>;
}

/// One thread for all that this process runs.
pub(crate) fn runtime() -> Result<Rc<Runtime>, Failure> {
    Ok(Rc::new(Builder::new_current_thread().enable_all().build()?))
}

/// Those in this process that make tokens and read webhooks.
pub(crate) fn of_tokens() -> Result<Vec<Box<dyn Candidate>>, Failure> {
    // Nothing is sent there.
    let nowhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 9));
    Ok(vec![
        tokens::row(LINE, Role::Floor, line::Line::new()),
        tokens::row("line, again", Role::Floor, line::Line::new()),
        tokens::row(LINE_OWNED, Role::Floor, line::Owned::new()),
        tokens::row("HMAC alone", Role::Floor, line::HmacAlone::new()),
        tokens::row(
            "pusher-http",
            Role::ours(LINE, LINE),
            ours::Tokens::new(nowhere)?,
        ),
        tokens::row(
            pusher_crate::NAME,
            Role::Peer,
            pusher_crate::Peer::new(nowhere),
        ),
        tokens::row(forks::PUSHERS, Role::Peer, forks::Pushers::new(nowhere)?),
        tokens::row(forks::SOCKUDO, Role::Peer, forks::Sockudo::new(nowhere)?),
    ])
}

/// Those in this process that call the HTTP API, which is the sink at this address.
pub(crate) fn of_calls(sink: SocketAddr) -> Result<Vec<Box<dyn Candidate>>, Failure> {
    let on = &runtime()?;
    let (hyper, reqwest) = (wires::Hyper::new, Reqwest::new);
    Ok(vec![
        calls::row(
            HYPER_PREBUILT,
            Role::Floor,
            Prebuilt::new(hyper(), sink)?,
            on,
        ),
        calls::row(HYPER_SIGNED, Role::Floor, Signed::new(hyper(), sink), on),
        calls::row(
            "hyper signed, again",
            Role::Floor,
            Signed::new(hyper(), sink),
            on,
        ),
        calls::row(
            REQWEST_PREBUILT,
            Role::Floor,
            Prebuilt::new(reqwest(), sink)?,
            on,
        ),
        calls::row(
            REQWEST_SIGNED,
            Role::Floor,
            Signed::new(reqwest(), sink),
            on,
        ),
        calls::row(
            "pusher-http",
            Role::ours(REQWEST_SIGNED, REQWEST_PREBUILT),
            ours::Calls::new(ours::pusher(sink)?),
            on,
        ),
        calls::row(
            "pusher-http on hyper",
            Role::ours(HYPER_SIGNED, HYPER_PREBUILT),
            ours::Calls::new(ours::pusher_on_hyper(sink)?),
            on,
        ),
        calls::row(
            pusher_crate::NAME,
            Role::Peer,
            pusher_crate::Peer::new(sink),
            on,
        ),
        calls::row(forks::PUSHERS, Role::Peer, forks::Pushers::new(sink)?, on),
        calls::row(forks::SOCKUDO, Role::Peer, forks::Sockudo::new(sink)?, on),
    ])
}
