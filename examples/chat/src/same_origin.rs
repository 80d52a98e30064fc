//! Prevents other sites from making a visitor's browser act in the visitor's name.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Rejects, with 403, posts that a page of another origin causes a browser to send.
///
/// `SameSite=Lax` already omits the cookie from such requests, but not from those of a neighbouring
/// subdomain; and no cookie is needed to sign a visitor in as another user.
///
/// A request with neither `Sec-Fetch-Site` nor `Origin` does not come from a browser, but from a
/// webhook, for example. It has no cookie to misuse.
pub(crate) async fn check(request: Request, next: Next) -> Response {
    if request.method().is_safe() || is_same_origin(request.headers()) {
        next.run(request).await
    } else {
        (
            StatusCode::FORBIDDEN,
            "The request comes from another site.",
        )
            .into_response()
    }
}

fn is_same_origin(headers: &HeaderMap) -> bool {
    let header = |name| headers.get(name).map(|value| value.to_str().unwrap_or(""));
    match (header("sec-fetch-site"), header(header::ORIGIN.as_str())) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        // Older browsers. The schemes can differ if a proxy terminates TLS.
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(header::HOST.as_str())
        }
        (None, None) => true,
    }
}
