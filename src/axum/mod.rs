//! Extractors and responses for [axum](https://docs.rs/axum) and all users of `axum-core`.
//!
//! A handler takes the browser's request or a verified webhook as an argument. It returns the
//! response or an [`Error`](crate::Error):
//!
//! ```
//! use axum::extract::State;
//! use axum::http::StatusCode;
//! use axum::response::Result;
//! use axum::{Router, routing::post};
//! use pusher_http::{ChannelAuth, ChannelAuthRequest, Pusher, Webhook};
//!
//! async fn channel_auth(
//!     State(pusher): State<Pusher>,
//!     request: ChannelAuthRequest,
//! ) -> Result<ChannelAuth> {
//!     // Who asks, and what they may join, is yours to decide.
//!     if request.channel_name != "private-lobby" {
//!         return Err(StatusCode::FORBIDDEN.into());
//!     }
//!     Ok(pusher.authorize_channel(&request.socket_id, &request.channel_name)?)
//! }
//!
//! async fn webhook(webhook: Webhook) {
//!     for event in webhook.events {
//!         println!("{} on {:?}", event.name(), event.channel());
//!     }
//! }
//!
//! let pusher = Pusher::builder("app-id", "key", "secret").build()?;
//! let router: Router = Router::new()
//!     .route("/pusher/auth", post(channel_auth))
//!     .route("/pusher/webhook", post(webhook))
//!     .with_state(pusher);
//! # Ok::<(), pusher_http::Error>(())
//! ```
//!
//! # Extractors
//!
//! [`ChannelAuthRequest`](crate::ChannelAuthRequest) and
//! [`UserAuthRequest`](crate::UserAuthRequest) read the query of a `GET` or a `HEAD`. For every
//! other request they read the body according to its media type:
//! `application/x-www-form-urlencoded`, as pusher-js posts it, or JSON. A body is read up to
//! [`ChannelAuthRequest::MAX_BODY_BYTES`](crate::ChannelAuthRequest::MAX_BODY_BYTES), regardless of
//! the router's limit.
//!
//! [`Webhook`](crate::Webhook) takes the [`Pusher`](crate::Pusher) from the router's state, with
//! `FromRef` if the state is not a `Pusher` itself. It verifies the raw body like
//! [`Pusher::webhook`](crate::Pusher::webhook). The body is read up to the router's limit, which is
//! 2 MB unless a `DefaultBodyLimit` changes it.
//!
//! A rejected request never reaches the handler:
//!
//! | reason | status |
//! |---|---|
//! | a field is missing, malformed or given twice | 400 |
//! | a webhook has no body, or its signed body is not that of a webhook | 400 |
//! | a webhook is not signed, is signed with another secret, or is outside of the window | 401 |
//! | the body is over the limit | 413 |
//! | the body is neither a form nor JSON | 415 |
//!
//! # Responses
//!
//! The response of a [`ChannelAuth`](crate::ChannelAuth) or a [`UserAuth`](crate::UserAuth) is its
//! JSON. Caches must not store it, since it is a credential. A callback in the request does not
//! change the response. To support pages that use the `jsonp` transport, return a [`Jsonp`].
//!
//! The response of an [`Error`](crate::Error) is a status and a short fixed message. It does not
//! reveal the details of the error: no name, no value, and nothing of the service's message.
//!
//! | error | status |
//! |---|---|
//! | a name, an id or a combination that is invalid in the protocol | 400 |
//! | over a limit, checked by this crate or by the service | 413 |
//! | the configuration, a value that can't be serialised, encryption, no random bytes | 500 |
//! | any other rejection or response of the service, a broken connection | 502 |
//! | no connection, or the service's 429: nothing was done, and a retry can help | 503 |
//! | a timeout or a deadline | 504 |
//!
//! The 503 has the service's `Retry-After`. The error itself is in the response's extensions, as an
//! `Arc<Error>`, for logging:
//!
//! ```
//! use std::sync::Arc;
//!
//! use axum::{Router, middleware::map_response, response::Response};
//! use pusher_http::Error;
//!
//! async fn log(response: Response) -> Response {
//!     if let Some(error) = response.extensions().get::<Arc<Error>>() {
//!         eprintln!("{error}");
//!     }
//!     response
//! }
//!
//! let router: Router = Router::new().layer(map_response(log));
//! ```

mod auth_request;
mod error;
mod rejection;
mod response;
mod webhook;

pub use rejection::Rejection;
pub use response::Jsonp;
