//! The crate's one error type: what went wrong, whether the service acted, and what to do.

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

/// A cause from a library below, kept for `source()` and never repeated in a message.
pub(crate) type Cause = Box<dyn std::error::Error + Send + Sync + 'static>;

/// How many characters of a refused value are kept.
const VALUE_CHARS: usize = 200;

/// Everything that can go wrong in this crate.
///
/// A message says what is wrong and, where there is one, the way out; causes are chained as
/// [sources](std::error::Error::source) and not repeated, so print the chain. None of them, and no
/// `Debug` output, holds a secret, a signature or a signed URL.
///
/// Three questions decide most handling, and each has a method:
/// [`outcome`](Error::outcome) (did the service act?),
/// [`is_retryable`](Error::is_retryable) (can the same call succeed later?) and
/// [`status`](Error::status) (what did it answer?).
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name, an id, an option or a combination of them that the protocol refuses.
    /// Found before the network; the same call can never succeed.
    #[error("invalid {what}{}: {reason}{}", quoted(.value), in_context(.context))]
    #[non_exhaustive]
    Invalid {
        /// What was checked, such as `channel name` or `socket id`.
        what: &'static str,
        /// What was given, at most 200 characters of it, signatures masked; empty where it says
        /// nothing or is secret.
        value: String,
        /// The rule it breaks, and the way out if there is one.
        reason: String,
        /// Which event of a batch it was; empty if there is only one.
        context: String,
    },

    /// Something is larger than a [limit](crate::Limits). Found before the network.
    #[error("{limit} is {actual}, over the limit of {max}{}", in_context(.context))]
    #[non_exhaustive]
    Limit {
        /// The limit, with its unit, such as `event data in bytes`.
        limit: &'static str,
        /// What was given.
        actual: usize,
        /// The limit in force; see [`Limits`](crate::Limits) to raise it.
        max: usize,
        /// Which event or member it was; empty if there is only one.
        context: String,
    },

    /// The configuration is missing something or malformed.
    #[error("configuration: {name} {reason}")]
    #[non_exhaustive]
    Config {
        /// The setting or the environment variable, such as `PUSHER_SECRET`. Never its value.
        name: String,
        /// What is wrong with it.
        reason: String,
    },

    /// A value could not be serialised to JSON.
    #[error("{what} could not be serialised to JSON{}", in_context(.context))]
    #[non_exhaustive]
    Serialize {
        /// What was serialised, such as `event data`.
        what: &'static str,
        /// The serialiser's error.
        source: serde_json::Error,
        /// Which event of a batch it was; empty if there is only one.
        context: String,
    },

    /// An end-to-end encrypted channel is used and cannot be served.
    #[error("end-to-end encryption: {reason}")]
    #[non_exhaustive]
    Encryption {
        /// What is missing or wrong.
        reason: String,
    },

    /// The operating system gave no random bytes for a nonce.
    #[error("no random bytes from the operating system")]
    #[non_exhaustive]
    Random {
        /// What the operating system says.
        source: Cause,
    },

    /// A webhook that must not be trusted, or that cannot be read.
    #[error("webhook refused: {0}")]
    Webhook(WebhookError),

    /// The service answered, and not with success.
    #[error(transparent)]
    Api(Box<ApiError>),

    /// No connection could be made (DNS, TCP, TLS or proxy), so the request was not sent.
    #[error("could not connect; the request was not sent: check host, port, TLS and proxy")]
    #[non_exhaustive]
    Connect {
        /// What the HTTP client says, without the URL.
        source: Cause,
    },

    /// No complete answer came within the time allowed. The service may have acted.
    #[error("no answer within {timeout:?}; the service may have acted on the request")]
    #[non_exhaustive]
    Timeout {
        /// The time that was allowed for the request.
        timeout: Duration,
    },

    /// The call's deadline passed before the request could be sent.
    #[error("the deadline of {deadline:?} passed before the request was sent")]
    #[non_exhaustive]
    Deadline {
        /// The time that was allowed for the whole call.
        deadline: Duration,
    },

    /// The connection broke, or the HTTP exchange did, after the request may have been sent.
    #[error("the exchange broke off; the service may have acted on the request")]
    #[non_exhaustive]
    Transport {
        /// What the HTTP client says, without the URL.
        source: Cause,
    },

    /// The answer had a success status, and its body is not what the API promises: often a
    /// proxy or another server stands at that address.
    #[error(
        "the answer with status {status} is not what {what} gives ({reason}): check host and path \
         prefix"
    )]
    #[non_exhaustive]
    Decode {
        /// The call whose answer it should have been.
        what: &'static str,
        /// The answer's HTTP status.
        status: u16,
        /// What the parser says, at most 300 characters, signatures masked.
        reason: String,
    },

    /// An answer came that can't be used, and never can be with these settings.
    #[error("{reason}; the service may have acted on the request")]
    #[non_exhaustive]
    Answer {
        /// Why it can't be used, and the way out.
        reason: String,
    },

    /// A call that takes several requests failed: one of them did, and no further one was begun.
    #[error(transparent)]
    Partial(Box<Partial>),
}

impl Error {
    /// No connection could be made, so the request was certainly not sent: for HTTP clients of your
    /// own.
    #[must_use]
    #[cold]
    pub fn connect(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Connect {
            source: source.into(),
        }
    }

    /// No complete answer came within `timeout`: for HTTP clients of your own.
    #[must_use]
    #[cold]
    pub fn timeout(timeout: Duration) -> Self {
        Self::Timeout { timeout }
    }

    /// The exchange broke off, and the service may have acted: for HTTP clients of your own.
    #[must_use]
    #[cold]
    pub fn transport(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Transport {
            source: source.into(),
        }
    }

    /// A [`transport`](Self::transport) error by the words of a host, which can quote the URL.
    #[cfg(all(feature = "reqwest", target_family = "wasm", target_os = "unknown"))]
    #[cold]
    pub(crate) fn host_failure(words: &str) -> Self {
        Self::transport(excerpt(words, REASON_CHARS))
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

    /// The error of the event at this place of a batch.
    #[cold]
    pub(crate) fn at_event(mut self, index: usize) -> Self {
        if let Self::Invalid { context, .. }
        | Self::Limit { context, .. }
        | Self::Serialize { context, .. } = &mut self
        {
            let rest = std::mem::take(context);
            let separator = if rest.is_empty() { "" } else { ", " };
            *context = format!("event {index} of the batch{separator}{rest}");
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
            // A parser quotes what it reads, and that is somebody else's.
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

    /// Data for an encrypted channel is about to be sent as it is.
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
