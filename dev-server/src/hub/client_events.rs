//! Client events: who may send them, and who receives them.

use std::time::Instant;

use serde_json::json;
use serde_json::value::RawValue;

use super::Hub;
use crate::frame;
use crate::json::text_of;
use pusher_http::ChannelKind;
use pusher_http::EventName;
use pusher_http::SocketId;

impl Hub {
    /// Relays a client's event to the other subscribers of its channel.
    ///
    /// # Errors
    ///
    /// The code and the message of the `pusher:error` to send.
    pub(crate) fn client_event(
        &mut self,
        socket_id: &SocketId,
        channel: &str,
        event: &str,
        data: Option<&RawValue>,
    ) -> Result<(), (Option<u16>, String)> {
        if !self.settings.switches.client_events {
            // The hosted service's message, which a page may look for.
            let words = "To send client events, you must enable this feature in the Settings page \
                         of your dashboard.";
            return Err((None, words.to_owned()));
        }
        if !matches!(
            ChannelKind::of(channel),
            ChannelKind::Private | ChannelKind::Presence
        ) {
            let words = "Client events are for private and presence channels only";
            return Err((None, words.to_owned()));
        }
        let Some(socket) = self.sockets.get_mut(socket_id) else {
            return Ok(());
        };
        if !socket.channels.contains(channel) {
            let words = format!("Client event rejected - not subscribed to {channel}");
            return Err((None, words));
        }
        let chars = event.chars().count();
        if chars > EventName::MAX_CHARS {
            let words = format!("Client event rejected - the event's name has {chars} characters");
            return Err((None, words));
        }
        if data.is_some_and(|data| data.get().len() > self.settings.limits.client_event_bytes) {
            let words = "Client event rejected - data over the limit".to_owned();
            return Err((None, words));
        }
        let per_second = self.settings.limits.client_events_per_second;
        if !socket.may_send_client_event(Instant::now(), per_second) {
            let words = "Client event rejected - rate limit exceeded".to_owned();
            return Err((Some(4301), words));
        }
        let user_id = self
            .channels
            .get(channel)
            .and_then(|found| found.subscribers.get(socket_id).cloned())
            .flatten();
        let message = frame::client_event(event, channel, data, user_id.as_deref());
        self.broadcast(channel, &message, Some(socket_id));

        let mut fact = json!({
            "name": "client_event", "channel": channel, "event": event,
            "socket_id": socket_id,
        });
        if let Some(data) = data {
            // The hosted service reports it as a string, even if the client sent another JSON
            // value.
            fact["data"] = json!(text_of(data));
        }
        if let Some(user_id) = user_id {
            fact["user_id"] = json!(user_id);
        }
        self.announcements.tell(fact);
        Ok(())
    }
}
