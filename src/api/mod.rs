//! The HTTP API as data: requests out, responses in, without a network or a clock.
//!
//! Each endpoint is a type. Its [`request`](Endpoint::request) method returns the unsigned request,
//! which [`App::sign`] signs for a point in time. Its [`read`](Endpoint::read) method turns the
//! HTTP response into the typed response or an error. Any HTTP client can send the request;
//! `Pusher` is one of them.
//!
//! ```
//! use pusher_http::App;
//! use pusher_http::api::{Endpoint, Trigger};
//! use serde_json::json;
//!
//! let app = App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8").build_app()?;
//! let trigger = Trigger::new("project-3", "foo", &json!({"some": "data"}))?;
//!
//! let signed_at = 1_353_088_179; // Unix seconds, from your clock
//! let request = app.sign(&trigger.request(&app)?, signed_at)?.into_http();
//! assert_eq!(request.uri().path(), "/apps/3/events");
//!
//! // Your HTTP client goes here.
//! let received = http::Response::new(bytes::Bytes::from_static(b"{}"));
//! let response = trigger.read(&received, signed_at)?;
//! assert!(response.channels.is_empty());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # The endpoints
//!
//! | type | call | response |
//! |---|---|---|
//! | [`Trigger`] | `POST /events` | [`TriggerResponse`] |
//! | [`TriggerBatch`] | `POST /batch_events` | [`TriggerBatchResponse`] |
//! | [`ChannelsQuery`] | `GET /channels` | a map from names to [`ChannelCounts`] |
//! | [`ChannelQuery`] | `GET /channels/{channel}` | [`ChannelState`] |
//! | [`UsersQuery`] | `GET /channels/{channel}/users` | a list of [`User`] |
//! | [`TerminateConnections`] | `POST /users/{user_id}/terminate_connections` | nothing |
//! | [`GenericCall`] | any other | the type you choose |
//!
//! Each has an example. A request holds only as much as the service accepts at once. To send more,
//! split a trigger with [`Trigger::split`], or a batch's events with `chunks`.
//!
//! # An HTTP client of your own
//!
//! Your client must send each signed request once, within 600 seconds of the time that it was
//! signed for. It must not follow redirects, since the URL is signed for one address. It reads a
//! response of any status, up to a size limit, and keeps the URL out of its logs. It reports
//! failures as the rest of this crate does, with [`Error::connect`], [`Error::timeout`] and
//! [`Error::transport`]. Then [`Error::outcome`] and [`Error::is_retryable`] say whether to send
//! the request again, with a new signature:
//!
//! ```
//! use std::time::{SystemTime, UNIX_EPOCH};
//!
//! use bytes::Bytes;
//! use http::{Request, Response};
//! use pusher_http::api::{ChannelsQuery, Endpoint};
//! use pusher_http::{App, Error, Outcome};
//!
//! fn call<E: Endpoint>(app: &App, endpoint: &E) -> Result<E::Response, Error> {
//!     let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
//!     let signed_at = now.as_secs();
//!     let request = app.sign(&endpoint.request(app)?, signed_at)?.into_http();
//!     endpoint.read(&send(request)?, signed_at)
//! }
//!
//! fn send(_: Request<Bytes>) -> Result<Response<Bytes>, Error> {
//!     Err(Error::connect("nobody listens"))
//! }
//!
//! let app = App::builder("3", "key", "secret").build_app()?;
//! let error = call(&app, &ChannelsQuery::new()).unwrap_err();
//! assert!(error.is_retryable() && error.outcome() == Outcome::NotAccepted);
//! # Ok::<(), Error>(())
//! ```
//!
//! The examples `ureq` and `hyper` are complete programs of this kind. `Pusher` adds batches,
//! retries and a report of what was sent. To use your own client with it, implement its
//! `HttpClient` trait.
//!
//! # Encrypted channels
//!
//! [`Endpoint::request`] rejects data for an encrypted channel until the data is encrypted, so such
//! data is never sent in plain text. Encryption needs the key that [`App::encryption_key`] returns,
//! and a nonce of 24 bytes. Use a new random nonce for every event.
//!
//! ```
//! use pusher_http::api::{Endpoint, Trigger, TriggerBatch};
//! use pusher_http::{App, Error, Event};
//!
//! /// From your source of randomness, such as the crate `getrandom`.
//! fn nonce() -> [u8; 24] {
//!     # /*
//!     ...
//!     # */ [7; 24]
//! }
//!
//! let app = App::builder("3", "key", "secret")
//!     .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
//!     .build_app()?;
//!
//! let mut trigger = Trigger::new("private-encrypted-room", "message", "hello")?;
//! assert!(matches!(trigger.request(&app), Err(Error::Encryption { .. })));
//! if trigger.needs_encryption() {
//!     trigger = trigger.encrypted(app.encryption_key()?, nonce())?;
//! }
//! let request = trigger.request(&app)?;
//!
//! // The events of a batch that don't need it stay as they are.
//! let mut events = Vec::new();
//! for channel in ["private-encrypted-room", "room"] {
//!     let event = Event::new(channel, "message", "hello")?;
//!     events.push(event.encrypted(app.encryption_key()?, nonce())?);
//! }
//! let request = TriggerBatch::new(&events).request(&app)?;
//! # Ok::<(), Error>(())
//! ```

mod channel;
mod channels;
mod counts;
mod generic;
mod request;
mod terminate;
mod trigger;
mod trigger_batch;
mod users;
mod verify;

pub use channel::{CachedEvent, ChannelQuery, ChannelState};
pub use channels::ChannelsQuery;
pub use counts::ChannelCounts;
pub use generic::GenericCall;
pub(crate) use request::Address;
pub use request::{Request, SignedRequest};
pub use terminate::TerminateConnections;
pub use trigger::{Trigger, TriggerResponse};
pub use trigger_batch::{TriggerBatch, TriggerBatchResponse};
pub use users::{User, UsersQuery};
pub use verify::{SignatureError, verify};

use std::time::{Duration, UNIX_EPOCH};

use bytes::Bytes;

use crate::app::App;
use crate::error::{ApiError, Error};

/// A call of the HTTP API.
pub trait Endpoint {
    /// The name of the call in errors and spans, such as `trigger`.
    const NAME: &'static str;

    /// The type of a successful response.
    type Response;

    /// Builds the unsigned request, after all checks that are possible before sending.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`], [`Error::Limit`] or [`Error::Encryption`] for a request that the service
    /// would reject. The error names the reason.
    fn request(&self, app: &App) -> Result<Request, Error>;

    /// Parses the body of a successful response.
    ///
    /// # Errors
    ///
    /// The errors of the JSON parser.
    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error>;

    /// Turns an HTTP response into the typed response.
    ///
    /// `signed_at` is the time that the request was signed for, in Unix seconds. An error can use
    /// it to report how far this machine's clock is off.
    ///
    /// # Errors
    ///
    /// [`Error::Api`] for any status except 2xx, [`Error::Decode`] for a body that is not a
    /// response to this call.
    fn read(
        &self,
        response: &http::Response<Bytes>,
        signed_at: u64,
    ) -> Result<Self::Response, Error> {
        let status = response.status();
        if !status.is_success() {
            return Err(api_error(response, signed_at).into());
        }
        self.parse(response.body())
            .map_err(|error| Error::decode(Self::NAME, status.as_u16(), &error))
    }
}

fn api_error(response: &http::Response<Bytes>, signed_at: u64) -> ApiError {
    let header = |name| response.headers().get(name)?.to_str().ok();
    let date = header(http::header::DATE).and_then(unix_seconds_of);
    // `Retry-After` dates are by the service's clock, which may differ from ours.
    let now = date.unwrap_or(signed_at);
    let retry_after = header(http::header::RETRY_AFTER).and_then(|wait| {
        let is_number = wait.bytes().all(|b| b.is_ascii_digit());
        let seconds = |wait: &str| wait.parse().ok().filter(|_| is_number);
        seconds(wait).or_else(|| Some(unix_seconds_of(wait)?.saturating_sub(now)))
    });
    ApiError::new(
        response.status().as_u16(),
        response.body(),
        date,
        signed_at,
        retry_after.map(Duration::from_secs),
    )
}

fn unix_seconds_of(http_date: &str) -> Option<u64> {
    let date = httpdate::parse_http_date(http_date).ok()?;
    let since_epoch = date.duration_since(UNIX_EPOCH).ok()?;
    Some(since_epoch.as_secs())
}
