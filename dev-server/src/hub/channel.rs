//! One channel: its subscribers, its members, and the data that it keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::json::Id;
use pusher_http::SocketId;

/// The subscribers of one channel. The channel exists as long as it has any.
#[derive(Default)]
pub(super) struct Channel {
    /// Each connection, with its user if this is a presence channel.
    pub(super) subscribers: BTreeMap<SocketId, Option<Arc<str>>>,
    members: BTreeMap<Arc<str>, Presence>,
}

struct Presence {
    info: Option<Box<RawValue>>,
    connections: usize,
}

/// A member, as in the signed `channel_data` and as sent to the other members.
#[derive(Deserialize, Serialize)]
pub(crate) struct Member {
    #[serde(serialize_with = "id_text")]
    pub(crate) user_id: Id,
    #[serde(default)]
    pub(crate) user_info: Option<Box<RawValue>>,
}

fn id_text<S: Serializer>(id: &Id, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&id.0)
}

impl Channel {
    pub(super) fn user_count(&self) -> usize {
        self.members.len()
    }

    pub(super) fn user_ids(&self) -> impl Iterator<Item = &str> {
        self.members.keys().map(AsRef::as_ref)
    }

    pub(super) fn has_member(&self, user_id: &str) -> bool {
        self.members.contains_key(user_id)
    }

    /// Adds a connection. Returns whether its member is new to the channel.
    pub(super) fn join(&mut self, socket_id: SocketId, member: Option<Member>) -> bool {
        let Some(member) = member else {
            self.subscribers.insert(socket_id, None);
            return false;
        };
        let user_id: Arc<str> = member.user_id.0.into();
        self.subscribers.insert(socket_id, Some(user_id.clone()));
        let presence = self.members.entry(user_id).or_insert(Presence {
            info: member.user_info,
            connections: 0,
        });
        presence.connections += 1;
        presence.connections == 1
    }

    /// Removes a connection. Returns its user if this was the user's last connection.
    pub(super) fn leave(&mut self, socket_id: &SocketId) -> Option<Arc<str>> {
        let user_id = self.subscribers.remove(socket_id)??;
        let presence = self.members.get_mut(&user_id)?;
        presence.connections -= 1;
        if presence.connections > 0 {
            return None;
        }
        self.members.remove(&user_id);
        Some(user_id)
    }

    /// Returns the member list that is sent to a new subscriber of a presence channel.
    pub(super) fn presence(&self) -> impl Serialize {
        #[derive(Serialize)]
        struct Data {
            presence: Members,
        }

        #[derive(Serialize)]
        struct Members {
            count: usize,
            ids: Vec<Arc<str>>,
            hash: BTreeMap<Arc<str>, Option<Box<RawValue>>>,
        }

        Data {
            presence: Members {
                count: self.members.len(),
                ids: self.members.keys().cloned().collect(),
                hash: self
                    .members
                    .iter()
                    .map(|(id, presence)| (id.clone(), presence.info.clone()))
                    .collect(),
            },
        }
    }
}
