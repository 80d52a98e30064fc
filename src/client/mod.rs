//! The client for a backend.
//!
//! It sends the requests that [`api`](crate::api) builds. It also reads the clock and the
//! environment, and generates nonces.

mod batch;
mod batch_error;
mod call;
mod execute;
pub(crate) mod http;
mod platform;
mod pusher;
mod retry;
mod settings;
mod trace;
mod trigger;

pub use batch::TriggerBatchCall;
pub use batch_error::BatchError;
pub use call::{Call, CallFuture};
pub(crate) use http::Bounded;
#[cfg(feature = "hyper")]
pub use http::HyperClient;
pub use http::{HttpClient, ResponseFuture, SendLimits};
pub use pusher::Pusher;
pub use retry::RetryPolicy;
pub(crate) use settings::ClientSettings;
pub use trigger::TriggerCall;

use crate::error::Error;

fn random_nonce() -> Result<[u8; crate::encryption::NONCE_BYTES], Error> {
    let mut nonce = [0; crate::encryption::NONCE_BYTES];
    getrandom::fill(&mut nonce).map_err(|error| Error::Random {
        source: error.into(),
    })?;
    Ok(nonce)
}
