//! Messages are stored first; the event is only a notification.

use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::routing::get;
use axum::{Json, Router};
use pusher_http::{Pusher, SocketId};
use rusqlite::{Connection, Row};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::failed::Failed;
use crate::session::User;
use crate::{Chat, rooms};

/// In characters.
///
/// Even if each is escaped with 6 bytes, the event stays below the service's limit of 10,240 bytes.
const LONGEST_TEXT: usize = 1000;
const PAGE: usize = 100;

const COLUMNS: &str =
    "SELECT messages.id, room_id, client_id, user_id, users.name, text, sent_at_ms,
    (SELECT max(earlier.id) FROM messages AS earlier
        WHERE earlier.room_id = messages.room_id AND earlier.id < messages.id) AS previous
    FROM messages JOIN users ON users.id = messages.user_id";

#[derive(Serialize)]
struct Message {
    id: i64,
    /// The ID of the previous message in the room.
    ///
    /// A page without that message has missed something.
    previous: Option<i64>,
    client_id: String,
    user_id: i64,
    name: String,
    text: String,
    sent_at_ms: i64,
}

pub(crate) fn routes() -> Router<Chat> {
    Router::new().route("/rooms/{room}/messages", get(list).post(send))
}

#[derive(Deserialize)]
struct Asked {
    after: Option<i64>,
}

#[derive(Serialize)]
struct Listed {
    messages: Vec<Message>,
    /// Whether there may be more messages after the last of these.
    more: bool,
}

/// Lists the messages after an ID, oldest first; without an ID, lists the newest messages.
async fn list(
    State(chat): State<Chat>,
    user: User,
    Path(room_id): Path<i64>,
    Query(asked): Query<Asked>,
) -> Result<Json<Listed>, Failed> {
    let messages = chat.database.call(move |connection| {
        rooms::check_member(connection, room_id, user.id)?;
        match asked.after {
            Some(id) => after(connection, room_id, id),
            None => newest(connection, room_id),
        }
    });
    let messages = messages.await?;
    let more = asked.after.is_some() && messages.len() == PAGE;
    Ok(Json(Listed { messages, more }))
}

fn after(connection: &Connection, room_id: i64, id: i64) -> Result<Vec<Message>, Failed> {
    let sql = format!(
        "{COLUMNS} WHERE room_id = ?1 AND messages.id > ?2 ORDER BY messages.id LIMIT {PAGE}"
    );
    let mut query = connection.prepare_cached(&sql)?;
    let messages = query.query_map((room_id, id), message_of)?;
    Ok(messages.collect::<Result<_, _>>()?)
}

fn newest(connection: &Connection, room_id: i64) -> Result<Vec<Message>, Failed> {
    let sql = format!("{COLUMNS} WHERE room_id = ?1 ORDER BY messages.id DESC LIMIT {PAGE}");
    let mut query = connection.prepare_cached(&sql)?;
    let messages = query.query_map([room_id], message_of)?;
    let mut messages: Vec<_> = messages.collect::<Result<_, _>>()?;
    messages.reverse();
    Ok(messages)
}

#[derive(Deserialize)]
struct NewMessage {
    /// Created by the page, so that sending a message again does not duplicate it.
    client_id: Uuid,
    text: String,
}

/// Stores a message and notifies the room; returns 201, or 200 if it was already stored.
async fn send(
    State(chat): State<Chat>,
    user: User,
    Path(room_id): Path<i64>,
    headers: HeaderMap,
    Json(new): Json<NewMessage>,
) -> Result<(StatusCode, Json<Message>), Failed> {
    let sender = socket_id(&headers)?;
    let text = new.text.trim().to_owned();
    if text.is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(Failed::Malformed("A message has 1 to 1,000 characters."));
    }
    let client_id = new.client_id.to_string();
    let stored = chat.database.call(move |connection| {
        rooms::check_member(connection, room_id, user.id)?;
        store(connection, room_id, user.id, &client_id, &text)
    });
    let (status, message) = stored.await?;
    notify(&chat.pusher, room_id, &message, sender);
    Ok((status, Json(message)))
}

/// Returns the page's own connection, which already has the message.
fn socket_id(headers: &HeaderMap) -> Result<Option<SocketId>, Failed> {
    let Some(value) = headers.get("x-socket-id") else {
        return Ok(None);
    };
    let socket_id = value
        .to_str()
        .ok()
        .and_then(|text| SocketId::new(text).ok());
    match socket_id {
        Some(socket_id) => Ok(Some(socket_id)),
        None => Err(Failed::Malformed("X-Socket-ID is not a socket id.")),
    }
}

fn store(
    connection: &Connection,
    room_id: i64,
    user_id: i64,
    client_id: &str,
    text: &str,
) -> Result<(StatusCode, Message), Failed> {
    let sql = "INSERT INTO messages (room_id, user_id, client_id, text, sent_at_ms)
        VALUES (?1, ?2, ?3, ?4, CAST(unixepoch('subsec') * 1000 AS INTEGER))
        ON CONFLICT (user_id, client_id) DO NOTHING";
    let status = match connection.execute(sql, (room_id, user_id, client_id, text))? {
        0 => StatusCode::OK,
        _ => StatusCode::CREATED,
    };
    let sql = format!("{COLUMNS} WHERE user_id = ?1 AND client_id = ?2");
    let mut query = connection.prepare_cached(&sql)?;
    let (stored_in, message) = query.query_row((user_id, client_id), |row| {
        Ok((row.get::<_, i64>("room_id")?, message_of(row)?))
    })?;
    if stored_in != room_id || message.text != text {
        return Err(Failed::IdIsTaken);
    }
    Ok((status, message))
}

/// Triggers the event in the background.
///
/// The message is stored regardless of the outcome. The sender does not wait for the service, and
/// the event is sent even if the sender disconnects. A page that does not get the event notices the
/// gap at the next message, or when it reconnects.
///
/// If a message is sent again, its event is triggered again, because the outcome of the first
/// attempt is not known. Pages recognize the message by its ID.
fn notify(pusher: &Pusher, room_id: i64, message: &Message, sender: Option<SocketId>) {
    let call = pusher
        .trigger(rooms::channel(room_id), "message", message)
        .exclude(sender);
    let id = message.id;
    tokio::spawn(async move {
        if let Err(error) = call.await {
            eprintln!("message {id} is stored, and its event may be lost: {error}");
        }
    });
}

fn message_of(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        id: row.get("id")?,
        previous: row.get("previous")?,
        client_id: row.get("client_id")?,
        user_id: row.get("user_id")?,
        name: row.get("name")?,
        text: row.get("text")?,
        sent_at_ms: row.get("sent_at_ms")?,
    })
}
