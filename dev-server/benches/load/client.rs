//! One client: it joins, checks each event that arrives, and leaves.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _};
use pusher_http::{App, ChannelName, Event, EventData, PresenceMember, SocketId};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::{CHANNEL, Failure};

/// How long a client waits for its next message.
///
/// Messages normally arrive much sooner, so the timeout ends only a run in which one was lost.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Client {
    pub(crate) number: usize,
    pub(crate) app: App,
    pub(crate) address: SocketAddr,
    pub(crate) events: Arc<[Event]>,
    /// Notified when the client has joined, and again when it has received all events.
    pub(crate) report: mpsc::UnboundedSender<()>,
    /// The sender is dropped when it is time to leave.
    pub(crate) leave: watch::Receiver<()>,
}

impl Client {
    pub(crate) async fn run(self) -> Result<(), Failure> {
        let number = self.number;
        self.live()
            .await
            .map_err(|failure| format!("client {number}: {failure}").into())
    }

    async fn live(mut self) -> Result<(), Failure> {
        let mut socket = Socket::connect(self.address, self.app.credentials().key()).await?;
        self.join(&mut socket).await?;
        let _ = self.report.send(());

        for (place, event) in self.events.iter().enumerate() {
            let arrived = socket.next().await.map_err(|failure| {
                let total = self.events.len();
                format!("{place} of {total} events arrived, and then: {failure}")
            })?;
            arrived.must_be(place, event)?;
        }
        let _ = self.report.send(());

        // A duplicate event would arrive here.
        tokio::select! {
            extra = socket.next() => return Err(format!("one too many: {:?}", extra?).into()),
            _ = self.leave.changed() => {}
        }
        socket.leave().await
    }

    async fn join(&self, socket: &mut Socket) -> Result<(), Failure> {
        #[derive(Deserialize)]
        struct Established {
            socket_id: SocketId,
        }

        let Established { socket_id } = socket
            .next()
            .await?
            .data_of("pusher:connection_established")?;
        let member = PresenceMember::new(format!("user-{}", self.number))?
            .user_info(json!({"name": format!("User {}", self.number)}))?;
        let channel = ChannelName::new(CHANNEL)?;
        let auth = self
            .app
            .authorize_presence_channel(&socket_id, &channel, member)?;
        socket
            .send(&json!({
                "event": "pusher:subscribe",
                "data": {
                    "channel": channel,
                    "auth": auth.auth(),
                    "channel_data": auth.channel_data(),
                },
            }))
            .await?;
        socket
            .next()
            .await?
            .data_of("pusher_internal:subscription_succeeded")
            .map(|_: serde_json::Value| ())
    }
}

#[derive(Debug, Deserialize)]
struct Frame {
    event: String,
    #[serde(default)]
    channel: Option<String>,
    #[serde(default)]
    data: Option<String>,
}

impl Frame {
    fn must_be(&self, place: usize, event: &Event) -> Result<(), Failure> {
        let is_it = *event.name() == self.event.as_str()
            && self.channel.as_deref() == Some(CHANNEL)
            && self.data.as_ref().map(EventData::raw).as_ref() == Some(event.data());
        if is_it {
            return Ok(());
        }
        Err(format!("event {place} was due, and this came: {self:?}").into())
    }

    fn data_of<T: DeserializeOwned>(&self, event: &str) -> Result<T, Failure> {
        if self.event != event {
            return Err(format!("{event} was due, and this came: {self:?}").into());
        }
        Ok(serde_json::from_str(
            self.data.as_deref().unwrap_or_default(),
        )?)
    }
}

struct Socket(WebSocketStream<TcpStream>);

impl Socket {
    async fn connect(address: SocketAddr, key: &str) -> Result<Self, Failure> {
        let stream = TcpStream::connect(address).await?;
        let url = format!("ws://{address}/app/{key}?protocol=7&client=local_load&version=1");
        // The default of 128 KiB per client would be most of the memory that is measured.
        let config = WebSocketConfig::default().read_buffer_size(4 * 1024);
        let (socket, _) = client_async_with_config(url, stream, Some(config)).await?;
        Ok(Self(socket))
    }

    /// Returns the next message. Skips member events, and replies to pings.
    async fn next(&mut self) -> Result<Frame, Failure> {
        loop {
            let text = match timeout(PATIENCE, self.0.next()).await? {
                Some(message) => message?.into_text()?,
                None => return Err("the server has closed the connection".into()),
            };
            let frame: Frame =
                serde_json::from_str(&text).map_err(|error| format!("{error} in {text:?}"))?;
            match frame.event.as_str() {
                "pusher_internal:member_added" | "pusher_internal:member_removed" => {}
                "pusher:ping" => self.send(&json!({"event": "pusher:pong"})).await?,
                _ => return Ok(frame),
            }
        }
    }

    async fn send(&mut self, message: &serde_json::Value) -> Result<(), Failure> {
        Ok(self.0.send(Message::text(message.to_string())).await?)
    }

    /// Closes the connection, and waits until the server has closed it too.
    async fn leave(mut self) -> Result<(), Failure> {
        self.0.close(None).await?;
        let rest = async { while let Some(Ok(_)) = self.0.next().await {} };
        Ok(timeout(PATIENCE, rest).await?)
    }
}
