//! The chat's routes, each by its exact status, on a database and a Channels server of their own.

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use chat::{Chat, Database, Page};
use http_body_util::BodyExt as _;
use pusher_http::local::{Fault, LocalServer};
use pusher_http::{ChannelAuth, ChannelName, PresenceMember, SocketId, WebhookSignature};
use serde_json::{Value, json};
use tower::ServiceExt as _;

const ADA: i64 = 1;
const BOB: i64 = 2;
/// Bob is no member of it.
const LAUNCH: i64 = 2;
const ID: &str = "8d6a2c1e-58f4-4f6b-9d0f-3c1b6c0a7e51";

struct Server {
    router: Router,
    service: LocalServer,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {:?}", self.body))
    }

    #[track_caller]
    fn is(self, status: u16, body: &str) {
        assert_eq!((self.status.as_u16(), &*self.body), (status, body));
    }
}

impl Server {
    async fn start() -> Self {
        let service = LocalServer::start().await.unwrap();
        let router = chat::router(Chat {
            database: Database::open(":memory:").unwrap(),
            pusher: service.pusher(),
            page: Page::new("pusher-js"),
        });
        Self { router, service }
    }

    async fn call(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(bytes.to_vec()).unwrap(),
        }
    }

    /// The cookie of a new session.
    async fn sign_in(&self, user_id: i64) -> String {
        let answer = self
            .call(post("/session", "", json!({"user_id": user_id})))
            .await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn send(&self, cookie: &str, room: i64, id: &str, text: &str) -> Answer {
        let message = json!({"client_id": id, "text": text});
        self.call(post(&format!("/rooms/{room}/messages"), cookie, message))
            .await
    }

    async fn authorize(&self, cookie: &str, channel: &str) -> Answer {
        let form = format!("socket_id=1234.5678&channel_name={channel}");
        let request = Request::post("/pusher/auth")
            .header(header::COOKIE, cookie)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.call(request.body(form.into()).unwrap()).await
    }
}

fn get(path: &str, cookie: &str) -> Request<Body> {
    let request = Request::get(path).header(header::COOKIE, cookie);
    request.body(Body::empty()).unwrap()
}

fn post(path: &str, cookie: &str, body: Value) -> Request<Body> {
    let request = Request::post(path)
        .header(header::COOKIE, cookie)
        .header(header::CONTENT_TYPE, "application/json");
    request.body(body.to_string().into()).unwrap()
}

fn with(mut request: Request<Body>, name: &'static str, value: &'static str) -> Request<Body> {
    request.headers_mut().insert(name, value.parse().unwrap());
    request
}

#[tokio::test]
async fn a_session_is_a_random_cookie_that_no_script_reads() {
    let server = Server::start().await;
    let sign_in = post("/session", "", json!({"user_id": ADA}));
    let answer = server.call(sign_in).await;
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    let (token, attributes) = cookie.split_once("; ").unwrap();
    let token = token.strip_prefix("chat_session=").unwrap();
    assert_eq!(token.len(), 32);
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Path=/");
    assert_ne!(server.sign_in(ADA).await, format!("chat_session={token}"));

    let nobody = post("/session", "", json!({"user_id": 4711}));
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
async fn only_members_come_into_a_room() {
    let server = Server::start().await;
    let bob = server.sign_in(BOB).await;
    let words = "You are not a member of this room.";
    for room in [LAUNCH, 4711] {
        let path = format!("/rooms/{room}/messages");
        server.call(get(&path, &bob)).await.is(403, words);
        server.send(&bob, room, ID, "hello").await.is(403, words);
    }
    for channel in [
        "presence-room-2",
        "presence-room-4711",
        "presence-room-01",
        "presence-room-+1",
        "presence-room-1-x",
        "private-room-1",
        "presence-cache-room-1",
    ] {
        // As the browser encodes it.
        let channel = channel.replace('+', "%2B");
        let status = server.authorize(&bob, &channel).await.status.as_u16();
        // A plus is in no channel's name.
        let expected = if channel.contains('%') { 400 } else { 403 };
        assert_eq!(status, expected, "{channel}");
    }

    let answer = server.authorize(&bob, "presence-room-1").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, token_of_bob(&server).to_json());
}

fn token_of_bob(server: &Server) -> ChannelAuth {
    let socket_id = SocketId::new("1234.5678").unwrap();
    let channel = ChannelName::new("presence-room-1").unwrap();
    let member = PresenceMember::new("2").info(json!({"name": "Bob"}));
    let pusher = server.service.pusher();
    pusher
        .authorize_presence_channel(&socket_id, &channel, member.unwrap())
        .unwrap()
}

#[tokio::test]
async fn a_message_is_stored_and_the_room_notified_but_for_the_sender() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let message = json!({"client_id": ID, "text": "  <b>hello</b>\n"});
    let request = post("/rooms/1/messages", &ada, message);
    let answer = server.call(with(request, "x-socket-id", "1234.5678")).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let stored = answer.json();
    let expected = json!({
        "id": 1, "previous": null, "client_id": ID, "user_id": 1, "name": "Ada",
        "text": "<b>hello</b>", "sent_at_ms": stored["sent_at_ms"],
    });
    assert_eq!(stored, expected);

    let event = server.service.expect_event("presence-room-1", "message");
    let event = event.await.unwrap();
    assert_eq!(event.json::<Value>().unwrap(), stored);
    assert_eq!(event.excluded.as_deref(), Some("1234.5678"));

    let bob = server.sign_in(BOB).await;
    let listed = server.call(get("/rooms/1/messages", &bob)).await.json();
    assert_eq!(listed, json!({"messages": [stored], "more": false}));
}

#[tokio::test]
async fn a_message_that_is_sent_again_is_the_same_message() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let first = server.send(&ada, 1, ID, "hello").await;
    let again = server.send(&ada, 1, &ID.to_uppercase(), "hello").await;
    assert_eq!(first.status, StatusCode::CREATED);
    assert_eq!(again.status, StatusCode::OK);
    assert_eq!(first.body, again.body);

    let words = "This id is that of another message.";
    server.send(&ada, 1, ID, "bye").await.is(409, words);
    server.send(&ada, LAUNCH, ID, "hello").await.is(409, words);
    // Another user's ids are others.
    let bob = server.sign_in(BOB).await;
    let other = server.send(&bob, 1, ID, "hello").await;
    assert_eq!(other.status, StatusCode::CREATED);
    assert_eq!(other.json()["previous"], 1);
}

#[tokio::test]
async fn a_notification_that_fails_loses_no_message() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    server.service.fail_next(Fault::Status(500));
    let lost = server.send(&ada, 1, ID, "first").await;
    assert_eq!(lost.status, StatusCode::CREATED);
    // The fault is played on the first call that comes.
    while server.service.calls().is_empty() {
        tokio::task::yield_now().await;
    }

    let other = "4b0d4c3e-0a4f-4f0e-8a54-7f3ff0f0a9c2";
    let second = server.send(&ada, 1, other, "second").await.json();
    let event = server.service.expect_event("presence-room-1", "message");
    // By it, pages see that they have missed the first.
    assert_eq!(event.await.unwrap().json::<Value>().unwrap(), second);
    assert_eq!(second["previous"], lost.json()["id"]);
    let missed = server.call(get("/rooms/1/messages?after=0", &ada)).await;
    assert_eq!(missed.json()["messages"], json!([lost.json(), second]));
}

#[tokio::test]
async fn missed_messages_come_in_pages_without_a_gap() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    for number in 1..=101_u32 {
        let id = format!("00000000-0000-4000-8000-{number:012}");
        // Of another room: not listed, and ids have gaps.
        let room = if number == 50 { LAUNCH } else { 1 };
        let sent = server.send(&ada, room, &id, &number.to_string()).await;
        assert_eq!(sent.status, StatusCode::CREATED);
    }
    let id = "00000000-0000-4000-8000-000000000999";
    server.send(&ada, 1, id, "102").await;

    let list = async |query: &str| {
        let path = format!("/rooms/1/messages{query}");
        let listed = server.call(get(&path, &ada)).await.json();
        let messages = listed["messages"].as_array().unwrap();
        let ids = messages
            .iter()
            .map(|message| message["id"].as_i64().unwrap());
        (ids.collect::<Vec<_>>(), listed["more"].as_bool().unwrap())
    };
    let ids =
        |range: std::ops::RangeInclusive<i64>| range.filter(|id| *id != 50).collect::<Vec<_>>();
    assert_eq!(list("?after=0").await, (ids(1..=101), true));
    assert_eq!(list("?after=101").await, (ids(102..=102), false));
    assert_eq!(list("?after=102").await, (Vec::new(), false));
    assert_eq!(list("").await, (ids(2..=102), false));
}

#[tokio::test]
async fn what_is_malformed_is_refused() {
    let server = Server::start().await;
    let ada = server.sign_in(ADA).await;
    let words = "A message has 1 to 1,000 characters.";
    server.send(&ada, 1, ID, " \n").await.is(400, words);
    let (longest, too_long) = ("\u{1}".repeat(1000), "é".repeat(1001));
    server.send(&ada, 1, ID, &too_long).await.is(400, words);
    let status = server.send(&ada, 1, "4711", "hello").await.status;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let message = post(
        "/rooms/1/messages",
        &ada,
        json!({"client_id": ID, "text": "a"}),
    );
    let answer = server.call(with(message, "x-socket-id", "1.2:x")).await;
    answer.is(400, "X-Socket-ID is not a socket id.");
    let answer = server.call(get("/rooms/1/messages?after=x", &ada)).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);

    // The longest there is fits into an event, however it is escaped.
    let sent = server.send(&ada, 1, ID, &longest).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let event = server.service.expect_event("presence-room-1", "message");
    let event = event.await.unwrap().json::<Value>().unwrap();
    assert_eq!(event["text"], longest);
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
        let mut request = post("/rooms/1/messages", &ada, message);
        for (name, value) in headers {
            request = with(request, name, value);
        }
        let answer = server.call(request).await;
        assert_eq!(answer.status.as_u16(), status, "{headers:?}");
    }
}

#[tokio::test]
async fn webhooks_are_verified() {
    let server = Server::start().await;
    let body = r#"{"time_ms":1,"events":[{"name":"member_added","channel":"presence-room-1","user_id":"1"}]}"#;
    let hook = |signature: Option<WebhookSignature>| {
        let mut request = Request::post("/pusher/webhook").body(body.into()).unwrap();
        if let Some(signature) = signature {
            request.headers_mut().extend(signature.headers());
        }
        request
    };
    let pusher = server.service.pusher();
    let signature = WebhookSignature::new(pusher.app().token(), body.as_bytes());
    assert_eq!(server.call(hook(Some(signature))).await.status, 200);
    assert_eq!(server.call(hook(None)).await.status, 401);
    let signature = WebhookSignature::new(pusher.app().token(), b"another body");
    assert_eq!(server.call(hook(Some(signature))).await.status, 401);
}
