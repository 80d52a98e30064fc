//! What an answer of the HTTP API looks like, and the clock that it tells.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::Body;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};

use crate::api::SignatureError;
use crate::local::fault::Fault;

/// The last second that a date can show, that of a header and that in words.
const LAST_SECOND: u64 = 253_402_300_799;

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
        "text/plain"
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

/// The server's time in Unix seconds, wrong where a fault says so.
pub(super) fn now(fault: Option<Fault>) -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    match fault {
        Some(Fault::ClockOff(seconds)) => now.saturating_add_signed(seconds).min(LAST_SECOND),
        _ => now,
    }
}

/// The hosted service writes its times as dates.
pub(super) fn words_of(refused: &SignatureError) -> String {
    let SignatureError::Timestamp { given, server } = refused else {
        return refused.to_string();
    };
    let date = |seconds: u64| {
        let time = UNIX_EPOCH.checked_add(Duration::from_secs(seconds))?;
        (seconds <= LAST_SECOND).then(|| humantime::format_rfc3339_seconds(time).to_string())
    };
    let given = given
        .parse()
        .ok()
        .and_then(date)
        .unwrap_or_else(|| given.clone());
    let server = date(*server).unwrap_or_default();
    format!(
        "Timestamp expired: Given timestamp ({given}) not within 600s of server time ({server})"
    )
}
