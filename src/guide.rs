//! Guides by task.
//!
//! Each guide is a file in the repository's `docs` directory, and every example in it runs.

#[doc = include_str!("../docs/notify.md")]
///
/// See [`Pusher::trigger_batch`](crate::Pusher::trigger_batch), [`BatchError`](crate::BatchError),
/// [`Event`](crate::Event), [`Partial`](crate::Partial), and the example `dual_notify`.
pub mod notify {}

#[doc = include_str!("../docs/chat.md")]
///
/// See [`TriggerCall::exclude`](crate::client::TriggerCall::exclude),
/// [`SocketId`](crate::SocketId), the guide [`failures`], and the module
/// [`axum`](crate::axum).
pub mod chat {}

#[doc = include_str!("../docs/presence.md")]
///
/// See [`Pusher::users`](crate::Pusher::users), [`Pusher::channels`](crate::Pusher::channels),
/// [`PresenceMember`](crate::PresenceMember), [`UserData`](crate::UserData), [`Info`](crate::Info).
pub mod presence {}

#[doc = include_str!("../docs/encryption.md")]
///
/// See the module [`encryption`](crate::encryption), and
/// [`Builder::encryption_master_key_base64`](crate::Builder::encryption_master_key_base64).
pub mod encryption {}

#[doc = include_str!("../docs/webhooks.md")]
///
/// See the module [`webhook`](crate::webhook), [`Pusher::webhook`](crate::Pusher::webhook),
/// [`Builder::webhook_window`](crate::Builder::webhook_window), and the example
/// `auth_server`.
pub mod webhooks {}

#[doc = include_str!("../docs/testing.md")]
///
/// See the package `pusher-dev-server`, [`HttpClient`](crate::client::HttpClient),
/// [`WebhookSignature`](crate::WebhookSignature).
pub mod testing {}

#[doc = include_str!("../docs/failures.md")]
///
/// See [`Error`](crate::Error), [`Outcome`](crate::Outcome), [`ApiErrorKind`](crate::ApiErrorKind),
/// [`RetryPolicy`](crate::RetryPolicy).
pub mod failures {}

#[doc = include_str!("../docs/transports.md")]
///
/// See the modules [`blocking`](crate::blocking) and [`api`](crate::api), and
/// [`HttpClient`](crate::client::HttpClient).
pub mod transports {}

#[doc = include_str!("../docs/workers.md")]
///
/// See [`Builder::from_vars`](crate::Builder::from_vars).
pub mod workers {}

#[doc = include_str!("../docs/moving.md")]
pub mod moving {}
