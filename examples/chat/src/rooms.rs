//! Rooms, their members and their channels.

use rusqlite::Connection;
use serde::Serialize;

use crate::failed::Failed;

#[derive(Serialize)]
pub(crate) struct Room {
    id: i64,
    name: String,
    /// Whether the user who sent the request is a member.
    is_member: bool,
}

/// Returns all rooms, with their names, including rooms that are closed to this user.
pub(crate) fn all(connection: &Connection, user_id: i64) -> Result<Vec<Room>, Failed> {
    let sql = "SELECT id, name,
        EXISTS (SELECT 1 FROM memberships WHERE room_id = rooms.id AND user_id = ?1) AS is_member
        FROM rooms ORDER BY id";
    let mut query = connection.prepare_cached(sql)?;
    let rooms = query.query_map([user_id], |row| {
        Ok(Room {
            id: row.get("id")?,
            name: row.get("name")?,
            is_member: row.get("is_member")?,
        })
    })?;
    Ok(rooms.collect::<Result<_, _>>()?)
}

/// Rejects a room that does not exist, or of which this user is not a member.
///
/// The error does not tell which of the two it is.
pub(crate) fn check_member(
    connection: &Connection,
    room_id: i64,
    user_id: i64,
) -> Result<(), Failed> {
    let sql = "SELECT 1 FROM memberships WHERE room_id = ?1 AND user_id = ?2";
    let mut query = connection.prepare_cached(sql)?;
    if query.exists((room_id, user_id))? {
        Ok(())
    } else {
        Err(Failed::NoMember)
    }
}

pub(crate) fn channel(room_id: i64) -> String {
    format!("presence-room-{room_id}")
}

/// Returns the room of a channel: the exact inverse of [`channel`].
pub(crate) fn of_channel(name: &str) -> Option<i64> {
    let room_id = name.strip_prefix("presence-room-")?.parse().ok()?;
    (channel(room_id) == name).then_some(room_id)
}
