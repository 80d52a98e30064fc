//! Authentication of calls: the key, secret, version, timestamp and body, one by one.

use pusher_dev_server::DevServer;
use pusher_http::App;
use pusher_http::api::Request;
use pusher_http::http::Method;

use super::{get, now, post, send, send_to, url_of};

/// Creates an app at the server's address.
fn app_with(server: &DevServer, id: &str, key: &str, secret: &str) -> App {
    App::builder(id, key, secret)
        .host("127.0.0.1")
        .port(server.address().port())
        .tls(false)
        .build_app()
        .unwrap()
}

fn trigger() -> Request {
    let body = r#"{"name":"e","channels":["room"],"data":"1"}"#;
    Request::post("/events", body).unwrap()
}

/// Sends a trigger whose signed query was changed; returns the error message.
async fn rejected(server: &DevServer, change: impl Fn(&str) -> String) -> String {
    let signed = server.app().sign(&trigger(), now()).unwrap();
    let mut url = url_of(&signed);
    let query = change(url.query().unwrap());
    url.set_query(Some(&query));
    let (status, message) =
        send_to(Method::POST, url, signed.into_http().into_body().to_vec()).await;
    assert_eq!(status, 401, "{message}");
    assert!(server.events().is_empty());
    message
}

#[tokio::test]
async fn distinguishes_wrong_key_from_wrong_secret() {
    let server = DevServer::start().await.unwrap();
    let stranger = app_with(&server, "local-app", "another-key", "local-secret");
    let response = send(stranger.sign(&trigger(), now()).unwrap()).await;
    assert_eq!(response, (401, "Unknown auth_key".to_owned()));

    let forger = app_with(&server, "local-app", "local-key", "another-secret");
    let signed = forger.sign(&trigger(), now()).unwrap();
    let query = signed.uri().query().unwrap().to_owned();
    let (status, message) = send(signed).await;
    assert_eq!(status, 401);
    let (unsigned, signature) = query.split_once("&auth_signature=").unwrap();
    // The service quotes the text with escaped line breaks.
    let expected = format!(
        "Invalid signature: you should have sent HmacSHA256Hex(\
         \"POST\\n/apps/local-app/events\\n{unsigned}\", your_secret_key), \
         but you sent \"{signature}\""
    );
    assert_eq!(message, expected);
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn rejects_other_auth_version() {
    let server = DevServer::start().await.unwrap();
    let message = rejected(&server, |query| {
        query.replace("auth_version=1.0", "auth_version=1.1")
    })
    .await;
    assert_eq!(message, "Version not supported: Expected auth_version 1.0");
}

#[tokio::test]
async fn rejects_missing_or_duplicate_auth_parameters() {
    let server = DevServer::start().await.unwrap();
    for name in [
        "auth_key",
        "auth_timestamp",
        "auth_version",
        "auth_signature",
    ] {
        let required = format!("{name} is required exactly once");
        let without = rejected(&server, |query| {
            let pairs = query.split('&');
            let kept: Vec<_> = pairs.filter(|pair| !pair.starts_with(name)).collect();
            kept.join("&")
        });
        assert_eq!(without.await, required);
        let twice = rejected(&server, |query| format!("{query}&{name}=1"));
        assert_eq!(twice.await, required);
    }
}

#[tokio::test]
async fn accepts_timestamp_off_by_600_seconds_but_not_601() {
    let server = DevServer::start().await.unwrap();
    let app = server.app();
    let request = Request::get("/channels").unwrap();
    // Some time passes until the server reads its clock. A timestamp in the future gets closer;
    // one in the past gets further away.
    for (timestamp, status) in [
        (now() + 600, 200),
        (now() - 601, 401),
        (now() + 700, 401),
        (now() - 500, 200),
    ] {
        let (given, message) = send(app.sign(&request, timestamp).unwrap()).await;
        assert_eq!(given, status, "{message}");
    }
}

#[tokio::test]
async fn quotes_expired_timestamp_as_date() {
    let server = DevServer::start().await.unwrap();
    let app = server.app();
    let request = Request::get("/channels").unwrap();
    let (status, message) = send(app.sign(&request, 1_380_444_393).unwrap()).await;
    assert_eq!(status, 401);
    let after = message
        .strip_prefix("Timestamp expired: Given timestamp (2013-09-29T08:46:33Z) not within ")
        .unwrap();
    let server_time = after
        .strip_prefix("600s of server time (")
        .and_then(|rest| rest.strip_suffix(')'))
        .unwrap();
    assert_eq!(server_time.len(), "2013-09-29T08:36:32Z".len());
    assert!(server_time.ends_with('Z'));
}

#[tokio::test]
async fn quotes_invalid_timestamp_verbatim() {
    let server = DevServer::start().await.unwrap();
    let app = server.app();
    for timestamp in [
        "soon",
        "-1",
        "1.5",
        "18446744073709551615",
        "99999999999999",
    ] {
        let credentials = app.credentials();
        let path = "/apps/local-app/channels";
        let query = format!(
            "auth_key={}&auth_timestamp={timestamp}&auth_version=1.0",
            credentials.key()
        );
        let signature = credentials.sign(&["GET\n", path, "\n", &query]);
        let mut url = app.base_url().join(path).unwrap();
        url.set_query(Some(&format!("{query}&auth_signature={signature}")));
        let (status, message) = send_to(Method::GET, url, Vec::new()).await;
        assert_eq!(status, 401);
        let start = format!("Timestamp expired: Given timestamp ({timestamp}) not within 600s");
        assert!(message.starts_with(&start), "{message}");
    }
}

#[tokio::test]
async fn rejects_body_that_was_not_signed() {
    let server = DevServer::start().await.unwrap();
    let signed = server.app().sign(&trigger(), now()).unwrap();
    let url = url_of(&signed);
    let other = br#"{"name":"e","channels":["room"],"data":"2"}"#.to_vec();
    let (status, message) = send_to(Method::POST, url.clone(), other).await;
    assert_eq!(status, 401);
    assert!(
        message.starts_with("Invalid body_md5: Expected \""),
        "{message}"
    );

    let (status, message) = send_to(Method::POST, url, Vec::new()).await;
    assert_eq!(status, 401);
    assert!(
        message.starts_with("Invalid body_md5: Expected \"\", but got \""),
        "{message}"
    );
    assert!(server.events().is_empty());
}

#[tokio::test]
async fn returns_404_for_unknown_app_or_path() {
    let server = DevServer::start().await.unwrap();
    let app = server.app();
    let unknown = app_with(&server, "another-app", "local-key", "local-secret");
    let request = Request::get("/channels").unwrap();
    let response = send(unknown.sign(&request, now()).unwrap()).await;
    assert_eq!(response, (404, "Unknown app another-app".to_owned()));

    let not_found = (404, "Not found".to_owned());
    for path in ["/", "/nothing", "/channels/a/b", "/events", "/users/1"] {
        assert_eq!(get(&server, path, &[]).await, not_found, "{path}");
    }
    for path in ["/channels", "/events/", "/users/1/terminate", "/EVENTS"] {
        assert_eq!(post(&server, path, "{}").await, not_found, "{path}");
    }
    for path in ["/", "/apps", "/apps/local-app", "/elsewhere"] {
        let url = app.base_url().join(path).unwrap();
        let response = send_to(Method::GET, url, Vec::new()).await;
        assert_eq!(response, not_found, "{path}");
    }
}

#[tokio::test]
async fn unauthenticated_unknown_endpoint_is_401_not_404() {
    let server = DevServer::start().await.unwrap();
    let url = server.app().base_url().join("/apps/local-app/nothing");
    let (status, _) = send_to(Method::GET, url.unwrap(), Vec::new()).await;
    assert_eq!(status, 401);
}
