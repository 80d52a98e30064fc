//! The HTTP API of the server: handles requests, records them, and plays faults on them.

mod call;
mod channels;
mod clock;
mod events;
mod query;
mod refusal;
mod respond;
mod upgrade;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{ConnectInfo, Request, State};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt as _;
use http::StatusCode;

use self::call::{ApiPath, Call};
use self::refusal::Refusal;
use self::respond::respond;
use self::upgrade::upgrade;
use super::Shared;
use super::abort::Abort;
use super::clip::clipped;
use super::fault::Fault;
use super::record::RecordedCall;

/// The maximum size of a body that is read, in bytes.
///
/// It is far above every limit, so that a body that is too large is rejected by a limit.
const MAX_BODY_BYTES: usize = 64 * 1024 * 1024;

pub(super) async fn serve(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(abort): ConnectInfo<Abort>,
    request: Request,
) -> Response {
    if let Err(rejection) = shared.allowed_hosts.check(request.headers()) {
        return unserved(&shared, &request, rejection.status(), rejection.to_string());
    }
    let whole_path = request.uri().path().to_owned();
    let Some(path) = whole_path.strip_prefix(&*shared.path_prefix) else {
        return not_found(&shared, &request);
    };
    if let Some(key) = path.strip_prefix("/app/") {
        return upgrade(&shared, &abort, key, request).await;
    }
    let Some(path) = ApiPath::new(path) else {
        return not_found(&shared, &request);
    };
    // Runs in its own task: a client that gives up does not cancel its call.
    let answering = tokio::spawn(async move {
        let mut gone = shared.gone.clone();
        tokio::select! {
            // A server that has ended accepts no calls.
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
    let now = clock::now(fault);
    let answer = |body| {
        let call = Call {
            method,
            path,
            query,
            body,
        };
        call.answer(shared, now).map(|json| (StatusCode::OK, json))
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

/// Creates the record of a call before its body is read, without its signature.
fn unread(app_id: &str, request: &Request, path: &str) -> RecordedCall {
    RecordedCall {
        app_id: app_id.to_owned(),
        method: request.method().clone(),
        path: path.to_owned(),
        query: query::without_signature(request.uri().query().unwrap_or_default()),
        body: String::new(),
        status: None,
        refusal: None,
        fault: None,
    }
}

/// Responds to a request for a path that is not part of the API.
fn not_found(shared: &Shared, request: &Request) -> Response {
    let message = if api_path(request).is_some() {
        let prefix = &shared.path_prefix;
        format!("Not found: the API's paths begin with {prefix}/apps/")
    } else {
        "Not found".to_owned()
    };
    unserved(shared, request, StatusCode::NOT_FOUND, message)
}

/// Responds to a request that is not served.
///
/// A call of the API is recorded, under any path prefix. Other requests, such as a browser's for an
/// icon, are not. Neither has a fault played on it.
fn unserved(shared: &Shared, request: &Request, status: StatusCode, message: String) -> Response {
    let message = clipped(message);
    if let Some(path) = api_path(request) {
        let whole = request.uri().path();
        // The record shows a wrong prefix.
        let path_shown = match whole.strip_prefix(&*shared.path_prefix) {
            Some(rest) if rest == path.whole => rest,
            _ => whole,
        };
        let mut recorded = unread(&path.app_id, request, path_shown);
        recorded.status = Some(status.as_u16());
        recorded.refusal = Some(message.clone());
        shared.records.call(recorded);
    }
    (status, message).into_response()
}

/// Returns the path of a call of the API, under any path prefix.
fn api_path(request: &Request) -> Option<ApiPath> {
    let path = request.uri().path();
    let start = path.find("/apps/")?;
    ApiPath::new(&path[start..])
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

/// Breaks the connection. The returned response is never written.
fn broken(abort: &Abort) -> Response {
    abort.now();
    StatusCode::OK.into_response()
}
