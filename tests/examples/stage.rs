//! The setup in which the axum and actix-web examples are tested.
//!
//! It runs the example, a backend with three endpoints, in a separate process. The example receives
//! the webhooks of a local server, to which the stage holds a page's connection.

use std::process::Stdio;

use futures_util::{SinkExt as _, StreamExt as _};
use pusher_dev_server::{DevApp, DevServer};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader, Lines};
use tokio::net::TcpStream;
use tokio::process::{Child, ChildStdout, Command};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

pub(crate) const MASTER_KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";

/// The app of all examples.
pub(crate) fn app() -> DevApp {
    DevApp::new("examples", "key", "secret").encryption_master_key_base64(MASTER_KEY)
}

pub(crate) struct Stage {
    server: DevServer,
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    socket_id: String,
    origin: String,
    pub(crate) output: Lines<BufReader<ChildStdout>>,
    _example: Child,
}

impl Stage {
    /// Starts `example` with the address to listen on.
    ///
    /// The example does not call the API, so nothing listens at the service's address that it gets.
    pub(crate) async fn start(mut example: Command) -> Self {
        let mut example = example
            .arg("127.0.0.1:0")
            .env_clear()
            .env("PUSHER_URL", "http://key:secret@127.0.0.1:1/apps/examples")
            .env("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut output = BufReader::new(example.stdout.take().unwrap()).lines();
        let first = output.next_line().await.unwrap().unwrap();
        let origin = first.strip_prefix("listening on ").unwrap().to_owned();
        let app = app().webhook(format!("{origin}/pusher/webhook"));
        let server = DevServer::builder().app(app).start().await.unwrap();

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
        let id = data["socket_id"].as_str().unwrap();
        id.clone_into(&mut stage.socket_id);
        stage
    }

    /// Returns the data of the connection's next event, which must have this name.
    pub(crate) async fn event(&mut self, name: &str) -> Value {
        let message = self.socket.next().await.unwrap().unwrap();
        let frame: Value = serde_json::from_str(message.to_text().unwrap()).unwrap();
        assert_eq!(frame["event"], name, "{frame}");
        let data = frame["data"].as_str().unwrap_or("null");
        serde_json::from_str(data).unwrap()
    }

    pub(crate) async fn send(&mut self, event: &str, data: Value) {
        let frame = json!({"event": event, "data": data}).to_string();
        self.socket.send(Message::text(frame)).await.unwrap();
    }

    /// Asserts the status and body of the response to a page's request.
    pub(crate) async fn answers(
        &self,
        path: &str,
        session: Option<&str>,
        form: &str,
        expected: (u16, &str),
    ) {
        let (status, body) = self.ask(path, session, form).await;
        assert_eq!((status.as_u16(), &*body), expected, "{form:.100}");
    }

    /// Asserts that webhooks were sent, and that each was accepted.
    pub(crate) fn webhooks_were_taken(&self) {
        let webhooks = self.server.webhooks();
        assert!(!webhooks.is_empty());
        let mut statuses = webhooks.iter().map(|webhook| webhook.status);
        assert!(statuses.all(|status| status == Some(200)), "{webhooks:?}");
    }

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
        let response = request.send().await.unwrap();
        (response.status(), response.text().await.unwrap())
    }

    pub(crate) async fn token(&self, path: &str, session: &str, form: &str) -> Value {
        let (status, body) = self.ask(path, Some(session), form).await;
        assert_eq!(status, 200, "{body}");
        serde_json::from_str(&body).unwrap()
    }

    pub(crate) async fn subscribe(&mut self, session: &str, channel: &str) -> Value {
        let form = format!("socket_id=SOCKET&channel_name={channel}");
        let mut data = self.token("/pusher/auth", session, &form).await;
        data["channel"] = json!(channel);
        self.send("pusher:subscribe", data).await;
        self.event("pusher_internal:subscription_succeeded").await
    }
}
