//! The HTTP API's side of a local server: signatures, faults, records, and the way to each
//! endpoint.

mod channels;
mod events;
mod respond;
mod upgrade;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::{Method, StatusCode};
use url::form_urlencoded;

use self::respond::{now, respond, words_of};
use self::upgrade::upgrade;
use super::Shared;
use super::abort::Abort;
use super::app_state::LocalAppState;
use super::fault::Fault;
use super::frame::clipped;
use super::record::RecordedCall;
use crate::api::{SignatureError, verify};

/// The most bytes of a body that are read: far over every limit, so that a limit is what refuses.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

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
            words: clipped(words.into()),
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

/// A path of the API.
struct ApiPath {
    /// As it is signed, which is without the path prefix.
    whole: String,
    app_id: String,
    endpoint: String,
}

impl ApiPath {
    fn new(path: &str) -> Option<Self> {
        let (app_id, endpoint) = path.strip_prefix("/apps/")?.split_once('/')?;
        Some(Self {
            whole: path.to_owned(),
            app_id: app_id.to_owned(),
            endpoint: endpoint.to_owned(),
        })
    }
}

/// A call, read and not yet answered.
struct Call {
    method: Method,
    path: ApiPath,
    query: String,
    body: Bytes,
}

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(abort): ConnectInfo<Abort>,
    request: Request,
) -> Response {
    let whole_path = request.uri().path().to_owned();
    let Some(path) = whole_path.strip_prefix(&*shared.path_prefix) else {
        return astray(&shared, &request);
    };
    if let Some(key) = path.strip_prefix("/app/") {
        return upgrade(&shared, &abort, key, request).await;
    }
    // Browsers ask for icons: that is no call, and a fault is not for it.
    let Some(path) = ApiPath::new(path) else {
        return astray(&shared, &request);
    };
    // In a task of its own, since a client that gives up does not take its call back.
    let answering = tokio::spawn(async move {
        let mut gone = shared.gone.clone();
        tokio::select! {
            // A server that has ended takes no call.
            biased;
            _ = gone.changed() => broken(&abort),
            response = serve_call(&shared, &abort, path, request) => response,
        }
    });
    answering
        .await
        .unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

async fn serve_call(shared: &Shared, abort: &Abort, path: ApiPath, request: Request) -> Response {
    let method = request.method().clone();
    let query = request.uri().query().unwrap_or_default().to_owned();
    let fault = shared.faults.next();
    let mut recorded = unread(&path.app_id, &request, &path.whole);
    recorded.fault = fault.map(|fault| format!("{fault:?}"));
    let place = shared.records.call(recorded);
    if fault == Some(Fault::ResetBeforeRead) {
        return broken(abort);
    }
    let body = read(request.into_body()).await;
    if let Ok(body) = &body {
        let text = String::from_utf8_lossy(body).into_owned();
        shared.records.update(place, |call| call.body = text);
    }
    if let Some(Fault::Delay(delay)) = fault {
        tokio::time::sleep(delay).await;
    }
    let now = now(fault);
    let answer = |body| {
        let call = Call {
            method,
            path,
            query,
            body,
        };
        answer(shared, &call, now).map(|json| (StatusCode::OK, json))
    };
    let answered = match fault.and_then(Fault::status) {
        Some(Ok(status)) => Ok((status, "a fault that was asked for".to_owned())),
        Some(Err(words)) => Err(Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, words)),
        None => body.and_then(answer),
    };
    let (status, text) = answered.unwrap_or_else(|refusal| {
        let words = refusal.words;
        let recorded = refusal.recorded.or_else(|| Some(words.clone()));
        shared.records.update(place, |call| call.refusal = recorded);
        (refusal.status, words)
    });
    if fault == Some(Fault::ResetAfterRead) {
        return broken(abort);
    }
    let answered = Some(status.as_u16());
    shared.records.update(place, |call| call.status = answered);
    respond(status, text, fault, now)
}

/// A call before it is read, its signature left out.
fn unread(app_id: &str, request: &Request, path: &str) -> RecordedCall {
    RecordedCall {
        app_id: app_id.to_owned(),
        method: request.method().clone(),
        path: path.to_owned(),
        query: without_signature(request.uri().query().unwrap_or_default()),
        body: String::new(),
        status: None,
        refusal: None,
        fault: None,
    }
}

/// What is asked for where the API is not. A call of the API by a wrong prefix is recorded; browsers
/// ask for icons, which is no call. A fault is for neither.
fn astray(shared: &Shared, request: &Request) -> Response {
    let path = request.uri().path();
    let status = StatusCode::NOT_FOUND;
    let call = path
        .find("/apps/")
        .and_then(|start| ApiPath::new(&path[start..]));
    let Some(ApiPath { app_id, .. }) = call else {
        return (status, "Not found").into_response();
    };
    let prefix = &shared.path_prefix;
    let words = clipped(format!(
        "Not found: the API's paths begin with {prefix}/apps/"
    ));
    let mut recorded = unread(&app_id, request, path);
    recorded.status = Some(status.as_u16());
    recorded.refusal = Some(words.clone());
    shared.records.call(recorded);
    (status, words).into_response()
}

async fn read(body: Body) -> Result<Bytes, Refusal> {
    let mut chunks = body.into_data_stream();
    let mut body = BytesMut::new();
    while let Some(chunk) = chunks.next().await {
        let chunk =
            chunk.map_err(|error| Refusal::bad_request(format!("The body ends early: {error}")))?;
        if body.len() + chunk.len() > MAX_BODY_BYTES {
            let words = format!("The body is over {MAX_BODY_BYTES} bytes");
            return Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, words));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}

/// An answer that is never written, since the connection is broken in its place.
fn broken(abort: &Abort) -> Response {
    abort.now();
    StatusCode::OK.into_response()
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
    let app_id = &call.path.app_id;
    let app = shared
        .apps
        .iter()
        .find(|app| app.app.id() == *app_id)
        .ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, format!("Unknown app {app_id}")))?;
    verify(
        app.app.tokens(),
        &call.method,
        &call.path.whole,
        &call.query,
        &call.body,
        now,
    )
    .map_err(|refused| Refusal::unauthorized(&refused, &call.query))?;
    let answer = route(app, call);
    app.tell_webhooks();
    answer
}

fn route(app: &Arc<LocalAppState>, call: &Call) -> Result<String, Refusal> {
    let segments: Vec<_> = call.path.endpoint.split('/').collect();
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
