//! The crate `pusher`, which the official list of libraries once named: on hyper 0.14.

use std::collections::HashMap;
use std::hint::black_box;
use std::net::SocketAddr;

use hyper_of_pusher::client::HttpConnector;
use pusher::{Member, Pusher, PusherBuilder, Webhook};
use serde::Serialize;
use serde_json::Value;

use super::calls::Caller;
use super::tokens::Signer;
use crate::Failure;
use crate::fixtures::{
    APP_ID, CATALOGUE, CHANNEL, CHANNELS, EVENT, KEY, OFFER, PRESENCE_CHANNEL, PRIVATE_CHANNEL,
    SECRET, SOCKET_ID, USER_ID, USER_INFO, WEBHOOK,
};
use crate::work::Work;

pub(crate) const NAME: &str = "pusher 0.4.5";

pub(crate) struct Peer(Pusher<HttpConnector>);

impl Peer {
    pub(crate) fn new(sink: SocketAddr) -> Self {
        let builder = PusherBuilder::new(APP_ID, KEY, SECRET);
        Self(builder.host(&sink.to_string()).finalize())
    }

    async fn send(&self, channels: &[&str], data: impl Serialize) -> Result<(), Failure> {
        let answer = self.0.trigger_multi(channels, EVENT, data).await?;
        match answer.event_ids {
            None => Ok(()),
            Some(_) => Err("the answer is read as another".into()),
        }
    }

    fn private(&self) -> Result<String, &str> {
        self.0
            .authenticate_private_channel(black_box(PRIVATE_CHANNEL), black_box(SOCKET_ID))
    }

    fn presence(&self) -> Result<String, &str> {
        let user_info = HashMap::from([("name", USER_INFO.name), ("role", USER_INFO.role)]);
        let member = Member {
            user_id: black_box(USER_ID),
            user_info: Some(user_info),
        };
        let (channel, socket_id) = (black_box(PRESENCE_CHANNEL), black_box(SOCKET_ID));
        self.0
            .authenticate_presence_channel(channel, socket_id, &member)
    }

    /// Its events are maps of texts.
    fn read(&self) -> Result<Webhook, &str> {
        let webhook = black_box(&*WEBHOOK);
        self.0.webhook(KEY, &webhook.signature, &webhook.body)
    }
}

impl Caller for Peer {
    /// It has no batches.
    fn offers(&self, work: Work) -> bool {
        matches!(work, Work::Trigger | Work::AtOnce | Work::Large)
    }

    async fn trigger(&self) -> Result<(), Failure> {
        self.send(&[CHANNEL], black_box(&OFFER)).await
    }

    async fn large(&self) -> Result<(), Failure> {
        self.send(&CHANNELS, black_box(&*CATALOGUE)).await
    }

    async fn batch(&self) -> Result<(), Failure> {
        Err("it has no batches".into())
    }
}

impl Signer for Peer {
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
            Work::PrivateToken => serde_json::from_str(&self.private()?)?,
            Work::PresenceToken => serde_json::from_str(&self.presence()?)?,
            _ => serde_json::to_value(self.read()?.events)?,
        })
    }
}
