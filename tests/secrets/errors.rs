//! Errors of settings, of untrusted input, and of calls whose responses quote the request.

use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Method, Response};
use pusher_http::api::{self, ChannelsQuery, Endpoint, Request, Trigger};
use pusher_http::auth::ChannelAuthRequest;
use pusher_http::encryption::MasterKey;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{Builder, ChannelName, Credentials, Error, Event, SocketId};

use crate::marked::{MASTER_KEY, PROXY_PASSWORD, SECRET, app, builder};
use crate::printed::Printed;

#[test]
fn errors_of_settings_and_input_show_no_secret() {
    let mut printed = Printed::default();
    print_own_errors(&mut printed);
    printed.shows_nothing();
}

pub(crate) fn print_own_errors(printed: &mut Printed) {
    print_settings(printed);
    print_rejected_input(printed);
}

fn print_settings(printed: &mut Printed) {
    for broken in [
        builder().host(format!("http://{SECRET}")),
        builder().cluster(SECRET.to_lowercase() + "."),
        builder().path_prefix(format!("?{SECRET}")),
        builder().older_credentials("older key", SECRET),
        builder().encryption_master_key_base64(format!("{MASTER_KEY}=")),
        builder().encryption_master_key_base64(SECRET),
        builder().older_encryption_master_key_base64(&MASTER_KEY[..40]),
    ] {
        printed.error(&broken.build().unwrap_err());
    }
    for url in [
        SECRET.to_owned(),
        format!("ftp://key:{SECRET}@host/apps/3"),
        format!("https://key:{SECRET}@host"),
        format!("https://key:{SECRET}@host/apps/3?{SECRET}"),
        format!("https://key:{SECRET}%ff@host/apps/3"),
        format!("https://key:{SECRET}@/apps/3"),
        format!("https://key:{SECRET}@[::g]/apps/3"),
        format!("https://key:{SECRET} @host/apps/3"),
        format!("https://{SECRET}@host/apps/3"),
    ] {
        printed.error(&Builder::from_url(&url).unwrap_err());
        let vars = |name: &str| (name == "PUSHER_URL").then(|| url.clone());
        printed.error(&Builder::from_vars(vars).unwrap_err());
    }
    for name in [
        "PUSHER_KEY",
        "PUSHER_PORT",
        "PUSHER_SCHEME",
        "PUSHER_HOST",
        "PUSHER_CLUSTER",
        "PUSHER_ENCRYPTION_MASTER_KEY_BASE64",
    ] {
        let vars = |asked: &str| match asked {
            "PUSHER_URL" => None,
            _ if asked == name => Some(format!("{SECRET}/ é")),
            "PUSHER_APP_ID" | "PUSHER_KEY" => Some("3".to_owned()),
            "PUSHER_SECRET" => Some(SECRET.to_owned()),
            _ => None,
        };
        printed.error(&Builder::from_vars(vars).unwrap_err());
    }
    printed.error(&Credentials::new("a key", SECRET).unwrap_err());
    printed.error(&MasterKey::from_base64(SECRET).unwrap_err());
    let proxied = builder().proxy(format!("http://u:{PROXY_PASSWORD}@[::g]"));
    printed.error(&proxied.build().unwrap_err());
}

fn print_rejected_input(printed: &mut Printed) {
    let app = app();
    let body = b"{\"time_ms\":\"x\"}";
    let signature = WebhookSignature::new(app.credentials(), body);
    let malformed = app.webhook(&signature.headers(), body).unwrap_err();
    printed.error(&malformed);
    let Error::Webhook(refusal) = malformed else {
        panic!("a refused webhook");
    };
    printed.error(&refusal);
    let other_body = app.webhook(&signature.headers(), b"{}").unwrap_err();
    printed.error(&other_body);

    // A signed URL given as a path.
    let signed = app.sign(&Request::get("/channels").unwrap(), 1).unwrap();
    let path = format!("{}?{}", signed.uri().path(), signed.uri().query().unwrap());
    printed.error(&Request::get(path).unwrap_err());
    let value = format!("1&{}", signed.uri().query().unwrap());
    let request = Request::get("/channels").unwrap();
    printed.error(&request.query("info", value).unwrap_err());

    // A valid signature, but of another request.
    let refused = api::verify(
        app.all_credentials(),
        &Method::GET,
        "/prefix/apps/3/channels",
        signed.uri().query().unwrap(),
        b"",
        1,
    )
    .unwrap_err();
    assert!(matches!(refused, api::SignatureError::Signature { .. }));
    printed.error(&refused);

    let form = format!("socket_id=1.2&socket_id=1.2&channel_name=a&session={SECRET}");
    printed.error(&ChannelAuthRequest::from_form(form.as_bytes()).unwrap_err());
}

#[test]
fn errors_of_credentials_given_as_name_show_no_secret() {
    let mut printed = Printed::default();
    let channel = ChannelName::new("private-a").unwrap();
    let socket_id = SocketId::new("1.2").unwrap();
    let token = app().authorize_channel(&socket_id, &channel).unwrap();
    let signature = token.auth().split(':').nth(1).unwrap();
    for token in [token.auth(), signature] {
        printed.error(&ChannelName::new(format!("{token}!")).unwrap_err());
        printed.error(&SocketId::new(token).unwrap_err());
        printed.error(&Request::get(token.to_owned()).unwrap_err());
    }
    printed.shows_nothing();
}

#[test]
fn errors_of_responses_that_quote_signature_show_no_signature() {
    let mut printed = Printed::default();
    let signed = app().sign(&Request::get("/channels").unwrap(), 1).unwrap();
    let (url, query) = (signed.uri(), signed.uri().query().unwrap());
    let signature = query.split("auth_signature=").nth(1).unwrap();
    for words in [
        url.to_string(),
        format!("{{\"error\":\"{url}\"}}"),
        signature.repeat(3),
        signature.to_uppercase(),
        format!("{}{signature}", "é".repeat(990)),
        format!("{{\"channels\":{{\"a\":\"{signature}\"}}}}"),
        format!("{{\"channels\":\"{signature}\"}}"),
    ] {
        for status in [200, 302, 401, 500] {
            let mut response = Response::new(Bytes::from(words.clone()));
            *response.status_mut() = status.try_into().unwrap();
            let error = ChannelsQuery::new().read(&response, 1).unwrap_err();
            if let Error::Api(refusal) = &error {
                printed.error(&**refusal);
            }
            printed.error(&error);
        }
    }
    printed.shows_nothing();
}

#[tokio::test]
async fn errors_of_calls_show_no_secret() {
    let mut printed = Printed::default();
    print_errors_of_calls(&mut printed).await;
    printed.shows_nothing();
}

/// Starts a server that accepts the first request, and rejects all others with a message that
/// quotes the request.
pub(crate) async fn print_errors_of_calls(printed: &mut Printed) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let seen = Arc::new(Mutex::new(0));
    let answer = move |uri: http::Uri, body: Bytes| async move {
        let mut seen = seen.lock().unwrap();
        *seen += 1;
        let echo = format!("{uri} {}", String::from_utf8_lossy(&body));
        if *seen == 1 {
            (200, "{}".to_owned())
        } else {
            (401, echo)
        }
    };
    let router = axum::Router::new().fallback(move |uri: http::Uri, body: Bytes| {
        let answer = answer.clone();
        async move {
            let (status, words) = answer(uri, body).await;
            (http::StatusCode::from_u16(status).unwrap(), words)
        }
    });
    let server = tokio::spawn(async move { axum::serve(listener, router).await });
    let client = |port: u16| {
        builder()
            .host("127.0.0.1")
            .port(port)
            .tls(false)
            .no_proxy()
            .build()
            .unwrap()
    };
    let pusher = client(address.port());
    let events = (0..11).map(|n| Event::new("room", "e", n).unwrap());
    let failed = pusher.trigger_batch(events).await.unwrap_err();
    printed.error(&failed);
    let error = Error::from(failed);
    let Error::Partial(partial) = &error else {
        panic!("a part was accepted: {error}");
    };
    printed.error(&**partial);
    printed.error(&error);
    let refused = pusher.channels().await.unwrap_err();
    assert!(refused.to_string().contains("[signature]"), "{refused}");
    let Error::Api(words) = &refused else {
        panic!("a refusal: {refused}");
    };
    printed.error(&**words);
    printed.error(&refused);
    server.abort();
    let _ = server.await;

    // The port is closed.
    let free = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let unsent = client(port)
        .send(&Trigger::new("room", "e", 1).unwrap())
        .await;
    printed.error(&unsent.unwrap_err());
}
