//! The HTTP API's side of a local server: signatures, faults, records, and the way to each
//! endpoint.

mod channels;
mod events;
mod upgrade;

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, Method, StatusCode, header};
use url::form_urlencoded;

use super::Shared;
use super::abort::Abort;
use super::app::LocalAppState;
use super::fault::Fault;
use super::record::RecordedCall;
use crate::api::{SignatureError, verify};
use upgrade::upgrade;

/// The most bytes of a body that are read: far over every limit, so that a limit is what refuses.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

/// The last second that a date can show, that of a header and that in words.
const LAST_SECOND: u64 = 253_402_300_799;

/// An answer that is no success: its status and the words of its body.
pub(super) struct Refusal {
    status: StatusCode,
    words: String,
    /// The words as they are recorded, where those of the body quote a signature.
    recorded: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self {
            status,
            words: words.into(),
            recorded: None,
        }
    }

    fn unauthorized(refused: &SignatureError, query: &str) -> Self {
        let words = words_of(refused);
        if !matches!(refused, SignatureError::Signature { .. }) {
            return Self::new(StatusCode::UNAUTHORIZED, words);
        }
        let given = form_urlencoded::parse(query.as_bytes()).find(|(key, _)| is_signature(key));
        let given = given.map(|(_, value)| value).unwrap_or_default();
        Self {
            recorded: Some(words.clone()),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                format!("{words}, but you sent {given:?}"),
            )
        }
    }

    fn bad_request(words: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, words)
    }
}

/// A call, read and not yet answered.
struct Call {
    method: Method,
    /// Without the path prefix, as it is signed.
    path: String,
    query: String,
    body: bytes::Bytes,
}

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(abort): ConnectInfo<Abort>,
    request: Request,
) -> Response {
    let Some(path) = request.uri().path().strip_prefix(&*shared.path_prefix) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let path = path.to_owned();
    if let Some(key) = path.strip_prefix("/app/") {
        return upgrade(&shared, key, request).await;
    }
    // In a task of its own, since a client that gives up does not take its call back.
    let answering = tokio::spawn(async move {
        let mut gone = shared.gone.clone();
        tokio::select! {
            response = serve_call(&shared, &abort, path, request) => response,
            _ = gone.changed() => broken(&abort),
        }
    });
    answering
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn serve_call(shared: &Shared, abort: &Abort, path: String, request: Request) -> Response {
    let method = request.method().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let fault = shared.faults.next();
    let mut recorded = RecordedCall {
        method: method.clone(),
        path: path.clone(),
        query: without_signature(&query),
        body: String::new(),
        status: None,
        refusal: None,
        fault: fault.map(|fault| format!("{fault:?}")),
    };
    if fault == Some(Fault::ResetBeforeRead) {
        shared.records.call(recorded);
        return broken(abort);
    }
    let Ok(body) = to_bytes(request.into_body(), MAX_BODY_BYTES).await else {
        return StatusCode::PAYLOAD_TOO_LARGE.into_response();
    };
    recorded.body = String::from_utf8_lossy(&body).into_owned();
    let place = shared.records.call(recorded);
    if let Some(Fault::Delay(delay)) = fault {
        tokio::time::sleep(delay).await;
    }
    let call = Call {
        method,
        path,
        query,
        body,
    };
    let now = now(fault);
    let (status, text) = match planned_answer(fault) {
        Some(status) => (status, "a fault that was asked for".to_owned()),
        None => match answer(shared, &call, now) {
            Ok(json) => (StatusCode::OK, json),
            Err(Refusal {
                status,
                words,
                recorded,
            }) => {
                let refusal = recorded.or_else(|| Some(words.clone()));
                shared.records.update(place, |call| call.refusal = refusal);
                (status, words)
            }
        },
    };
    if fault == Some(Fault::ResetAfterRead) {
        return broken(abort);
    }
    let answered = Some(status.as_u16());
    shared.records.update(place, |call| call.status = answered);
    respond(status, text, fault, now)
}

/// An answer that is never written, since the connection is broken in its place.
fn broken(abort: &Abort) -> Response {
    abort.now();
    StatusCode::OK.into_response()
}

fn planned_answer(fault: Option<Fault>) -> Option<StatusCode> {
    match fault? {
        Fault::Status(status) | Fault::RetryAfter(status, _) => StatusCode::from_u16(status).ok(),
        _ => None,
    }
}

fn respond(status: StatusCode, text: String, fault: Option<Fault>, now: u64) -> Response {
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
fn now(fault: Option<Fault>) -> u64 {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
        .as_secs();
    match fault {
        Some(Fault::ClockOff(seconds)) => now.saturating_add_signed(seconds).min(LAST_SECOND),
        _ => now,
    }
}

fn without_signature(query: &str) -> String {
    let pairs = query.split('&');
    let kept: Vec<_> = pairs
        .filter(|pair| !form_urlencoded::parse(pair.as_bytes()).any(|(key, _)| is_signature(&key)))
        .collect();
    kept.join("&")
}

/// In any casing, as it is verified.
fn is_signature(key: &str) -> bool {
    key.to_lowercase() == "auth_signature"
}

fn answer(shared: &Shared, call: &Call, now: u64) -> Result<String, Refusal> {
    let (app_id, endpoint) = call
        .path
        .strip_prefix("/apps/")
        .and_then(|rest| rest.split_once('/'))
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, "Not found"))?;
    let app = shared
        .apps
        .iter()
        .find(|app| app.app.id() == app_id)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, format!("Unknown app {app_id}")))?;
    verify(
        app.app.tokens(),
        &call.method,
        &call.path,
        &call.query,
        &call.body,
        now,
    )
    .map_err(|refused| Refusal::unauthorized(&refused, &call.query))?;
    let answer = route(app, call, endpoint);
    app.tell_webhooks();
    answer
}

/// The hosted service writes its times as dates.
fn words_of(refused: &SignatureError) -> String {
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

fn route(app: &Arc<LocalAppState>, call: &Call, endpoint: &str) -> Result<String, Refusal> {
    let segments: Vec<_> = endpoint.split('/').collect();
    match (call.method.as_str(), segments.as_slice()) {
        ("POST", ["events"]) => events::trigger(app, &call.body),
        ("POST", ["batch_events"]) => events::trigger_batch(app, &call.body),
        ("GET", ["channels"]) => channels::list(app, &call.query),
        ("GET", ["channels", channel]) => channels::state(app, &decoded(channel)?, &call.query),
        ("GET", ["channels", channel, "users"]) => channels::users(app, &decoded(channel)?),
        ("POST", ["users", user_id, "terminate_connections"]) => {
            app.hub().terminate(&decoded(user_id)?);
            Ok("{}".to_owned())
        }
        _ => Err(Refusal::new(StatusCode::NOT_FOUND, "Not found")),
    }
}

fn decoded(segment: &str) -> Result<String, Refusal> {
    percent_encoding::percent_decode_str(segment)
        .decode_utf8()
        .map(Into::into)
        .map_err(|_| Refusal::bad_request("The path is not UTF-8"))
}
