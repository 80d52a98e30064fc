//! What is set for a client, beside its app.

use std::fmt;
use std::time::Duration;

use super::RetryPolicy;
use super::http::TransportBuilder;

/// The part of a [`Builder`](crate::Builder) that only a client needs.
#[derive(Clone, Default)]
pub(crate) struct ClientSettings {
    pub(crate) transport: TransportBuilder,
    pub(crate) deadline: Option<Duration>,
    pub(crate) retry: RetryPolicy,
    pub(crate) webhook_window: Option<Duration>,
}

/// Without the proxy, whose URL may have a password.
impl fmt::Debug for ClientSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientSettings")
            .field("bounds", &self.transport.bounds)
            .field("deadline", &self.deadline)
            .field("retry", &self.retry)
            .field("webhook_window", &self.webhook_window)
            .finish_non_exhaustive()
    }
}
