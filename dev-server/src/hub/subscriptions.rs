//! Joining and leaving channels, and the messages that other subscribers get.

use std::sync::Arc;
use std::time::Instant;

use serde_json::json;

use super::channel::Channel;
use super::{Hub, Member};
use crate::frame;
use pusher_http::SocketId;
use pusher_http::{ChannelKind, ChannelName};

const SUCCEEDED: &str = "pusher_internal:subscription_succeeded";

impl Hub {
    /// Subscribes a connection. Its channel authorization has already been checked.
    ///
    /// # Errors
    ///
    /// The message of the `pusher:error` to send.
    pub(crate) fn subscribe(
        &mut self,
        socket_id: &SocketId,
        channel: &str,
        member: Option<Member>,
    ) -> Result<(), String> {
        let Some(socket) = self.sockets.get_mut(socket_id) else {
            return Ok(());
        };
        if socket.channels.contains(channel) {
            return Err(format!("Existing subscription to channel {channel}"));
        }
        if socket.channels.len() >= self.settings.limits.channels_per_connection {
            return Err(format!(
                "Over the limit of {} channels of one connection",
                self.settings.limits.channels_per_connection
            ));
        }
        if let Some(member) = &member {
            let found = self.channels.get(channel);
            let is_there = found.is_some_and(|found| found.has_member(&member.user_id.0));
            let members = found.map_or(0, Channel::user_count);
            if !is_there && members >= self.settings.limits.presence_members {
                return Err(format!("The presence channel {channel} is full"));
            }
        }
        let name: Arc<str> = channel.into();
        socket.channels.insert(name.clone());

        let found = self.channels.entry(name.clone()).or_default();
        let was_empty = found.subscribers.is_empty();
        let added = member.as_ref().map(|member| {
            frame::protocol_event("pusher_internal:member_added", Some(channel), member)
        });
        let user_id: Option<Arc<str>> = member.as_ref().map(|m| m.user_id.0.as_str().into());
        let is_new = found.join(socket_id.clone(), member);
        let succeeded = if user_id.is_some() {
            frame::protocol_event(SUCCEEDED, Some(channel), &found.presence())
        } else {
            frame::text_event(SUCCEEDED, Some(channel), "{}")
        };
        socket.send(succeeded);

        if was_empty {
            self.announcements.occupied(&name);
        }
        if let (true, Some(user_id), Some(added)) = (is_new, &user_id, &added) {
            self.announcements.member_added(&name, user_id);
            self.broadcast(channel, added, Some(socket_id));
        }
        self.replay(socket_id, &name);
        self.count_changed(&name);
        Ok(())
    }

    pub(crate) fn unsubscribe(&mut self, socket_id: &SocketId, channel: &str) {
        let is_subscribed = self
            .sockets
            .get_mut(socket_id)
            .is_some_and(|socket| socket.channels.remove(channel));
        if is_subscribed {
            self.leave(socket_id, channel);
        }
    }

    /// Removes a connection from a channel, and notifies the remaining subscribers.
    pub(super) fn leave(&mut self, socket_id: &SocketId, channel: &str) {
        let name = self.channels.get_key_value(channel);
        let Some(name) = name.map(|(name, _)| name.clone()) else {
            return;
        };
        let Some(found) = self.channels.get_mut(channel) else {
            return;
        };
        let gone = found.leave(socket_id);
        let is_empty = found.subscribers.is_empty();
        if is_empty {
            self.channels.remove(channel);
        }
        if let Some(user_id) = gone {
            self.announcements
                .member_removed(&name, &user_id, self.settings.times.webhook_grace);
            let message = frame::protocol_event(
                "pusher_internal:member_removed",
                Some(channel),
                &json!({"user_id": user_id}),
            );
            self.broadcast(channel, &message, None);
        }
        if is_empty {
            self.announcements
                .vacated(&name, self.settings.times.webhook_grace);
        } else {
            self.count_changed(&name);
        }
    }

    /// Sends a cache channel's last event, or `pusher:cache_miss` if it has none.
    fn replay(&mut self, socket_id: &SocketId, channel: &Arc<str>) {
        if !ChannelName::new(&**channel).is_ok_and(|name| name.is_cache()) {
            return;
        }
        let message = if let Some(cached) = self.caches.get(channel, Instant::now()) {
            cached.message.clone()
        } else {
            self.announcements
                .tell(json!({"name": "cache_miss", "channel": channel}));
            frame::bare_event("pusher:cache_miss", Some(channel))
        };
        self.send(socket_id, message);
    }

    fn count_changed(&mut self, channel: &Arc<str>) {
        if !self.settings.switches.subscription_count_events
            || channel.starts_with('#')
            || ChannelKind::of(channel) == ChannelKind::Presence
        {
            return;
        }
        let count = self.counts(channel).subscriptions;
        let message = frame::protocol_event(
            "pusher_internal:subscription_count",
            Some(channel),
            &json!({"subscription_count": count}),
        );
        self.broadcast(channel, &message, None);
        self.announcements.tell(json!({
            "name": "subscription_count", "channel": channel, "subscription_count": count,
        }));
    }
}
