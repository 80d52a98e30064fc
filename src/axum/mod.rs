//! Extractors and responses for [axum](https://docs.rs/axum) and everything else on `axum-core`.
//!
//! A handler takes the browser's request, or a verified webhook, as an argument, and gives the answer,
//! or an [`Error`](crate::Error), as its result:
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
//! [`ChannelAuthRequest`](crate::ChannelAuthRequest) and [`UserAuthRequest`](crate::UserAuthRequest)
//! read the query of a `GET` or a `HEAD`, and the body of every other request by its media type:
//! `application/x-www-form-urlencoded`, as pusher-js posts it, or JSON. A body is read up to
//! [`ChannelAuthRequest::MAX_BODY_BYTES`](crate::ChannelAuthRequest::MAX_BODY_BYTES), whatever limit the router sets.
//!
//! [`Webhook`](crate::Webhook) takes the [`Pusher`](crate::Pusher) from the router's state, by
//! `FromRef` where that is more than a `Pusher`, and verifies the raw body as
//! [`Pusher::webhook`](crate::Pusher::webhook) does. The body is read up to the router's own limit:
//! 2 MB, unless a `DefaultBodyLimit` says otherwise.
//!
//! A request that is refused never comes to the handler:
//!
//! | what is wrong | status |
//! |---|---|
//! | a field is missing, malformed or given twice | 400 |
//! | a webhook without a body, or whose signed body is not a webhook's | 400 |
//! | a webhook that is not signed, is signed with another secret, or is outside the window | 401 |
//! | more bytes than are read | 413 |
//! | neither a form nor JSON | 415 |
//!
//! # Responses
//!
//! [`ChannelAuth`](crate::ChannelAuth) and [`UserAuth`](crate::UserAuth) answer with their JSON, not
//! to be stored by a cache: it is a credential. A callback in the request does not change that; pages
//! on the `jsonp` transport are answered with [`Jsonp`], by your choice.
//!
//! An [`Error`](crate::Error) answers with a status and a few words of its own, in which nothing of
//! what went wrong is told: no name, no value, none of the service's words.
//!
//! | what went wrong | status |
//! |---|---|
//! | a name, an id or a combination that the protocol refuses | 400 |
//! | over a limit, here or at the service | 413 |
//! | the configuration, a value that can't be serialised, encryption, no random bytes | 500 |
//! | any other refusal or answer of the service, a broken connection | 502 |
//! | no connection, or the service's 429: nothing was done, and trying again helps | 503 |
//! | a timeout or a deadline | 504 |
//!
//! The 503 has the service's `Retry-After`. The error itself goes along in the response's extensions,
//! as an `Arc<Error>`, for a log:
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
