//! What the browser asks with: a form, a query or JSON, parsed into checked types.

use std::fmt;

use super::JsonpCallback;
use crate::channel::ChannelName;
use crate::error::Error;
use crate::json;
use crate::socket_id::SocketId;

/// A browser's request to subscribe to a channel.
///
/// It is parsed from the raw body or query, in any framework. With the feature `axum` it is an
/// extractor.
///
/// ```
/// use pusher_http::auth::ChannelAuthRequest;
///
/// let body = b"socket_id=1234.5678&channel_name=private-room-1&room_key=a%20b";
/// let request = ChannelAuthRequest::from_form(body)?;
/// assert_eq!(request.channel_name, "private-room-1");
/// assert_eq!(request.params.get("room_key"), Some("a b"));
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ChannelAuthRequest {
    /// The connection that asks.
    pub socket_id: SocketId,
    /// The channel it wants to join.
    pub channel_name: ChannelName,
    /// The JSONP callback, from a page on the `jsonp` transport.
    pub callback: Option<JsonpCallback>,
    /// What else the page sends.
    pub params: AuthParams,
}

/// A browser's request to sign in. See [`ChannelAuthRequest`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UserAuthRequest {
    /// The connection that asks.
    pub socket_id: SocketId,
    /// The JSONP callback, from a page on the `jsonp` transport.
    pub callback: Option<JsonpCallback>,
    /// What else the page sends.
    pub params: AuthParams,
}

/// The parameters that a page adds to its request, in the order sent. They are as trustworthy
/// as the browser.
///
/// `Debug` shows their names alone: the values may be a page's own tokens.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct AuthParams(Vec<(String, String)>);

impl fmt::Debug for AuthParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set()
            .entries(self.iter().map(|(name, _)| name))
            .finish()
    }
}

impl AuthParams {
    /// The first parameter of this name. A JSON value that is not a string is its JSON text, byte for
    /// byte.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, v)| v)
    }

    /// All parameters, in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }
}

/// The fields that are ours; all others are the page's own.
const OWN_FIELDS: [&str; 3] = ["socket_id", "channel_name", "callback"];

/// The fields of both requests, before any of them is required.
#[derive(Default)]
struct Fields {
    socket_id: Field<SocketId>,
    channel_name: Field<ChannelName>,
    callback: Field<JsonpCallback>,
    params: AuthParams,
}

/// A field that may come once. Inside it is what it says, or that it is `null`.
type Field<T> = Option<Option<T>>;

impl Fields {
    /// Adds a field; `None` is a JSON `null`.
    fn add(&mut self, name: &str, value: Option<&str>) -> Result<(), Error> {
        match name {
            "socket_id" => set(&mut self.socket_id, "socket_id", value, SocketId::new),
            "channel_name" => set(
                &mut self.channel_name,
                "channel_name",
                value,
                ChannelName::new,
            ),
            "callback" => set(&mut self.callback, "callback", value, JsonpCallback::new),
            _ => {
                let value = value.unwrap_or("null");
                self.params.0.push((name.to_owned(), value.to_owned()));
                Ok(())
            }
        }
    }

    fn from_pairs(text: &[u8]) -> Result<Self, Error> {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(text) {
            fields.add(&name, Some(&value))?;
        }
        Ok(fields)
    }

    fn from_json(body: &[u8]) -> Result<Self, Error> {
        let mut members = Vec::new();
        json::object(body, |reader, name| {
            members.push((name, reader.raw()?));
            Ok(())
        })
        .map_err(|error| Error::invalid("auth request", "", error.to_string()))?;
        let mut fields = Self::default();
        for (name, json) in members {
            if json == "null" {
                fields.add(&name, None)?;
                continue;
            }
            match json::string(json) {
                Some(text) => fields.add(&name, Some(&text))?,
                None if json.starts_with('"') => {
                    return Err(invalid(&name, "has half a surrogate pair"));
                }
                // A number as a socket id, say, would be ambiguous: 1234.10 is 1234.1.
                None if OWN_FIELDS.contains(&name.as_ref()) => {
                    return Err(invalid(&name, "is not a string"));
                }
                None => fields.add(&name, Some(json))?,
            }
        }
        Ok(fields)
    }
}

/// Sets a field that may come once: an upstream check may have read the other value.
fn set<'a, T>(
    field: &mut Field<T>,
    name: &str,
    value: Option<&'a str>,
    check: fn(&'a str) -> Result<T, Error>,
) -> Result<(), Error> {
    if field.is_some() {
        return Err(invalid(name, "is given twice"));
    }
    *field = Some(value.map(check).transpose()?);
    Ok(())
}

fn invalid(name: &str, reason: &str) -> Error {
    Error::invalid("auth request", "", format!("{name} {reason}"))
}

fn required<T>(field: Field<T>, name: &str) -> Result<T, Error> {
    field.flatten().ok_or_else(|| invalid(name, "is missing"))
}

impl TryFrom<Fields> for ChannelAuthRequest {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        Ok(Self {
            socket_id: required(fields.socket_id, "socket_id")?,
            channel_name: required(fields.channel_name, "channel_name")?,
            callback: fields.callback.flatten(),
            params: fields.params,
        })
    }
}

impl TryFrom<Fields> for UserAuthRequest {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        Ok(Self {
            socket_id: required(fields.socket_id, "socket_id")?,
            callback: fields.callback.flatten(),
            params: fields.params,
        })
    }
}

macro_rules! request {
    ($name:ident) => {
        impl $name {
            /// Parses an `application/x-www-form-urlencoded` body, as pusher-js posts it.
            ///
            /// # Errors
            ///
            /// [`Error::Invalid`] for a field that is missing, malformed or given twice.
            pub fn from_form(body: &[u8]) -> Result<Self, Error> {
                Fields::from_pairs(body)?.try_into()
            }

            /// Parses the query of a URL, without the question mark, as pages on the `jsonp`
            /// transport send it.
            ///
            /// # Errors
            ///
            /// As [`from_form`](Self::from_form).
            pub fn from_query(query: &str) -> Result<Self, Error> {
                Fields::from_pairs(query.as_bytes())?.try_into()
            }

            /// Parses a JSON object, as pages with a handler of their own send it.
            ///
            /// # Errors
            ///
            /// As [`from_form`](Self::from_form), and when it is not a JSON object.
            pub fn from_json(body: &[u8]) -> Result<Self, Error> {
                Fields::from_json(body)?.try_into()
            }
        }
    };
}

request!(ChannelAuthRequest);
request!(UserAuthRequest);
