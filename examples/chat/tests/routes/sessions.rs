//! Sessions, and routes that require one.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use serde_json::json;

use crate::{ADA, BOB, ID, Server, get, post, with};

#[tokio::test]
async fn a_session_is_a_random_cookie_that_no_script_reads() {
    let server = Server::start().await;
    let sign_in = post("/session", "", &json!({"user_id": ADA}));
    let answer = server.call(sign_in).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    let (token, attributes) = cookie.split_once("; ").unwrap();
    let token = token.strip_prefix("chat_session=").unwrap();
    assert_eq!(token.len(), 32);
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/");
    assert_ne!(server.sign_in(ADA).await, format!("chat_session={token}"));

    let nobody = post("/session", "", &json!({"user_id": 4711}));
    server.call(nobody).await.is(401, "You are not signed in.");
}

#[tokio::test]
async fn the_page_is_told_who_and_where_it_is() {
    let server = Server::start().await;
    let cookie = server.sign_in(BOB).await;
    let session = server.call(get("/session", &cookie)).await.json();
    let address = server.service.address();
    let expected = json!({
        "user": {"id": 2, "name": "Bob"},
        "rooms": [
            {"id": 1, "name": "Everybody", "is_member": true},
            {"id": 2, "name": "Launch", "is_member": false},
        ],
        "connect": {
            "key": "local-key",
            "forceTLS": false,
            "wsHost": "127.0.0.1",
            "port": address.port(),
            "wsPath": "",
        },
    });
    assert_eq!(session, expected);

    let page = server.call(get("/", "")).await;
    assert_eq!(page.status, StatusCode::OK);
    let policy = page.headers["content-security-policy"].to_str().unwrap();
    let connect = format!("connect-src 'self' ws://{address};");
    assert!(policy.contains(&connect), "{policy}");
}

#[tokio::test]
async fn without_a_session_nothing_is_told_or_done() {
    let server = Server::start().await;
    let ended = server.sign_in(ADA).await;
    let sign_out = Request::delete("/session").header(header::COOKIE, &ended);
    let answer = server.call(sign_out.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let removed = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(removed.contains("Max-Age=0"), "{removed}");

    let forged = format!("chat_session={:032x}", 1);
    for cookie in ["", &forged, &ended, "chat_session="] {
        let words = "You are not signed in.";
        server.call(get("/session", cookie)).await.is(401, words);
        server
            .call(get("/rooms/1/messages", cookie))
            .await
            .is(401, words);
        server.send(cookie, 1, ID, "hello").await.is(401, words);
        server
            .authorize(cookie, "presence-room-1")
            .await
            .is(401, words);
    }
    assert_eq!(server.service.calls().len(), 0);
}

#[tokio::test]
async fn pages_of_other_sites_can_do_nothing() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let cases = [
        (&[("sec-fetch-site", "same-origin")][..], 201),
        (&[("sec-fetch-site", "cross-site")], 403),
        (&[("sec-fetch-site", "same-site")], 403),
        (
            &[("origin", "https://chat.example"), ("host", "chat.example")],
            201,
        ),
        (
            &[("origin", "https://evil.example"), ("host", "chat.example")],
            403,
        ),
        (&[("origin", "null"), ("host", "chat.example")], 403),
    ];
    for (number, (headers, status)) in cases.into_iter().enumerate() {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        let message = json!({"client_id": id, "text": "hello"});
        let mut request = post("/rooms/1/messages", &ada, &message);
        for (name, value) in headers {
            request = with(request, name, value);
        }
        let answer = server.call(request).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn a_restart_keeps_all_but_sessions_that_have_expired() {
    let path = concat!(env!("CARGO_TARGET_TMPDIR"), "/restart.db");
    let _ = std::fs::remove_file(path); // Left by an earlier run.
    let server = Server::with_database(path).await;
    let ada = server.sign_in(ADA).await;
    let sent = server.send(&ada, 1, ID, "hello").await.json();
    drop(server);

    let server = Server::with_database(path).await;
    let listed = server.call(get("/rooms/1/messages", &ada)).await.json();
    assert_eq!(listed["messages"], json!([sent]));

    let file = rusqlite::Connection::open(path).unwrap();
    let expired = file.execute("UPDATE sessions SET expires_at = unixepoch()", []);
    assert_eq!(expired.unwrap(), 1);
    let answer = server.call(get("/session", &ada)).await;
    answer.is(401, "You are not signed in.");
}
