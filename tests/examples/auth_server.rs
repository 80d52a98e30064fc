//! The example `auth_server`: its tokens are taken by the server, and it takes the server's webhooks.

use futures_util::{SinkExt as _, StreamExt as _};
use pusher_http::local::{LocalApp, LocalServer};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

use crate::app;
use crate::program::program;

struct Stage {
    server: LocalServer,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    socket_id: String,
    origin: String,
    output: Lines<BufReader<ChildStdout>>,
    _example: Child,
}

impl Stage {
    async fn start() -> Self {
        // It calls no API, so its address of the service is nobody's.
        let mut example = program("auth_server", "http://key:secret@127.0.0.1:1/apps/examples")
            .arg("127.0.0.1:0")
            .spawn()
            .unwrap();
        let mut output = BufReader::new(example.stdout.take().unwrap()).lines();
        let first = output.next_line().await.unwrap().unwrap();
        let origin = first.strip_prefix("listening on ").unwrap().to_owned();
        let app = LocalApp::new(app()).webhook(format!("{origin}/pusher/webhook"));
        let server = LocalServer::builder().app(app).start().await.unwrap();

        let url = format!("ws://{}/app/key?protocol=7", server.address());
        let (socket, _) = connect_async(url).await.unwrap();
        let mut stage = Self {
            server,
            socket,
            socket_id: String::new(),
            origin,
            output,
            _example: example,
        };
        let data = stage.event("pusher:connection_established").await;
        stage.socket_id = data["socket_id"].as_str().unwrap().to_owned();
        stage
    }

    /// The data of the connection's next event, which has to be of this name.
    async fn event(&mut self, name: &str) -> Value {
        let message = self.socket.next().await.unwrap().unwrap();
        let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        assert_eq!(frame["event"], name, "{frame}");
        let data = frame["data"].as_str().unwrap_or("null");
        serde_json::from_str(data).unwrap()
    }

    async fn send(&mut self, event: &str, data: Value) {
        let frame = json!({"event": event, "data": data}).to_string();
        self.socket.send(Message::text(frame)).await.unwrap();
    }

    /// What a page's request is answered with.
    async fn ask(&self, path: &str, session: Option<&str>, form: &str) -> (StatusCode, String) {
        let form = form.replace("SOCKET", &self.socket_id);
        let client = reqwest::Client::builder().no_proxy().build().unwrap();
        let mut request = client
            .post(format!("{}{path}", self.origin))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        if let Some(session) = session {
            request = request.bearer_auth(session);
        }
        let answer = request.send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    async fn token(&self, path: &str, session: &str, form: &str) -> Value {
        let (status, body) = self.ask(path, Some(session), form).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    async fn subscribe(&mut self, session: &str, channel: &str) -> Value {
        let form = format!("socket_id=SOCKET&channel_name={channel}");
        let mut data = self.token("/pusher/auth", session, &form).await;
        data["channel"] = json!(channel);
        self.send("pusher:subscribe", data).await;
        self.event("pusher_internal:subscription_succeeded").await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tokens_are_taken_and_it_takes_the_webhooks() {
    let mut stage = Stage::start().await;
    stage.subscribe("session-of-ada", "private-user-1").await;
    let line = stage.output.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some("private-user-1 is occupied"));

    let present = stage.subscribe("session-of-ada", "presence-room-1").await;
    assert_eq!(present["presence"]["hash"], json!({"1": {"name": "Ada"}}));
    let mut lines = [const { String::new() }; 2];
    for line in &mut lines {
        *line = stage.output.next_line().await.unwrap().unwrap();
    }
    lines.sort_unstable();
    let expected = ["1 joined presence-room-1", "presence-room-1 is occupied"];
    assert_eq!(lines, expected);

    let form = "socket_id=SOCKET&channel_name=private-encrypted-room-1";
    let token = stage.token("/pusher/auth", "session-of-ada", form).await;
    assert_eq!(token["shared_secret"].as_str().unwrap().len(), 44);

    let token = stage.token("/pusher/user-auth", "session-of-ada", "socket_id=SOCKET");
    let token = token.await;
    stage.send("pusher:signin", token).await;
    let signed_in = stage.event("pusher:signin_success").await;
    let user: Value = serde_json::from_str(signed_in["user_data"].as_str().unwrap()).unwrap();
    let expected = json!({"id": "1", "user_info": {"name": "Ada"}, "watchlist": ["2"]});
    assert_eq!(user, expected);

    let webhooks = stage.server.webhooks();
    assert!(!webhooks.is_empty());
    assert!(
        webhooks.iter().all(|webhook| webhook.status == Some(200)),
        "{webhooks:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_denies_and_refuses() {
    let stage = Stage::start().await;
    let wanted = "socket_id=SOCKET&channel_name=private-staff-room";
    for (session, form, status, body) in [
        (None, wanted, 403, ""),
        (Some("session-of-nobody"), wanted, 403, ""),
        (Some("session-of-bob"), wanted, 403, ""),
        (
            Some("session-of-bob"),
            "socket_id=SOCKET",
            400,
            "Bad Request",
        ),
        (
            Some("session-of-bob"),
            "socket_id=1.2:private-staff-room&channel_name=private-room-1",
            400,
            "Bad Request",
        ),
    ] {
        let answer = stage.ask("/pusher/auth", session, form).await;
        assert_eq!(
            answer,
            (StatusCode::from_u16(status).unwrap(), body.to_owned())
        );
    }
    let forged = stage.ask("/pusher/webhook", None, "{}").await;
    assert_eq!(
        forged,
        (StatusCode::UNAUTHORIZED, "Unauthorized".to_owned())
    );
}
