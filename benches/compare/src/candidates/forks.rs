//! `pushers`, and `sockudo-http`, which was made of it: on reqwest 0.12.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::net::SocketAddr;

use serde::Serialize;
use serde_json::Value;

use super::calls::Caller;
use super::tokens::Signer;
use super::wires::expect_empty_object;
use crate::Failure;
use crate::fixtures::{
    APP_ID, CATALOGUE, CHANNEL, CHANNELS, EVENT, KEY, OFFER, PRESENCE_CHANNEL, PRIVATE_CHANNEL,
    SECRET, SOCKET_ID, USER_ID, USER_INFO, WEBHOOK,
};
use crate::work::Work;

pub(crate) const PUSHERS: &str = "pushers 1.5.0";
pub(crate) const SOCKUDO: &str = "sockudo-http 2.2.0";

macro_rules! fork {
    ($name:ident is $client:ident of $library:ident) => {
        pub(crate) struct $name {
            client: $library::$client,
            channel: $library::Channel,
            channels: Vec<$library::Channel>,
            private: $library::Channel,
            presence: $library::Channel,
            headers: BTreeMap<String, String>,
        }

        impl $name {
            pub(crate) fn new(sink: SocketAddr) -> Result<Self, Failure> {
                let config = $library::Config::builder()
                    .app_id(APP_ID)
                    .key(KEY)
                    .secret(SECRET)
                    .host(sink.ip().to_string())
                    .port(sink.port())
                    .use_tls(false)
                    // By default 10, and of 32 at once most would connect anew.
                    .pool_max_idle_per_host(usize::MAX)
                    .build()?;
                let headers = [
                    ("content-type", "application/json"),
                    ("x-pusher-key", KEY),
                    ("x-pusher-signature", &WEBHOOK.signature),
                ];
                let channel = |name: &str| $library::Channel::from_string(name);
                Ok(Self {
                    client: $library::$client::new(config)?,
                    channel: channel(CHANNEL)?,
                    channels: CHANNELS.into_iter().map(channel).collect::<Result<_, _>>()?,
                    private: channel(PRIVATE_CHANNEL)?,
                    presence: channel(PRESENCE_CHANNEL)?,
                    headers: headers
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .into(),
                })
            }

            async fn send(
                &self,
                channels: &[$library::Channel],
                data: &impl Serialize,
            ) -> Result<(), Failure> {
                let data = serde_json::to_string(data)?;
                let answer = self.client.trigger(channels, EVENT, data, None).await?;
                let status = answer.status();
                expect_empty_object(status, &answer.bytes().await?)
            }

            fn private(&self) -> $library::Result<$library::SocketAuth> {
                self.client
                    .authorize_channel(black_box(SOCKET_ID), black_box(&self.private), None)
            }

            fn presence(&self) -> $library::Result<$library::SocketAuth> {
                let member = sonic_rs::json!({
                    "user_id": black_box(USER_ID),
                    "user_info": {"name": USER_INFO.name, "role": USER_INFO.role},
                });
                let (socket_id, channel) = (black_box(SOCKET_ID), black_box(&self.presence));
                self.client
                    .authorize_channel(socket_id, channel, Some(&member))
            }

            fn read(&self) -> Result<Vec<$library::WebhookEvent>, Failure> {
                let webhook = self.client.webhook(&self.headers, &black_box(&*WEBHOOK).body);
                if !webhook.is_valid(None) {
                    return Err("it refuses the webhook".into());
                }
                Ok(webhook.get_events()?)
            }
        }

        impl Caller for $name {
            async fn trigger(&self) -> Result<(), Failure> {
                self.send(std::slice::from_ref(&self.channel), black_box(&OFFER))
                    .await
            }

            async fn large(&self) -> Result<(), Failure> {
                self.send(&self.channels, black_box(&*CATALOGUE)).await
            }

            async fn batch(&self) -> Result<(), Failure> {
                let event = |channel| {
                    let data = serde_json::to_string(black_box(&OFFER))?;
                    Ok($library::BatchEvent::new(EVENT, channel, data))
                };
                let events: Vec<_> = CHANNELS
                    .into_iter()
                    .map(event)
                    .collect::<serde_json::Result<_>>()?;
                let answer = self.client.trigger_batch(events).await?;
                let status = answer.status();
                expect_empty_object(status, &answer.bytes().await?)
            }
        }

        impl Signer for $name {
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
                    _ => {
                        let events = self.read()?;
                        let fields = events.iter().map(|event| event.to_hashmap());
                        serde_json::to_value(fields.collect::<Vec<_>>())?
                    }
                })
            }
        }
    };
}

fork!(Pushers is Pusher of pushers);
fork!(Sockudo is Sockudo of sockudo_http);
