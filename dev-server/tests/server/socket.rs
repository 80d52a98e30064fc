//! A WebSocket client that does only what a test tells it to, and checks every message.

use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use pusher_dev_server::DevServer;
use pusher_http::{App, ChannelKind, ChannelName, PresenceMember, SocketId, UserData};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};

/// Only a broken server reaches this deadline.
const DEADLINE: Duration = Duration::from_secs(20);

pub(crate) struct Socket {
    stream: WebSocketStream<MaybeTlsStream<TcpStream>>,
    pub(crate) id: SocketId,
    /// The server's app, so that the socket can sign its own requests.
    app: App,
}

impl Socket {
    /// Connects to the server's first app.
    pub(crate) async fn connect(server: &DevServer) -> Self {
        Self::connect_to(server.app()).await
    }

    /// Connects to this app and completes the handshake.
    pub(crate) async fn connect_to(app: &App) -> Self {
        let path = format!("/app/{}?protocol=7", app.credentials().key());
        let mut socket = Self::open(app, &path).await;
        let established = socket.expect("pusher:connection_established").await;
        let id = established["socket_id"].as_str().unwrap();
        socket.id = SocketId::new(id).unwrap();
        socket
    }

    /// Opens a connection without reading from it, so that the server may reject it.
    pub(crate) async fn open(app: &App, path: &str) -> Self {
        let mut url = app.base_url().to_string().replacen("http://", "ws://", 1);
        url.truncate(url.trim_end_matches('/').len());
        url.push_str(path);
        let connecting = connect_async(url);
        let (stream, _) = timeout(DEADLINE, connecting).await.unwrap().unwrap();
        Self {
            stream,
            id: SocketId::new("0.0").unwrap(),
            app: app.clone(),
        }
    }

    pub(crate) async fn send(&mut self, frame: Value) {
        self.send_text(frame.to_string()).await;
    }

    pub(crate) async fn send_text(&mut self, text: impl Into<String>) {
        self.stream.send(Message::text(text.into())).await.unwrap();
    }

    pub(crate) async fn send_binary(&mut self, bytes: Vec<u8>) {
        self.stream.send(Message::binary(bytes)).await.unwrap();
    }

    /// Buffers a message, which is sent together with the next one.
    pub(crate) async fn feed(&mut self, frame: Value) {
        let message = Message::text(frame.to_string());
        self.stream.feed(message).await.unwrap();
    }

    /// Returns the next frame; panics if the server ends the connection instead.
    pub(crate) async fn next(&mut self) -> Value {
        match self.message().await {
            Some(Message::Text(text)) => serde_json::from_str(&text).unwrap(),
            other => panic!("a frame was expected, not {other:?}"),
        }
    }

    /// Returns the data of the next frame, which must be this event.
    pub(crate) async fn expect(&mut self, event: &str) -> Value {
        let frame = self.expect_frame(event).await;
        let text = frame["data"].as_str();
        let text = text.unwrap_or_else(|| panic!("data has to be a string: {frame}"));
        serde_json::from_str(text).unwrap_or_else(|_| json!(text))
    }

    /// The same as [`expect`](Self::expect), but returns the whole frame.
    pub(crate) async fn expect_frame(&mut self, event: &str) -> Value {
        let frame = self.next().await;
        assert_eq!(frame["event"], event, "{frame}");
        frame
    }

    /// Returns the message of the next frame, which must be a `pusher:error` with this code.
    pub(crate) async fn error(&mut self, code: Option<u16>) -> String {
        let frame = self.expect_frame("pusher:error").await;
        assert_eq!(frame["data"]["code"], json!(code), "{frame}");
        frame["data"]["message"].as_str().unwrap().to_owned()
    }

    /// Asserts that nothing has arrived, by sending a ping and expecting its pong next.
    ///
    /// Everything that the server sent earlier is queued before the pong, so there is no need to
    /// wait.
    pub(crate) async fn assert_nothing_received(&mut self) {
        self.send(json!({"event": "pusher:ping", "data": {}})).await;
        assert_eq!(self.expect("pusher:pong").await, json!({}));
    }

    /// Returns the code of the server's close frame; skips all messages before it.
    pub(crate) async fn close_code(&mut self) -> u16 {
        loop {
            match self.message().await {
                Some(Message::Close(Some(frame))) => return frame.code.into(),
                Some(Message::Close(None)) | None => panic!("closed without a code"),
                Some(_) => {}
            }
        }
    }

    /// Reads until the connection ends in any way; returns the text messages before that.
    pub(crate) async fn read_to_end(&mut self) -> Vec<String> {
        let mut texts = Vec::new();
        loop {
            let message = timeout(DEADLINE, self.stream.next()).await;
            match message.expect("the connection does not end") {
                Some(Ok(Message::Text(text))) => texts.push(text.to_string()),
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return texts,
            }
        }
    }

    /// Closes like a page that the user leaves, and asserts that the server completes the close.
    pub(crate) async fn close(mut self) {
        self.stream.close(None).await.unwrap();
        loop {
            match self.message().await {
                Some(Message::Close(None)) => break,
                Some(Message::Text(_)) => {}
                other => panic!("a close frame was expected, not {other:?}"),
            }
        }
        self.assert_ends_cleanly().await;
    }

    /// Asserts that the server ends the connection cleanly after its close frame.
    pub(crate) async fn assert_ends_cleanly(&mut self) {
        assert_eq!(self.message().await, None);
    }

    async fn message(&mut self) -> Option<Message> {
        let message = timeout(DEADLINE, self.stream.next()).await;
        message
            .expect("the server says nothing")
            .map(|message| message.expect("the connection broke"))
    }

    /// Subscribes with the authorization that the channel needs; returns the data of the success.
    pub(crate) async fn subscribe(&mut self, channel: &str) -> Value {
        let asked = self.subscription(channel);
        self.subscribe_by(asked).await
    }

    /// Subscribes to a presence channel; returns the data of the success.
    pub(crate) async fn join(&mut self, channel: &str, member: PresenceMember) -> Value {
        let asked = self.membership(channel, member);
        self.subscribe_by(asked).await
    }

    async fn subscribe_by(&mut self, asked: Value) -> Value {
        self.ask_for(asked).await;
        self.expect("pusher_internal:subscription_succeeded").await
    }

    /// Sends a `pusher:subscribe` without waiting for the outcome.
    pub(crate) async fn ask_for(&mut self, data: Value) {
        self.send(json!({"event": "pusher:subscribe", "data": data}))
            .await;
    }

    /// Returns the data of a `pusher:subscribe` with a valid authorization.
    ///
    /// On presence channels, the member is the user 1.
    pub(crate) fn subscription(&self, channel: &str) -> Value {
        let Ok(name) = ChannelName::new(channel) else {
            return json!({"channel": channel});
        };
        match name.kind() {
            ChannelKind::Public => json!({"channel": channel}),
            ChannelKind::Presence => self.membership(channel, PresenceMember::new("1").unwrap()),
            _ => {
                let auth = self.app.authorize_channel(&self.id, &name).unwrap();
                json!({"channel": channel, "auth": auth.auth()})
            }
        }
    }

    pub(crate) fn membership(&self, channel: &str, member: PresenceMember) -> Value {
        let name = ChannelName::new(channel).unwrap();
        let auth = self
            .app
            .authorize_presence_channel(&self.id, &name, member)
            .unwrap();
        json!({
            "channel": channel, "auth": auth.auth(), "channel_data": auth.channel_data(),
        })
    }

    /// Returns the data of a `pusher:subscribe` with any `channel_data`, correctly signed.
    pub(crate) fn signed_as(&self, channel: &str, channel_data: &str) -> Value {
        let token = self.app.credentials();
        let signature = token.sign(&[self.id.as_str(), ":", channel, ":", channel_data]);
        let auth = format!("{}:{signature}", token.key());
        json!({"channel": channel, "auth": auth, "channel_data": channel_data})
    }

    pub(crate) async fn unsubscribe(&mut self, channel: &str) {
        let data = json!({"channel": channel});
        self.send(json!({"event": "pusher:unsubscribe", "data": data}))
            .await;
    }

    /// Signs in with a valid signature.
    pub(crate) async fn sign_in(&mut self, user: UserData) {
        let auth = self.app.authenticate_user(&self.id, &user).unwrap();
        self.ask_to_sign_in(auth.auth(), auth.user_data()).await;
        let success = self.expect("pusher:signin_success").await;
        assert_eq!(success, json!({"user_data": auth.user_data()}));
    }

    pub(crate) async fn ask_to_sign_in(&mut self, auth: &str, user_data: &str) {
        let data = json!({"auth": auth, "user_data": user_data});
        self.send(json!({"event": "pusher:signin", "data": data}))
            .await;
    }

    /// Returns the `key:signature` of a sign-in with any text as its user data.
    pub(crate) fn sign_in_auth(&self, user_data: &str) -> String {
        let token = self.app.credentials();
        let signature = token.sign(&[self.id.as_str(), "::user::", user_data]);
        format!("{}:{signature}", token.key())
    }

    pub(crate) async fn client_event(&mut self, channel: &str, event: &str, data: Value) {
        self.send(json!({"event": event, "channel": channel, "data": data}))
            .await;
    }
}
