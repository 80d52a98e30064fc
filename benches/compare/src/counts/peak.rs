//! The most that a trigger holds at once.

use std::borrow::Cow;
use std::net::SocketAddr;

use pusher_http::Limits;
use serde::{Deserialize, Serialize};

use super::counted;
use crate::Failure;
use crate::candidates::{self, Minimal, Reqwest, Wire as _};
use crate::fixtures::{CHANNEL, Catalogue, EVENT};

/// Of one trigger.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Peak {
    /// Its data as JSON.
    pub(crate) data_bytes: usize,
    /// The data as JSON inside JSON, and what is around it.
    pub(crate) body_bytes: usize,
    /// What is held besides the value that the caller has.
    pub(crate) ours: usize,
    /// What reqwest holds by itself, to send a body that is there.
    pub(crate) reqwest: usize,
}

/// Of 1 KB, 9 KB and 100 KB.
pub(super) fn of_triggers(sink: SocketAddr) -> Result<Vec<Peak>, Failure> {
    [1_000, 9_000, 100_000]
        .into_iter()
        .map(|bytes| of_trigger(sink, &Catalogue::of_bytes(bytes)))
        .collect()
}

fn of_trigger(sink: SocketAddr, data: &Catalogue) -> Result<Peak, Failure> {
    let runtime = candidates::runtime()?;
    let limits = Limits::default().event_data_bytes(usize::MAX);
    let pusher = candidates::pusher_builder(sink).limits(limits).build()?;
    let ours = held(|| {
        runtime.block_on(async { pusher.trigger(CHANNEL, EVENT, data).await })?;
        Ok(())
    })?;

    let signed = Minimal::new().event(&[CHANNEL], data)?;
    let url = format!("http://{sink}{}", signed.path_and_query);
    let body = bytes::Bytes::from(signed.body);
    let reqwest = Reqwest::new();
    let alone = held(|| runtime.block_on(reqwest.send(Cow::Borrowed(&url), body.clone())))?;
    Ok(Peak {
        data_bytes: serde_json::to_string(data)?.len(),
        body_bytes: body.len(),
        ours,
        reqwest: alone,
    })
}

/// The peak of the last of some calls, when the connection and its buffers are there.
fn held(call: impl Fn() -> Result<(), Failure>) -> Result<usize, Failure> {
    for _ in 0..8 {
        call()?;
    }
    let _profiler = dhat::Profiler::builder().testing().build();
    call()?;
    Ok(dhat::HeapStats::get().max_bytes)
}

pub(super) fn of_a_clone(sink: SocketAddr) -> Result<u64, Failure> {
    let pusher = candidates::pusher(sink)?;
    counted(|| Ok(pusher.clone()))
}
