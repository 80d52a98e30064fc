//! This crate.

use std::hint::black_box;
use std::net::SocketAddr;

use http::HeaderMap;
use pusher_http::client::HyperClient;
use pusher_http::webhook::{ClientEvent, WebhookSignature};
use pusher_http::{
    Builder, ChannelAuth, ChannelName, PresenceMember, Pusher, SocketId, Webhook, WebhookEvent,
};
use serde_json::{Value, json};

use super::calls::Caller;
use super::tokens::Signer;
use crate::Failure;
use crate::fixtures::{
    APP_ID, CATALOGUE, CHANNEL, CHANNELS, EVENT, KEY, OFFER, PRESENCE_CHANNEL, PRIVATE_CHANNEL,
    SECRET, SOCKET_ID, USER_ID, USER_INFO, WEBHOOK,
};
use crate::work::Work;

/// The client with its defaults, which sends on reqwest.
pub(crate) fn pusher(sink: SocketAddr) -> Result<Pusher, Failure> {
    Ok(builder(sink).build()?)
}

/// The client that sends on hyper.
pub(crate) fn pusher_on_hyper(sink: SocketAddr) -> Result<Pusher, Failure> {
    Ok(builder(sink).http_client(HyperClient::new()?).build()?)
}

pub(crate) fn builder(sink: SocketAddr) -> Builder {
    Pusher::builder(APP_ID, KEY, SECRET)
        .host(sink.ip().to_string())
        .port(sink.port())
        .tls(false)
}

/// The calls of any such client.
pub(crate) struct Calls(Pusher);

impl Calls {
    pub(crate) fn new(pusher: Pusher) -> Self {
        Self(pusher)
    }
}

impl Caller for Calls {
    async fn trigger(&self) -> Result<(), Failure> {
        let answer = self.0.trigger(CHANNEL, EVENT, black_box(&OFFER)).await?;
        expect(answer.channels.is_empty())
    }

    async fn large(&self) -> Result<(), Failure> {
        let data = black_box(&*CATALOGUE);
        let answer = self.0.trigger(CHANNELS, EVENT, data).await?;
        expect(answer.channels.is_empty())
    }

    async fn batch(&self) -> Result<(), Failure> {
        let events = CHANNELS.map(|channel| (channel, EVENT, black_box(&OFFER)));
        let answer = self.0.trigger_batch(events).await?;
        expect(answer.counts.len() == CHANNELS.len())
    }
}

fn expect(is_as_expected: bool) -> Result<(), Failure> {
    if is_as_expected {
        return Ok(());
    }
    Err("the answer is read as another".into())
}

/// Names and socket ids are types here, which a browser's request is parsed into beforehand.
pub(crate) struct Tokens {
    pusher: Pusher,
    socket_id: SocketId,
    private: ChannelName,
    presence: ChannelName,
    headers: HeaderMap,
}

impl Tokens {
    pub(crate) fn new(nowhere: SocketAddr) -> Result<Self, Failure> {
        let pusher = pusher(nowhere)?;
        Ok(Self {
            socket_id: SocketId::new(SOCKET_ID)?,
            private: ChannelName::new(PRIVATE_CHANNEL)?,
            presence: ChannelName::new(PRESENCE_CHANNEL)?,
            headers: WebhookSignature::new(pusher.app().credentials(), WEBHOOK.body.as_bytes())
                .headers(),
            pusher,
        })
    }

    fn private(&self) -> Result<ChannelAuth, pusher_http::Error> {
        self.pusher
            .authorize_channel(black_box(&self.socket_id), black_box(&self.private))
    }

    fn presence(&self) -> Result<ChannelAuth, pusher_http::Error> {
        let member = PresenceMember::new(black_box(USER_ID))?.user_info(black_box(&USER_INFO))?;
        let (socket_id, channel) = (black_box(&self.socket_id), black_box(&self.presence));
        self.pusher
            .authorize_presence_channel(socket_id, channel, member)
    }

    fn read(&self) -> Result<Webhook, pusher_http::Error> {
        self.pusher
            .webhook(black_box(&self.headers), black_box(&WEBHOOK.body))
    }
}

impl Signer for Tokens {
    fn private_token(&self) -> impl Sized {
        self.private()
    }

    fn presence_token(&self) -> impl Sized {
        self.presence()
    }

    fn webhook(&self) -> impl Sized {
        self.read()
    }

    fn sample(&self, work: Work) -> Result<Value, Failure> {
        Ok(match work {
            Work::PrivateToken => serde_json::to_value(self.private()?)?,
            Work::PresenceToken => serde_json::to_value(self.presence()?)?,
            _ => self.read()?.events.iter().map(fields).collect(),
        })
    }
}

/// An event as the service wrote it, where it is of the fixture's kinds.
fn fields(event: &WebhookEvent) -> Value {
    let name = event.name();
    match event {
        WebhookEvent::ChannelOccupied { channel, .. }
        | WebhookEvent::ChannelVacated { channel, .. } => json!({"name": name, "channel": channel}),
        WebhookEvent::MemberAdded {
            channel, user_id, ..
        }
        | WebhookEvent::MemberRemoved {
            channel, user_id, ..
        } => {
            json!({"name": name, "channel": channel, "user_id": user_id})
        }
        WebhookEvent::ClientEvent(ClientEvent {
            channel,
            event,
            data,
            socket_id,
            user_id,
            ..
        }) => {
            let socket_id = socket_id.as_ref().map(SocketId::as_str);
            let mut fields = json!({
                "name": name, "channel": channel, "event": event, "data": data,
                "socket_id": socket_id,
            });
            if let Some(user_id) = user_id {
                fields["user_id"] = json!(user_id);
            }
            fields
        }
        _ => Value::Null,
    }
}
