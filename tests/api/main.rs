//! The API without a client: every endpoint's exact request, signed for a given time, and the
//! result of reading a response. With the feature `client`, the results are the same as `Pusher`'s.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

mod encrypted_channels;
mod error_responses;
mod requests;
#[cfg(feature = "client")]
mod same_as_client;

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{Method, Request, Response};
use pusher_http::api::{
    ChannelQuery, ChannelsQuery, Endpoint, GenericCall, TerminateConnections, Trigger,
    TriggerBatch, UsersQuery,
};
use pusher_http::{
    ApiErrorKind, App, ChannelName, Error, Event, EventData, Info, Limits, Outcome, SocketId,
};
use serde_json::{Value, json};

const KEY: &str = "278d425bdf160c739803";
const SECRET: &str = "7ad3773142a6692b25b8";
const SIGNED_AT: u64 = 1_353_088_179;

fn app() -> App {
    App::builder("3", KEY, SECRET).build_app().unwrap()
}

fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

fn signed<E: Endpoint>(app: &App, endpoint: &E) -> Request<Bytes> {
    let request = endpoint.request(app).unwrap();
    app.sign(&request, SIGNED_AT).unwrap().into_http()
}

fn response(status: u16, body: &str) -> Response<Bytes> {
    let body = Bytes::copy_from_slice(body.as_bytes());
    Response::builder().status(status).body(body).unwrap()
}

/// Returns the query without its signature, and the signature.
fn split_signature(query: &str) -> (&str, &str) {
    query.split_once("&auth_signature=").unwrap()
}

#[track_caller]
fn assert_post(request: &Request<Bytes>, path: &str, body: &str) {
    assert_eq!(request.method(), Method::POST);
    assert_eq!(request.uri().path(), path);
    assert_eq!(request.body(), body);
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_signed(request, "body_md5");
}

#[track_caller]
fn assert_get(request: &Request<Bytes>, path: &str, query: &str) {
    assert_eq!(request.method(), Method::GET);
    assert_eq!(request.uri().path(), path);
    assert!(request.body().is_empty());
    assert!(!request.headers().contains_key("content-type"));
    let own = format!("auth_key={KEY}&auth_timestamp={SIGNED_AT}&auth_version=1.0{query}");
    assert_eq!(split_signature(request.uri().query().unwrap()).0, own);
    assert_signed(request, "auth_version");
}

/// Asserts that a server accepts the request for 600 seconds.
#[track_caller]
fn assert_signed(request: &Request<Bytes>, has: &str) {
    assert_eq!(request.uri().host(), Some("api-mt1.pusher.com"));
    assert_eq!(request.uri().scheme_str(), Some("https"));
    let library = concat!("pusher-http ", env!("CARGO_PKG_VERSION"));
    assert_eq!(request.headers()["x-pusher-library"], library);
    let query = request.uri().query().unwrap();
    assert!(query.contains(has), "{query}");
    let verify = |now| {
        let (app, path) = (app(), request.uri().path());
        pusher_http::api::verify(
            app.all_credentials(),
            request.method(),
            path,
            query,
            request.body(),
            now,
        )
    };
    verify(SIGNED_AT + 600).unwrap();
    verify(SIGNED_AT + 601).unwrap_err();
}
