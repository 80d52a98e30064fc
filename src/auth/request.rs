//! What the browser asks with: a form, a query or JSON, parsed into checked types.

use std::fmt;

use serde::de::{Error as _, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::Value;

use super::JsonpCallback;
use crate::channel::ChannelName;
use crate::error::Error;
use crate::socket_id::SocketId;

/// A browser's request to subscribe to a channel.
///
/// It also deserialises as the form, query or JSON extractor of any framework, and with the feature
/// `axum` it is an extractor by itself.
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
    /// The first parameter of this name. A JSON value that is no string is its JSON text.
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
    socket_id: Option<SocketId>,
    channel_name: Option<ChannelName>,
    callback: Option<JsonpCallback>,
    params: AuthParams,
}

impl Fields {
    fn add(&mut self, name: String, value: String) -> Result<(), Error> {
        match name.as_str() {
            "socket_id" => set(&mut self.socket_id, "socket_id", SocketId::new(value)?),
            "channel_name" => set(
                &mut self.channel_name,
                "channel_name",
                ChannelName::new(value)?,
            ),
            "callback" => set(&mut self.callback, "callback", JsonpCallback::new(value)?),
            _ => {
                self.params.0.push((name, value));
                Ok(())
            }
        }
    }

    fn from_pairs(text: &[u8]) -> Result<Self, Error> {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(text) {
            fields.add(name.into_owned(), value.into_owned())?;
        }
        Ok(fields)
    }

    fn from_json(body: &[u8]) -> Result<Self, Error> {
        serde_json::from_slice(body)
            .map_err(|error| Error::invalid("auth request", "", error.to_string()))
    }
}

/// A field that came twice could mean one thing here and another to whoever looked before.
fn set<T>(field: &mut Option<T>, name: &'static str, value: T) -> Result<(), Error> {
    if field.replace(value).is_some() {
        return Err(Error::invalid(
            "auth request",
            "",
            format!("{name} is given twice"),
        ));
    }
    Ok(())
}

fn required<T>(field: Option<T>, name: &'static str) -> Result<T, Error> {
    field.ok_or_else(|| Error::invalid("auth request", "", format!("{name} is missing")))
}

impl TryFrom<Fields> for ChannelAuthRequest {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        Ok(Self {
            socket_id: required(fields.socket_id, "socket_id")?,
            channel_name: required(fields.channel_name, "channel_name")?,
            callback: fields.callback,
            params: fields.params,
        })
    }
}

impl TryFrom<Fields> for UserAuthRequest {
    type Error = Error;

    fn try_from(fields: Fields) -> Result<Self, Error> {
        Ok(Self {
            socket_id: required(fields.socket_id, "socket_id")?,
            callback: fields.callback,
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

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                Fields::deserialize(deserializer)?
                    .try_into()
                    .map_err(D::Error::custom)
            }
        }
    };
}

request!(ChannelAuthRequest);
request!(UserAuthRequest);

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the fields of an auth request")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = Fields::default();
                while let Some(name) = map.next_key::<String>()? {
                    let value = match map.next_value()? {
                        Value::String(text) => text,
                        Value::Null if OWN_FIELDS.contains(&name.as_str()) => continue,
                        // A number, say, could lose a digit and so name another connection.
                        _ if OWN_FIELDS.contains(&name.as_str()) => {
                            return Err(A::Error::custom(format!("{name} is not a string")));
                        }
                        other => other.to_string(),
                    };
                    fields.add(name, value).map_err(A::Error::custom)?;
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}
