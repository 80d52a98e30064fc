//! Prevents pages of other sites from using the console.
//!
//! The console signs and triggers for a real app.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use pusher_dev_server::AllowedHosts;

/// Rejects a request for a host that is not allowed.
///
/// Another site can make its own name resolve to this machine. To the browser, its page would then
/// have the same origin as the console.
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
