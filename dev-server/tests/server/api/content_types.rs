//! The exact content type of each kind of response.
//!
//! A page reads text without a charset in its own charset.

use pusher_dev_server::{DevServer, Fault};
use pusher_http::api::Request;
use pusher_http::reqwest;
use pusher_http::url::Url;

use super::{now, url_of};

const TEXT: &str = "text/plain; charset=utf-8";

/// Returns the status and the content type of the response.
async fn get(url: Url) -> (u16, String) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let response = client.get(url).send().await.unwrap();
    let content_type = &response.headers()["content-type"];
    let content_type = content_type.to_str().unwrap().to_owned();
    (response.status().as_u16(), content_type)
}

#[tokio::test]
async fn text_responses_have_a_charset() {
    let server = DevServer::start().await.unwrap();
    let signed = |path: &str| {
        let request = Request::get(path.to_owned()).unwrap();
        url_of(&server.app().sign(&request, now()).unwrap())
    };
    let is = |status: u16, content_type: &str| (status, content_type.to_owned());

    // The charset of JSON is always UTF-8.
    assert_eq!(get(signed("/channels")).await, is(200, "application/json"));
    assert_eq!(get(signed("/channels/%C4%81")).await, is(400, TEXT));
    server.fail_next(Fault::Status(503));
    assert_eq!(get(signed("/channels")).await, is(503, TEXT));

    let unsigned = server.app().base_url().join("/apps/local-app/channels");
    assert_eq!(get(unsigned.unwrap()).await, is(401, TEXT));
    let icon = server.app().base_url().join("/favicon.ico");
    assert_eq!(get(icon.unwrap()).await, is(404, TEXT));
    let no_websocket = server.app().base_url().join("/app/local-key?protocol=7");
    assert_eq!(get(no_websocket.unwrap()).await, is(400, TEXT));
}
