//! No other site may make a visitor's browser act in their name.

use axum::extract::Request;
use axum::http::{HeaderMap, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

/// Refuses, by 403, what a page of another origin makes a browser post. `SameSite=Lax` keeps the
/// cookie off such requests already, but not off those of a neighbouring subdomain; and signing a
/// visitor in as somebody else takes no cookie.
///
/// What has neither header comes from no browser, such as a webhook: it has no cookie to misuse.
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
        // Older browsers. The schemes can differ where a proxy has taken TLS off.
        (None, Some(origin)) => {
            let host = origin.split_once("://").map(|(_, host)| host);
            host.is_some() && host == header(header::HOST.as_str())
        }
        (None, None) => true,
    }
}
