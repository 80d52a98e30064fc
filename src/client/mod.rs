//! The client that a backend holds: it reads the clock, draws nonces, reads the environment, and
//! sends what [`api`](crate::api) builds.

mod batch;
mod call;
mod deliver;
mod host;
pub(crate) mod http;
mod parts;
mod pusher;
mod retry;
mod settings;
mod trace;
mod trigger;

pub use batch::{BatchError, TriggerBatchCall};
pub use call::{Call, CallFuture};
#[cfg(feature = "hyper")]
pub use http::HyperClient;
pub use http::{HttpClient, ResponseFuture, SendLimits};
pub use pusher::Pusher;
pub use retry::RetryPolicy;
pub(crate) use settings::ClientSettings;
pub use trigger::TriggerCall;

use std::time::UNIX_EPOCH;

use crate::error::Error;

fn unix_seconds() -> u64 {
    host::system_time()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs()
}

fn random_nonce() -> Result<[u8; crate::encryption::NONCE_BYTES], Error> {
    let mut nonce = [0; crate::encryption::NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(Error::random)?;
    Ok(nonce)
}
