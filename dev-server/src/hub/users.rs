//! Signed-in users: their connections, their watchers, and the end of both.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use super::Hub;
use super::socket::{Close, SignedIn};
use crate::frame;
use pusher_http::SocketId;

/// The connections of each user, and the connections that watch each user.
#[derive(Default)]
pub(super) struct Users {
    connections: BTreeMap<String, BTreeSet<SocketId>>,
    watchers: BTreeMap<String, BTreeSet<SocketId>>,
}

impl Hub {
    /// Signs a connection in. Its signature has already been checked.
    ///
    /// `user_data` is sent back unchanged.
    ///
    /// # Errors
    ///
    /// The message of the `pusher:error` to send.
    pub(crate) fn sign_in(
        &mut self,
        socket_id: &SocketId,
        user: &SignedIn,
        user_data: &str,
    ) -> Result<(), &'static str> {
        let Some(socket) = self.sockets.get_mut(socket_id) else {
            return Ok(());
        };
        if socket.user.is_some() {
            return Err("The connection is signed in already");
        }
        socket.user = Some(user.clone());
        socket.send(frame::protocol_event(
            "pusher:signin_success",
            None,
            &json!({"user_data": user_data}),
        ));

        let connections = self.users.connections.entry(user.id.clone()).or_default();
        connections.insert(socket_id.clone());
        let is_first = connections.len() == 1;
        if is_first {
            self.tell_watchers(&user.id, "online");
        }
        // After that, so that a connection that watches its own user is notified once.
        for watched in &user.watchlist {
            let watchers = self.users.watchers.entry(watched.clone()).or_default();
            watchers.insert(socket_id.clone());
        }
        let online: Vec<_> = user
            .watchlist
            .iter()
            .filter(|watched| self.users.connections.contains_key(*watched))
            .cloned()
            .collect();
        if !online.is_empty() {
            self.send(socket_id, watchlist_events("online", &online));
        }
        Ok(())
    }

    /// Whether this connection is signed in as this user.
    pub(crate) fn is_signed_in(&self, socket_id: &SocketId, user_id: &str) -> bool {
        self.sockets
            .get(socket_id)
            .and_then(|socket| socket.user.as_ref())
            .is_some_and(|user| user.id == user_id)
    }

    /// Ends all connections of a user.
    pub(crate) fn terminate(&mut self, user_id: &str) {
        let Some(connections) = self.users.connections.get(user_id) else {
            return;
        };
        for socket_id in connections {
            if let Some(socket) = self.sockets.get_mut(socket_id) {
                socket.close(Close {
                    code: 4009,
                    reason: "You got disconnected by the app.",
                });
            }
        }
    }

    pub(super) fn sign_out(&mut self, socket_id: &SocketId, user: &SignedIn) {
        for watched in &user.watchlist {
            remove(&mut self.users.watchers, watched, socket_id);
        }
        if remove(&mut self.users.connections, &user.id, socket_id) {
            self.tell_watchers(&user.id, "offline");
        }
    }

    fn tell_watchers(&mut self, user_id: &str, name: &str) {
        let watchers = self.users.watchers.get(user_id).cloned();
        for socket_id in watchers.unwrap_or_default() {
            self.send(&socket_id, watchlist_events(name, &[user_id.to_owned()]));
        }
    }
}

fn watchlist_events(name: &str, user_ids: &[String]) -> axum::extract::ws::Utf8Bytes {
    frame::protocol_event(
        "pusher_internal:watchlist_events",
        None,
        &json!({"events": [{"name": name, "user_ids": user_ids}]}),
    )
}

/// Removes a connection from an entry. Returns whether it was the entry's last.
fn remove(
    entries: &mut BTreeMap<String, BTreeSet<SocketId>>,
    id: &str,
    socket_id: &SocketId,
) -> bool {
    let Some(entry) = entries.get_mut(id) else {
        return false;
    };
    entry.remove(socket_id);
    if entry.is_empty() {
        entries.remove(id);
        return true;
    }
    false
}
