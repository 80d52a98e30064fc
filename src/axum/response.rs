//! What the browser gets back, as a response.

use axum_core::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

use crate::auth::{ChannelAuth, JsonpCallback, UserAuth};

/// An answer for pages on the `jsonp` transport: [`ChannelAuth`] or [`UserAuth`], as a call of the
/// callback that the request names, or as JSON where it names none.
///
/// Any site can make a visitor's browser ask by JSONP and read the answer: see [`JsonpCallback`]
/// before you use it. Browsers ask by `GET`.
///
/// ```
/// use axum::extract::State;
/// use axum::response::Result;
/// use axum::{Router, routing::get};
/// use pusher_http::axum::Jsonp;
/// use pusher_http::{ChannelAuth, ChannelAuthRequest, Pusher};
///
/// async fn channel_auth(
///     State(pusher): State<Pusher>,
///     request: ChannelAuthRequest,
/// ) -> Result<Jsonp<ChannelAuth>> {
///     // Who asks, by more than a cookie, and what they may join.
///     let auth = pusher.authorize_channel(&request.socket_id, &request.channel_name)?;
///     Ok(Jsonp::new(auth, request.callback))
/// }
///
/// let router: Router<Pusher> = Router::new().route("/pusher/auth", get(channel_auth));
/// ```
#[derive(Debug, Clone)]
pub struct Jsonp<T> {
    auth: T,
    callback: Option<JsonpCallback>,
}

impl<T> Jsonp<T> {
    /// The answer to a request with this callback.
    #[must_use]
    pub fn new(auth: T, callback: impl Into<Option<JsonpCallback>>) -> Self {
        Self {
            auth,
            callback: callback.into(),
        }
    }
}

macro_rules! responses {
    ($($auth:ty),*) => {$(
        /// The JSON, which no cache may keep.
        impl IntoResponse for $auth {
            fn into_response(self) -> Response {
                uncached("application/json", self.to_json())
            }
        }

        impl IntoResponse for Jsonp<$auth> {
            fn into_response(self) -> Response {
                match self.callback {
                    Some(callback) => {
                        uncached(JsonpCallback::CONTENT_TYPE, self.auth.to_jsonp(&callback))
                    }
                    None => self.auth.into_response(),
                }
            }
        }
    )*};
}

responses!(ChannelAuth, UserAuth);

fn uncached(content_type: &'static str, body: String) -> Response {
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(content_type)),
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        // A browser that guesses could take it for something else, with a text of the page's in it.
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}
