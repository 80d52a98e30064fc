//! No page of another site may use the console: it signs and triggers for a real app.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use pusher_dev_server::AllowedHosts;

/// Rejects a request that names a host which is not allowed: a site can have its own name looked up
/// as this machine, so that its page would be one of the console's.
pub(crate) async fn check(
    State(allowed): State<AllowedHosts>,
    request: Request,
    next: Next,
) -> Response {
    match allowed.check(request.headers()) {
        Ok(()) => next.run(request).await,
        Err(rejection) => (rejection.status(), rejection.to_string()).into_response(),
    }
}
