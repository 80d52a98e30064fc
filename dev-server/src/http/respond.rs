//! Builds the responses of the HTTP API.

use std::time::{Duration, UNIX_EPOCH};

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use crate::fault::Fault;

pub(super) fn respond(
    status: StatusCode,
    text: String,
    fault: Option<Fault>,
    now: u64,
) -> Response {
    let text = if fault == Some(Fault::Garbage) {
        "\u{0}garbage".to_owned()
    } else {
        text
    };
    let content_type = if status.is_success() {
        "application/json"
    } else {
        "text/plain; charset=utf-8"
    };
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(Fault::RetryAfter(_, seconds)) = fault {
        headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    let date = UNIX_EPOCH + Duration::from_secs(now);
    if let Ok(date) = HeaderValue::from_str(&httpdate::fmt_http_date(date)) {
        headers.insert(header::DATE, date);
    }
    response
}
