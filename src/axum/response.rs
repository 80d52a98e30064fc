//! Responses to browsers.

use axum_core::response::{IntoResponse, Response};
use http::HeaderValue;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

use crate::auth::{ChannelAuth, JsonpCallback, UserAuth};

/// A response for pages that use the `jsonp` transport.
///
/// It wraps a [`ChannelAuth`] or a [`UserAuth`]. The body is a call of the callback that the
/// request names, or JSON if it names none. Browsers send these requests as `GET`.
///
/// Any site can make a visitor's browser send a JSONP request, and can read the response. See
/// [`JsonpCallback`] before you use this type.
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
    /// Creates the response to a request with this callback.
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
        /// Responds with the JSON, which caches must not store.
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
        // The body contains text from the page. A browser that sniffs the type could take it for
        // something else.
        (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    ];
    (headers, body).into_response()
}
