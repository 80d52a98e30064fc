//! An extractor for verified webhooks.

use axum_core::extract::{FromRef, FromRequest, Request};
use bytes::Bytes;

use super::Rejection;
use crate::client::Pusher;
use crate::webhook::Webhook;

/// Rejects webhooks with a [`Rejection`]: 400, 401 or 413.
///
/// The service then sends the webhook again for 5 minutes.
impl<S> FromRequest<S> for Webhook
where
    Pusher: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request(mut request: Request, state: &S) -> Result<Self, Rejection> {
        let headers = std::mem::take(request.headers_mut());
        let body = Bytes::from_request(request, state).await?;
        Ok(Pusher::from_ref(state).webhook(&headers, body)?)
    }
}
