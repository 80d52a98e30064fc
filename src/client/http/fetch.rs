//! The default HTTP client on `wasm32-unknown-unknown`, based on the host's `fetch`.
//!
//! reqwest also calls `fetch` there, but has no option that turns off redirects.

use std::pin::pin;
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response, StatusCode};
use js_sys::{Array, Function, Promise, Reflect, Uint8Array};
use send_wrapper::SendWrapper;
use wasm_bindgen::{JsCast as _, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, Headers, ReadableStreamDefaultReader, ReadableStreamReadResult, RequestInit,
    RequestRedirect,
};

use super::{Body, HttpClient, ResponseFuture, SendLimits, before};
use crate::api::SignedRequest;
use crate::app::App;
use crate::client::ClientSettings;
use crate::client::platform::sleep;
use crate::error::Error;

/// An HTTP client without state.
///
/// In a Worker, objects that belong to one request must not be used in another.
struct FetchClient;

impl ClientSettings {
    pub(in crate::client) fn default_http_client(
        self,
        _: &App,
    ) -> Result<Arc<dyn HttpClient>, Error> {
        if self.proxy.is_some() {
            let reason = "can't be set on wasm: the host's fetch makes the connections";
            return Err(Error::config("proxy", reason));
        }
        Ok(Arc::new(FetchClient))
    }
}

impl HttpClient for FetchClient {
    fn send(&self, request: SignedRequest, limits: SendLimits) -> ResponseFuture<'_> {
        // Host values are bound to their thread. Most hosts have only one thread. On a host with
        // several, a call panics if it is moved to another thread.
        Box::pin(SendWrapper::new(exchange(request, limits)))
    }
}

async fn exchange(request: SignedRequest, limits: SendLimits) -> Result<Response<Bytes>, Error> {
    let mut end = pin!(sleep(limits.timeout));
    let failed = |thrown: JsValue| broken(&thrown);
    let abort = AbortOnDrop(AbortController::new().map_err(failed)?);
    let response = JsFuture::from(start(request.as_http(), &abort.0).map_err(failed)?);
    let response = before(end.as_mut(), limits, pin!(response)).await?;
    let response: web_sys::Response = response.and_then(JsValue::dyn_into).map_err(failed)?;

    let Ok(status) = StatusCode::from_u16(response.status()) else {
        return Err(hidden_redirect());
    };
    let mut whole = Response::new(());
    *whole.status_mut() = status;
    *whole.headers_mut() = headers_of(&response.headers());
    let mut body = Body::new(status, limits);
    let Some(stream) = response.body() else {
        return Ok(whole.map(|()| body.into_bytes()));
    };
    let reader = ReadableStreamDefaultReader::new(&stream).map_err(failed)?;
    loop {
        let next = before(end.as_mut(), limits, pin!(next_piece(&reader))).await;
        if !body.take(next.and_then(|next| next.map_err(failed)))? {
            return Ok(whole.map(|()| body.into_bytes()));
        }
    }
}

/// Calls the host's `fetch`.
///
/// Only the necessary options are set, since workerd throws on options that it does not support,
/// such as `cache` and `credentials`.
fn start(request: &Request<Bytes>, abort: &AbortController) -> Result<Promise, JsValue> {
    let headers = Headers::new()?;
    for (name, value) in request.headers() {
        // All header values of this crate are ASCII.
        headers.set(name.as_str(), value.to_str().unwrap_or_default())?;
    }
    let init = RequestInit::new();
    init.set_method(request.method().as_str());
    init.set_headers_headers(&headers);
    // workerd rejects "error".
    init.set_redirect(RequestRedirect::Manual);
    init.set_signal(Some(&abort.signal()));
    if !request.body().is_empty() {
        init.set_body_opt_u8_array(Some(&Uint8Array::from(&request.body()[..])));
    }

    // Called through reflection, since `fetch` may be missing, and may throw instead of returning a
    // rejected promise.
    let global = js_sys::global();
    let fetch: Function = Reflect::get(&global, &"fetch".into())?.dyn_into()?;
    let url = JsValue::from_str(&request.uri().to_string());
    fetch.call2(&global, &url, &init)?.dyn_into()
}

async fn next_piece(reader: &ReadableStreamDefaultReader) -> Result<Option<Bytes>, JsValue> {
    let result = JsFuture::from(reader.read()).await?;
    let result: ReadableStreamReadResult = result.unchecked_into();
    if result.get_done() == Some(true) {
        return Ok(None);
    }
    let piece: Uint8Array = result.get_value().dyn_into()?;
    Ok(Some(piece.to_vec().into()))
}

fn headers_of(headers: &Headers) -> HeaderMap {
    let mut map = HeaderMap::new();
    for entry in headers.entries().into_iter().flatten() {
        let entry: Array = entry.unchecked_into();
        let text = |place| entry.get(place).as_string().unwrap_or_default();
        if let (Ok(name), Ok(value)) = (
            HeaderName::try_from(text(0)),
            HeaderValue::try_from(text(1)),
        ) {
            map.append(name, value);
        }
    }
    map
}

/// Aborts the exchange if the call is dropped, times out, or has read enough.
///
/// It has no effect after the end of the exchange.
struct AbortOnDrop(AbortController);

impl Drop for AbortOnDrop {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// Converts an exception of the host to an error.
///
/// A failure to connect looks the same as a broken connection, so nothing proves that the request
/// was not sent.
fn broken(thrown: &JsValue) -> Error {
    match thrown.dyn_ref::<js_sys::Error>() {
        Some(error) => Error::host_failure(&String::from(error.to_string())),
        None => Error::host_failure("the host's fetch failed, and does not say why"),
    }
}

/// The error for a redirect.
///
/// Browsers hide the status and the target of a redirect that they don't follow.
fn hidden_redirect() -> Error {
    Error::UnusableResponse {
        reason: "a redirect, which is not followed, and which the host hides: check host and \
                 path prefix"
            .to_owned(),
    }
}
