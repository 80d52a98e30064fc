//! The messages of [protocol 7][]: those that the server writes, and those that clients send.
//!
//! [protocol 7]: https://pusher.com/docs/channels/library_auth_reference/pusher-websockets-protocol/

use axum::extract::ws::Utf8Bytes;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A message of a client. Its data has not been parsed yet.
#[derive(Deserialize)]
pub(super) struct ClientFrame<'a> {
    pub(super) event: String,
    #[serde(default)]
    pub(super) channel: Option<String>,
    #[serde(default, borrow)]
    pub(super) data: Option<&'a RawValue>,
}

#[derive(Serialize)]
struct ServerFrame<'a, D: Serialize> {
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<D>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<&'a str>,
}

fn frame<D: Serialize>(frame: &ServerFrame<'_, D>) -> Utf8Bytes {
    // Contains only strings and JSON values, so serialising can't fail.
    serde_json::to_string(frame).unwrap_or_default().into()
}

/// Creates an event of the protocol itself. Its data is sent as a JSON string.
pub(super) fn protocol_event<D: Serialize + ?Sized>(
    event: &str,
    channel: Option<&str>,
    data: &D,
) -> Utf8Bytes {
    let data = serde_json::to_string(data).unwrap_or_default();
    text_event(event, channel, &data)
}

/// Creates an event with data that is already a string.
pub(super) fn text_event(event: &str, channel: Option<&str>, data: &str) -> Utf8Bytes {
    frame(&ServerFrame {
        event,
        channel,
        data: Some(data),
        user_id: None,
    })
}

/// Creates an event without data.
pub(super) fn bare_event(event: &str, channel: Option<&str>) -> Utf8Bytes {
    frame(&ServerFrame::<&str> {
        event,
        channel,
        data: None,
        user_id: None,
    })
}

/// Creates a client's event for the other subscribers, with its data as the client wrote it.
pub(super) fn client_event(
    event: &str,
    channel: &str,
    data: Option<&RawValue>,
    user_id: Option<&str>,
) -> Utf8Bytes {
    frame(&ServerFrame {
        event,
        channel: Some(channel),
        data,
        user_id,
    })
}

/// Creates a `pusher:error`. Its data is an object.
pub(super) fn error(code: Option<u16>, message: &str) -> Utf8Bytes {
    #[derive(Serialize)]
    struct Data<'a> {
        code: Option<u16>,
        message: &'a str,
    }

    frame(&ServerFrame {
        event: "pusher:error",
        channel: None,
        data: Some(Data { code, message }),
        user_id: None,
    })
}
