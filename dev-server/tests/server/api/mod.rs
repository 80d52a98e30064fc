//! The HTTP API, tested with requests that a well-behaved client would not send.

mod content_types;
mod limits;
mod malformed;
mod queries;
mod signatures;
mod terminating;
mod triggers;

use std::time::{SystemTime, UNIX_EPOCH};

use pusher_dev_server::DevServer;
use pusher_http::api::{Request, SignedRequest};
use pusher_http::http::Method;
use pusher_http::reqwest;
use pusher_http::url::Url;
use serde_json::Value;

pub(crate) fn now() -> u64 {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    since_epoch.as_secs()
}

/// Posts a correctly signed body to a path below the server's first app.
pub(crate) async fn post(
    server: &DevServer,
    path: &str,
    body: impl Into<Vec<u8>>,
) -> (u16, String) {
    let app = server.app();
    let request = Request::post(path.to_owned(), body.into()).unwrap();
    send(app.sign(&request, now()).unwrap()).await
}

/// Gets a path below the server's first app, with a query.
async fn get(server: &DevServer, path: &str, query: &[(&'static str, &str)]) -> (u16, String) {
    let app = server.app();
    let mut request = Request::get(path.to_owned()).unwrap();
    for (key, value) in query {
        request = request.query(*key, *value).unwrap();
    }
    send(app.sign(&request, now()).unwrap()).await
}

async fn send(signed: SignedRequest) -> (u16, String) {
    let url = url_of(&signed);
    let signed = signed.into_http();
    send_to(signed.method().clone(), url, signed.body().to_vec()).await
}

fn url_of(signed: &SignedRequest) -> Url {
    Url::parse(&signed.uri().to_string()).unwrap()
}

/// Sends any request to any URL without checking it.
async fn send_to(method: Method, url: Url, body: Vec<u8>) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.request(method, url).body(body).send().await.unwrap();
    let status = response.status().as_u16();
    (status, response.text().await.unwrap())
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
