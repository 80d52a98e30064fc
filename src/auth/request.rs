//! A browser's auth request, from a form, a query or JSON.

use std::borrow::Cow;
use std::fmt;

use super::JsonpCallback;
use crate::channel::ChannelName;
use crate::error::Error;
use crate::json;
use crate::socket_id::SocketId;

/// A browser's request to subscribe to a channel.
///
/// It can be parsed from the raw body or query in any framework. With the feature `axum` it is an
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
    /// The connection that sends the request.
    pub socket_id: SocketId,
    /// The channel to join.
    pub channel_name: ChannelName,
    /// The JSONP callback, if the page uses the `jsonp` transport.
    pub callback: Option<JsonpCallback>,
    /// The page's own parameters.
    pub params: AuthParams,
}

/// A browser's request to sign in. See [`ChannelAuthRequest`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct UserAuthRequest {
    /// The connection that sends the request.
    pub socket_id: SocketId,
    /// The JSONP callback, if the page uses the `jsonp` transport.
    pub callback: Option<JsonpCallback>,
    /// The page's own parameters.
    pub params: AuthParams,
}

/// The parameters that a page adds to its request, in the order sent.
///
/// They are only as trustworthy as the browser.
///
/// `Debug` shows only their names, since the values may be the page's own tokens.
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
    /// Returns the first parameter with this name.
    ///
    /// A JSON value that is not a string is returned as its JSON text, byte for byte.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find(|(key, _)| *key == name).map(|(_, v)| v)
    }

    /// Iterates over all parameters, in the order sent.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    fn add(&mut self, name: Cow<'_, str>, value: Cow<'_, str>) {
        self.0.push((name.into_owned(), value.into_owned()));
    }
}

/// The fields of both requests, each of which may occur once, and all other parameters.
#[derive(Default)]
struct Fields {
    socket_id: Field,
    channel_name: Field,
    callback: Field,
    params: AuthParams,
}

/// A field that may occur once: its text, or `None` for a JSON `null`.
type Field = Option<Option<String>>;

impl Fields {
    /// Returns the field with this name, if the protocol has one.
    fn own(&mut self, name: &str) -> Option<&mut Field> {
        match name {
            "socket_id" => Some(&mut self.socket_id),
            "channel_name" => Some(&mut self.channel_name),
            "callback" => Some(&mut self.callback),
            _ => None,
        }
    }

    fn set(field: &mut Field, name: &str, value: Option<String>) -> Result<(), Error> {
        // An upstream check may have read the other value.
        if field.is_some() {
            return Err(invalid(name, "is given twice"));
        }
        *field = Some(value);
        Ok(())
    }

    fn from_pairs(text: &[u8]) -> Result<Self, Error> {
        let mut fields = Self::default();
        for (name, value) in url::form_urlencoded::parse(text) {
            match fields.own(&name) {
                Some(field) => Self::set(field, &name, Some(value.into_owned()))?,
                None => fields.params.add(name, value),
            }
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
            let text = json::string(json);
            if text.is_none() && json.starts_with('"') {
                return Err(invalid(&name, "has half a surrogate pair"));
            }
            match fields.own(&name) {
                // A JSON number would be ambiguous: as a socket id, 1234.10 is the same number as
                // 1234.1.
                Some(_) if text.is_none() && json != "null" => {
                    return Err(invalid(&name, "is not a string"));
                }
                Some(field) => Self::set(field, &name, text.map(Cow::into_owned))?,
                None => fields.params.add(name, text.unwrap_or(Cow::Borrowed(json))),
            }
        }
        Ok(fields)
    }

    fn channel_auth(self) -> Result<ChannelAuthRequest, Error> {
        Ok(ChannelAuthRequest {
            socket_id: SocketId::new(required(self.socket_id, "socket_id")?)?,
            channel_name: ChannelName::new(required(self.channel_name, "channel_name")?)?,
            callback: checked_callback(self.callback)?,
            params: self.params,
        })
    }

    fn user_auth(self) -> Result<UserAuthRequest, Error> {
        Ok(UserAuthRequest {
            socket_id: SocketId::new(required(self.socket_id, "socket_id")?)?,
            callback: checked_callback(self.callback)?,
            params: self.params,
        })
    }
}

fn required(field: Field, name: &str) -> Result<String, Error> {
    field.flatten().ok_or_else(|| invalid(name, "is missing"))
}

fn checked_callback(field: Field) -> Result<Option<JsonpCallback>, Error> {
    field.flatten().map(JsonpCallback::new).transpose()
}

fn invalid(name: &str, reason: &str) -> Error {
    Error::invalid("auth request", "", format!("{name} {reason}"))
}

macro_rules! request {
    ($name:ident, $of_fields:path) => {
        impl $name {
            /// Parses an `application/x-www-form-urlencoded` body, as pusher-js sends it.
            ///
            /// # Errors
            ///
            /// [`Error::Invalid`] for a field that is missing, malformed or given twice.
            pub fn from_form(body: &[u8]) -> Result<Self, Error> {
                $of_fields(Fields::from_pairs(body)?)
            }

            /// Parses the query of a URL, without the question mark.
            ///
            /// Pages on the `jsonp` transport send their request this way.
            ///
            /// # Errors
            ///
            /// The errors of [`from_form`](Self::from_form).
            pub fn from_query(query: &str) -> Result<Self, Error> {
                Self::from_form(query.as_bytes())
            }

            /// Parses a JSON object, as pages with a custom handler send it.
            ///
            /// # Errors
            ///
            /// The errors of [`from_form`](Self::from_form), and [`Error::Invalid`] for anything
            /// except a JSON object.
            pub fn from_json(body: &[u8]) -> Result<Self, Error> {
                $of_fields(Fields::from_json(body)?)
            }
        }
    };
}

request!(ChannelAuthRequest, Fields::channel_auth);
request!(UserAuthRequest, Fields::user_auth);
