//! `POST /users/{user_id}/terminate_connections`: closes all connections of a signed-in user.

use bytes::Bytes;

use super::request::encoded_segment;
use super::{Endpoint, Request};
use crate::app::App;
use crate::error::Error;
use crate::json;
use crate::user_id::{IntoUserId, UserId};

/// Closes all connections of a signed-in user.
///
/// ```
/// use pusher_http::api::{Endpoint, TerminateConnections};
/// use pusher_http::App;
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let call = TerminateConnections::new(42)?;
/// let signed_at = 1_353_088_179; // Unix seconds
/// let request = app.sign(&call.request(&app)?, signed_at)?.into_http();
/// assert_eq!(request.uri().path(), "/apps/3/users/42/terminate_connections");
///
/// call.read(&http::Response::new("{}".into()), signed_at)?;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TerminateConnections {
    user_id: UserId,
}

impl TerminateConnections {
    /// Creates a call that closes the connections of this user.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed id.
    pub fn new(user_id: impl IntoUserId) -> Result<Self, Error> {
        let user_id = user_id.into_user_id()?;
        Ok(Self { user_id })
    }
}

impl Endpoint for TerminateConnections {
    const NAME: &'static str = "terminate_connections";
    type Response = ();

    fn request(&self, app: &App) -> Result<Request, Error> {
        self.user_id.check_limits(app.limits())?;
        // URL parsers treat `.` and `..` as path steps, even if they are percent-encoded.
        let id = encoded_segment(self.user_id.as_str());
        Request::post(
            format!("/users/{id}/terminate_connections"),
            Bytes::from_static(b"{}"),
        )
    }

    fn parse(&self, body: &[u8]) -> Result<Self::Response, serde_json::Error> {
        json::object(body, |reader, _| reader.raw().map(drop))
    }
}
