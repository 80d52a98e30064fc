//! The crate's error type: what went wrong, whether the service acted, and what to do.

mod api;
mod excerpt;
mod outcome;
mod partial;
mod webhook;

pub use api::{ApiError, ApiErrorKind};
pub use outcome::Outcome;
pub use partial::{ChannelOutcome, Partial};
pub use webhook::WebhookError;

use std::time::Duration;

use excerpt::{REASON_CHARS, excerpt};

/// An error of a dependency, kept for `source()` and never repeated in a message.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// The maximum number of characters kept from a rejected value.
const VALUE_CHARS: usize = 200;

/// The error type of this crate.
///
/// A message says what is wrong and, if possible, how to fix it. Causes are available as
/// [sources](std::error::Error::source) and are not repeated in messages, so print the whole chain.
/// No message and no `Debug` output contains a secret, a signature or a signed URL.
///
/// Three methods are enough to handle most errors:
///
/// - [`outcome`](Error::outcome): did the service act?
/// - [`is_retryable`](Error::is_retryable): can the same call succeed later?
/// - [`status`](Error::status): which HTTP status did the service return?
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name, an id, an option or a combination of them is invalid in the protocol.
    ///
    /// It is detected before anything is sent. The same call can never succeed.
    #[error("invalid {what}{}: {reason}{}", quoted(.value), in_context(.context))]
    #[non_exhaustive]
    Invalid {
        /// The kind of value, such as `channel name` or `socket id`.
        what: &'static str,
        /// The invalid value, at most 200 characters, with signatures masked.
        ///
        /// Empty if the value would not help or is secret.
        value: String,
        /// The rule that the value breaks, and how to fix it if possible.
        reason: String,
        /// The event of a batch that is invalid. Empty if there is only one.
        context: String,
    },

    /// Something is larger than a [limit](crate::Limits).
    ///
    /// It is detected before anything is sent.
    #[error("{limit} is {actual}, over the limit of {max}{}", in_context(.context))]
    #[non_exhaustive]
    Limit {
        /// The name of the limit with its unit, such as `event data in bytes`.
        limit: &'static str,
        /// The actual size or number.
        actual: usize,
        /// The current limit. See [`Limits`](crate::Limits) to raise it.
        max: usize,
        /// The event or member that is over the limit. Empty if there is only one.
        context: String,
    },

    /// The configuration is incomplete or malformed.
    #[error("configuration: {name} {reason}")]
    #[non_exhaustive]
    Config {
        /// The setting or the environment variable, such as `PUSHER_SECRET`. Never its value.
        name: String,
        /// The problem with the setting.
        reason: String,
    },

    /// A value could not be serialised to JSON.
    #[error("{what} could not be serialised to JSON{}", in_context(.context))]
    #[non_exhaustive]
    Serialize {
        /// The kind of value, such as `event data`.
        what: &'static str,
        /// The serialiser's error.
        source: serde_json::Error,
        /// The event of a batch that failed. Empty if there is only one.
        context: String,
    },

    /// An end-to-end encrypted channel can't be used.
    #[error("end-to-end encryption: {reason}")]
    #[non_exhaustive]
    Encryption {
        /// The missing or wrong part, such as the master key.
        reason: String,
    },

    /// The operating system provided no random bytes for a nonce.
    #[error("no random bytes from the operating system")]
    #[non_exhaustive]
    Random {
        /// The error of the operating system.
        source: Cause,
    },

    /// A webhook must not be trusted or can't be read.
    #[error("webhook rejected: {0}")]
    Webhook(WebhookError),

    /// The service responded with a status other than success.
    #[error(transparent)]
    Api(Box<ApiError>),

    /// No connection could be made (DNS, TCP, TLS or proxy), so the request was not sent.
    #[error("could not connect; the request was not sent: check host, port, TLS and proxy")]
    #[non_exhaustive]
    Connect {
        /// The error of the HTTP client, without the URL.
        source: Cause,
    },

    /// No complete response arrived within the timeout.
    ///
    /// The service may have acted on the request.
    #[error("no response within {timeout:?}; the service may have acted on the request")]
    #[non_exhaustive]
    Timeout {
        /// The timeout of the request.
        timeout: Duration,
    },

    /// The call's deadline passed before the request could be sent.
    #[error("the deadline of {deadline:?} passed before the request was sent")]
    #[non_exhaustive]
    Deadline {
        /// The time limit for the whole call.
        deadline: Duration,
    },

    /// The connection or the HTTP exchange failed after the request may have been sent.
    #[error("the exchange broke off; the service may have acted on the request")]
    #[non_exhaustive]
    Transport {
        /// The error of the HTTP client, without the URL.
        source: Cause,
    },

    /// The response had a success status, but not the body that the API specifies.
    ///
    /// Often there is a proxy or another server at that address.
    #[error(
        "the response with status {status} is not a response to {what} ({reason}): check host and path \
         prefix"
    )]
    #[non_exhaustive]
    Decode {
        /// The call that expected the response.
        what: &'static str,
        /// The HTTP status of the response.
        status: u16,
        /// The message of the parser, at most 300 characters, with signatures masked.
        reason: String,
    },

    /// The response can't be used, and never can be with these settings.
    #[error("{reason}; the service may have acted on the request")]
    #[non_exhaustive]
    UnusableResponse {
        /// The reason why it can't be used, and how to fix that.
        reason: String,
    },

    /// One of the requests of a call failed.
    ///
    /// After the failure, no further request was started.
    #[error(transparent)]
    Partial(Box<Partial>),
}

impl Error {
    /// Creates an [`Error::Connect`], for your own HTTP clients.
    ///
    /// Return it only if no connection could be made, so that the request was certainly not sent.
    #[must_use]
    #[cold]
    pub fn connect(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Connect {
            source: source.into(),
        }
    }

    /// Creates an [`Error::Timeout`], for your own HTTP clients.
    ///
    /// Return it if no complete response arrived within `timeout`.
    #[must_use]
    #[cold]
    pub fn timeout(timeout: Duration) -> Self {
        Self::Timeout { timeout }
    }

    /// Creates an [`Error::Transport`], for your own HTTP clients.
    ///
    /// Return it if the exchange failed and the service may have acted.
    #[must_use]
    #[cold]
    pub fn transport(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Transport {
            source: source.into(),
        }
    }

    /// A [`transport`](Self::transport) error with a host's message, which may quote the URL.
    #[cfg(all(feature = "reqwest", target_family = "wasm", target_os = "unknown"))]
    #[cold]
    pub(crate) fn host_failure(message: &str) -> Self {
        Self::transport(excerpt(message, REASON_CHARS))
    }

    #[cold]
    pub(crate) fn invalid(
        what: &'static str,
        value: impl AsRef<str>,
        reason: impl Into<String>,
    ) -> Self {
        Self::Invalid {
            what,
            value: excerpt(value.as_ref(), VALUE_CHARS),
            reason: excerpt(&reason.into(), REASON_CHARS),
            context: String::new(),
        }
    }

    /// Adds the place of the event that has the error in its batch.
    pub(crate) fn at_event(self, index: usize) -> Self {
        self.within(&format!("event {index} of the batch"))
    }

    /// Adds which of several things has the error, before the context that it already has.
    #[cold]
    pub(crate) fn within(mut self, whole: &str) -> Self {
        if let Self::Invalid { context, .. }
        | Self::Limit { context, .. }
        | Self::Serialize { context, .. } = &mut self
        {
            let separator = if context.is_empty() { "" } else { ", " };
            *context = format!("{whole}{separator}{context}");
        } else if let Self::Encryption { reason } = &mut self {
            *reason = format!("{reason}: {whole}");
        }
        self
    }

    #[cold]
    pub(crate) fn limit(limit: &'static str, actual: usize, max: usize, context: String) -> Self {
        Self::Limit {
            limit,
            actual,
            max,
            context,
        }
    }

    #[cold]
    pub(crate) fn decode(what: &'static str, status: u16, error: &serde_json::Error) -> Self {
        Self::Decode {
            what,
            status,
            // The parser's message quotes the response, which is untrusted.
            reason: excerpt(&error.to_string(), REASON_CHARS),
        }
    }

    pub(crate) fn serialize(what: &'static str) -> impl FnOnce(serde_json::Error) -> Self {
        move |source| Self::Serialize {
            what,
            source,
            context: String::new(),
        }
    }

    #[cold]
    pub(crate) fn config(name: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Config {
            name: name.into(),
            reason: reason.into(),
        }
    }

    /// The error for data that is about to be sent to an encrypted channel without encryption.
    #[cold]
    pub(crate) fn not_encrypted() -> Self {
        Self::encryption("the data for an encrypted channel must be encrypted before it is sent")
    }

    #[cold]
    pub(crate) fn encryption(reason: impl Into<String>) -> Self {
        Self::Encryption {
            reason: reason.into(),
        }
    }
}

impl From<std::convert::Infallible> for Error {
    fn from(never: std::convert::Infallible) -> Self {
        match never {}
    }
}

fn quoted(value: &str) -> String {
    if value.is_empty() {
        String::new()
    } else {
        format!(" {value:?}")
    }
}

fn in_context(context: &str) -> String {
    if context.is_empty() {
        String::new()
    } else {
        format!(": {context}")
    }
}
