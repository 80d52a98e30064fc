// The first definition of a link wins. In the README, these links lead to files.
#![cfg_attr(
    feature = "full",
    doc = "[notify]: guide::notify\n",
    doc = "[chat]: guide::chat\n",
    doc = "[presence]: guide::presence\n",
    doc = "[encryption]: guide::encryption\n",
    doc = "[webhooks]: guide::webhooks\n",
    doc = "[testing]: guide::testing\n",
    doc = "[failures]: guide::failures\n",
    doc = "[transports]: guide::transports\n",
    doc = "[workers]: guide::workers\n",
    doc = "[moving]: guide::moving\n",
    doc = include_str!("../README.md")
)]
#![cfg_attr(
    not(feature = "full"),
    doc = "The server side of Pusher Channels. [`App`] signs, authorizes and verifies, [`api`] has the\n",
    doc = "requests, and with the feature `client`, which the default ones bring, `Pusher` sends them.\n\n",
    doc = "This page includes the README and the guides if all features are enabled: see\n",
    doc = "[docs.rs](https://docs.rs/pusher-http)."
)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![forbid(unsafe_code)]

#[cfg(all(
    target_family = "wasm",
    target_os = "unknown",
    any(feature = "blocking", feature = "hyper")
))]
compile_error!(
    "the features `blocking` and `hyper` need sockets and threads, which \
     wasm32-unknown-unknown does not have: use the default features"
);

mod app;
mod builder;
mod channel;
mod credentials;
pub mod encryption;
mod error;
mod event;
mod event_name;
mod json;
mod json_text;
mod limits;
mod presence_member;
mod socket_id;
mod string_newtype;
mod user_data;
mod user_id;

pub mod api;
pub mod auth;
pub mod webhook;

#[cfg(feature = "client")]
pub mod client;

#[cfg(feature = "blocking")]
pub mod blocking;

#[cfg(feature = "axum")]
pub mod axum;

// Documentation only: its examples need these features.
#[cfg(all(any(doc, doctest), feature = "full"))]
#[cfg_attr(docsrs, doc(auto_cfg = false))]
pub mod guide;

#[doc(inline)]
pub use api::{ChannelCounts, ChannelState, TriggerBatchResponse, TriggerResponse};
pub use app::App;
#[doc(inline)]
pub use auth::{ChannelAuth, ChannelAuthRequest, UserAuth, UserAuthRequest};
pub use builder::Builder;
pub use channel::{ChannelKind, ChannelName, IntoChannelName, IntoChannels, Many, One};
#[cfg(feature = "client")]
#[doc(inline)]
pub use client::{BatchError, Pusher, RetryPolicy};
pub use credentials::Credentials;
pub use error::{ApiError, ApiErrorKind, ChannelOutcome, Error, Outcome, Partial, WebhookError};
pub use event::{Event, EventData, Info, IntoEvent, IntoEventData, IntoSocketId};
pub use event_name::{EventName, IntoEventName};
pub use json_text::{Extra, JsonText};
pub use limits::Limits;
pub use presence_member::PresenceMember;
pub use socket_id::SocketId;
pub use user_data::UserData;
pub use user_id::{IntoUserId, UserId};
#[doc(inline)]
pub use webhook::{Webhook, WebhookEvent, WebhookSignature};

// Crates with types in this crate's public signatures.
pub use bytes;
pub use http;
#[cfg(all(
    feature = "reqwest",
    not(all(target_family = "wasm", target_os = "unknown"))
))]
pub use reqwest;
pub use url;
