//! An API on Cloudflare Workers that notifies users of actions that concern them.

mod auth;
mod backend;
mod lobby;
mod offers;
mod session;
mod webhook;

use bytes::{Bytes, BytesMut};
use http::header::CONTENT_TYPE;
use http::{Response, StatusCode};
use http_body_util::BodyExt as _;
use worker::{Body, Context, Env, HttpRequest, event};

use backend::Backend;

/// The largest body that is read, in bytes. It is far above what pages and the service send.
const MAX_BODY_BYTES: usize = 1_000_000;

#[event(fetch)]
async fn fetch(request: HttpRequest, env: Env, _: Context) -> worker::Result<Response<String>> {
    let backend = Backend::of(&env)?;
    let (head, body) = request.into_parts();
    let Some(body) = read(body).await? else {
        return Ok(status(StatusCode::PAYLOAD_TOO_LARGE));
    };
    Ok(match (head.method.as_str(), head.uri.path()) {
        ("GET", "/lobby") => lobby::list(backend, &head.headers).await,
        ("POST", "/offers") => offers::make(backend, &head.headers, &body).await,
        ("POST", "/pusher/auth") => auth::authorize(backend, &head.headers, &body),
        ("POST", "/pusher/webhook") => webhook::receive(backend, &head.headers, &body),
        _ => status(StatusCode::NOT_FOUND),
    })
}

/// Reads the body; returns `None` if it is over the limit.
async fn read(mut body: Body) -> worker::Result<Option<Bytes>> {
    let mut read = BytesMut::new();
    while let Some(frame) = body.frame().await {
        if let Ok(piece) = frame?.into_data() {
            if read.len() + piece.len() > MAX_BODY_BYTES {
                return Ok(None);
            }
            read.extend_from_slice(&piece);
        }
    }
    Ok(Some(read.freeze()))
}

fn json(status: StatusCode, json: String) -> Response<String> {
    let mut response = Response::new(json);
    *response.status_mut() = status;
    let json = http::HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

fn status(status: StatusCode) -> Response<String> {
    let mut response = Response::default();
    *response.status_mut() = status;
    response
}
