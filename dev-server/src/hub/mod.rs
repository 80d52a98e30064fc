//! The state of a running app: its connections, channels and users.
//!
//! The hub does no IO. It puts messages into the connections' queues and webhook events into a
//! list, and notifies the webhook task of new ones.

mod announce;
mod cache;
mod channel;
mod client_events;
mod socket;
mod subscriptions;
mod users;

pub(super) use announce::WebhookFact;
pub(super) use channel::Member;
pub(super) use socket::{Close, SignedIn, TOO_SLOW};

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::Utf8Bytes;
use tokio::sync::{Notify, mpsc, oneshot};

use self::announce::Announcements;
use self::cache::{Cached, Caches};
use self::channel::Channel;
use self::socket::Socket;
use self::users::Users;
use super::frame;
use super::settings::{Settings, later};
use pusher_http::ChannelName;
use pusher_http::SocketId;

pub(super) struct Hub {
    settings: Settings,
    sockets: HashMap<SocketId, Socket>,
    channels: BTreeMap<Arc<str>, Channel>,
    caches: Caches,
    users: Users,
    announcements: Announcements,
    /// The first half of all socket ids, so that they differ from those of another run.
    run: u32,
    next_socket: u64,
    /// Why new connections are rejected, if they are.
    shut: Option<Close>,
}

/// The counts of a channel that queries and triggers can request.
pub(super) struct Counts {
    pub(super) subscriptions: usize,
    pub(super) users: usize,
}

impl Hub {
    /// Creates a hub that notifies `webhook_bell` of anything new for webhooks to report.
    pub(super) fn new(settings: Settings, run: u32, webhook_bell: Arc<Notify>) -> Self {
        Self {
            run,
            settings,
            sockets: HashMap::new(),
            channels: BTreeMap::new(),
            caches: Caches::default(),
            users: Users::default(),
            announcements: Announcements::new(webhook_bell),
            next_socket: 1,
            shut: None,
        }
    }

    /// Accepts a connection.
    ///
    /// # Errors
    ///
    /// How to close the connection, if there are too many or the server has ended.
    pub(super) fn connect(
        &mut self,
        outbox: mpsc::Sender<Utf8Bytes>,
        end: oneshot::Sender<Close>,
    ) -> Result<SocketId, Close> {
        let over_quota = Close {
            code: 4004,
            reason: "Application is over its connection quota",
        };
        if let Some(close) = self.shut {
            return Err(close);
        }
        if self.sockets.len() >= self.settings.limits.connections {
            return Err(over_quota);
        }
        let id = format!("{}.{}", self.run, self.next_socket);
        let socket_id = SocketId::new(id).map_err(|_| over_quota)?;
        self.next_socket += 1;
        self.sockets
            .insert(socket_id.clone(), Socket::new(outbox, end));
        Ok(socket_id)
    }

    /// Removes a connection from all its channels, and signs it out.
    pub(super) fn disconnect(&mut self, socket_id: &SocketId) {
        let Some(socket) = self.sockets.remove(socket_id) else {
            return;
        };
        for channel in socket.channels {
            self.leave(socket_id, &channel);
        }
        if let Some(user) = socket.user {
            self.sign_out(socket_id, &user);
        }
    }

    /// Closes all connections, as a restart of the service does.
    pub(super) fn close_all(&mut self, close: Close) {
        for socket in self.sockets.values_mut() {
            socket.close(close);
        }
    }

    /// Closes all connections for good, and rejects those not accepted yet.
    pub(super) fn shut(&mut self, close: Close) {
        self.shut = Some(close);
        self.close_all(close);
    }

    pub(super) fn send(&mut self, socket_id: &SocketId, message: Utf8Bytes) {
        if let Some(socket) = self.sockets.get_mut(socket_id) {
            socket.send(message);
        }
    }

    /// Sends a message to all subscribers of a channel, with at most one exception.
    pub(super) fn broadcast(
        &mut self,
        channel: &str,
        message: &Utf8Bytes,
        except: Option<&SocketId>,
    ) {
        let Some(subscribers) = self.channels.get(channel).map(|found| &found.subscribers) else {
            return;
        };
        for socket_id in subscribers.keys().filter(|id| Some(*id) != except) {
            if let Some(socket) = self.sockets.get_mut(socket_id) {
                socket.send(message.clone());
            }
        }
    }

    /// Delivers a server's event, and keeps it if the channel is a cache channel.
    pub(super) fn trigger(
        &mut self,
        channel: &str,
        event: &str,
        data: &str,
        except: Option<&SocketId>,
    ) {
        let message = frame::text_event(event, Some(channel), data);
        self.broadcast(channel, &message, except);
        if ChannelName::new(channel).is_ok_and(|name| name.is_cache()) {
            let now = Instant::now();
            let cached = Cached {
                message,
                data: data.to_owned(),
                until: later(now, self.settings.times.cache),
            };
            self.caches.keep(channel.into(), cached, now);
        }
    }

    /// Returns a cache channel's data, and for how many more seconds it is kept.
    pub(super) fn cached(&self, channel: &str) -> Option<(&str, u64)> {
        let now = Instant::now();
        let cached = self.caches.get(channel, now)?;
        let left = cached.until.duration_since(now);
        Some((&cached.data, left.as_secs().max(1)))
    }

    pub(super) fn counts(&self, channel: &str) -> Counts {
        let found = self.channels.get(channel);
        Counts {
            subscriptions: found.map_or(0, |found| found.subscribers.len()),
            users: found.map_or(0, Channel::user_count),
        }
    }

    /// Returns the occupied channels whose names begin with this prefix.
    pub(super) fn occupied(&self, prefix: &str) -> impl Iterator<Item = &str> {
        self.channels
            .keys()
            .map(AsRef::as_ref)
            .filter(move |name: &&str| name.starts_with(prefix))
    }

    pub(super) fn user_ids(&self, channel: &str) -> Vec<String> {
        self.channels
            .get(channel)
            .map(|found| found.user_ids().map(str::to_owned).collect())
            .unwrap_or_default()
    }

    /// Takes the facts that webhooks should report now.
    ///
    /// Also returns when to ask again for facts that have to wait.
    pub(super) fn take_facts(&mut self, now: Instant) -> (Vec<WebhookFact>, Option<Instant>) {
        self.announcements.take(now)
    }
}
