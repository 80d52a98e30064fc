//! Channel authorization and user authentication for browsers.
//!
//! These functions only sign. They need a key and a secret, but no app, no client and no clock.
//! [`App`](crate::App) and `Pusher` call them and also check the server's [limits](crate::Limits).
//! Before you call one, check that this user may join the channel: anyone who has the authorization
//! can join.
//!
//! ```
//! use pusher_http::{ChannelName, Credentials, PresenceMember, SocketId, UserData, auth};
//!
//! let credentials = Credentials::new("278d425bdf160c739803", "7ad3773142a6692b25b8")?;
//! let socket_id = SocketId::new("1234.1234")?;
//!
//! let channel = ChannelName::new("private-foobar")?;
//! let authorization = auth::private_channel(&credentials, &socket_id, &channel)?;
//! assert_eq!(
//!     authorization.to_json(),
//!     r#"{"auth":"278d425bdf160c739803:58df8b0c36d6982b82c3ecf6b4662e34fe8c25bba48f5369f135bf843651c3a4"}"#,
//! );
//!
//! let channel = ChannelName::new("presence-room-1")?;
//! let member = PresenceMember::new("42")?;
//! let authorization = auth::presence_channel(&credentials, &socket_id, &channel, &member)?;
//! assert_eq!(authorization.channel_data(), Some(r#"{"user_id":"42"}"#));
//!
//! let user = auth::user(&credentials, &socket_id, &UserData::new("42")?)?;
//! assert_eq!(user.user_data(), r#"{"id":"42"}"#);
//! # Ok::<(), pusher_http::Error>(())
//! ```
//!
//! The signatures follow
//! [`auth-signatures`](https://pusher.com/docs/channels/library_auth_reference/auth-signatures/).

mod jsonp;
mod request;
mod response;

pub use jsonp::JsonpCallback;
pub use request::{AuthParams, ChannelAuthRequest, UserAuthRequest};
pub use response::{ChannelAuth, UserAuth};

use crate::channel::{ChannelKind, ChannelName};
use crate::credentials::Credentials;
use crate::encryption::SharedSecret;
use crate::error::Error;
use crate::presence_member::PresenceMember;
use crate::socket_id::SocketId;
use crate::user_data::UserData;

/// Authorizes a connection to subscribe to a private channel.
///
/// # Errors
///
/// [`Error::Invalid`] for a channel of another kind, and for a name with `:`; see
/// [`Limits::channel_name_colons`](field@crate::Limits::channel_name_colons), with which an
/// [`App`](crate::App) authorizes these.
pub fn private_channel(
    credentials: &Credentials,
    socket_id: &SocketId,
    channel: &ChannelName,
) -> Result<ChannelAuth, Error> {
    check_kind(channel, ChannelKind::Private)?;
    check_no_colon(channel)?;
    Ok(without_member(credentials, socket_id, channel, None))
}

/// Authorizes a connection to subscribe to an encrypted channel.
///
/// The authorization contains the channel's secret, which
/// [`MasterKey::shared_secret`](crate::encryption::MasterKey::shared_secret) returns.
///
/// # Errors
///
/// The errors of [`private_channel`].
pub fn encrypted_channel(
    credentials: &Credentials,
    socket_id: &SocketId,
    channel: &ChannelName,
    shared_secret: &SharedSecret,
) -> Result<ChannelAuth, Error> {
    check_kind(channel, ChannelKind::Encrypted)?;
    check_no_colon(channel)?;
    Ok(without_member(
        credentials,
        socket_id,
        channel,
        Some(shared_secret),
    ))
}

/// Authorizes a connection to subscribe to a presence channel as this member.
///
/// # Errors
///
/// [`Error::Invalid`] for a channel of another kind.
pub fn presence_channel(
    credentials: &Credentials,
    socket_id: &SocketId,
    channel: &ChannelName,
    member: &PresenceMember,
) -> Result<ChannelAuth, Error> {
    check_kind(channel, ChannelKind::Presence)?;
    let data = member.channel_data()?;
    let signed = [socket_id.as_str(), ":", channel.as_str(), ":", &data];
    let auth = credentials.auth_string(&signed);
    Ok(ChannelAuth::new(auth, Some(data), None))
}

/// Authenticates a user on a connection.
///
/// # Errors
///
/// [`Error::Serialize`] if the user data can't be written as JSON.
pub fn user(
    credentials: &Credentials,
    socket_id: &SocketId,
    user: &UserData,
) -> Result<UserAuth, Error> {
    let data = user.user_data()?;
    let auth = credentials.auth_string(&[socket_id.as_str(), "::user::", &data]);
    Ok(UserAuth::new(auth, data))
}

/// The authorization of a channel without members, of the right kind and within the limits.
pub(crate) fn without_member(
    credentials: &Credentials,
    socket_id: &SocketId,
    channel: &ChannelName,
    shared_secret: Option<&SharedSecret>,
) -> ChannelAuth {
    let auth = credentials.auth_string(&[socket_id.as_str(), ":", channel.as_str()]);
    ChannelAuth::new(auth, None, shared_secret.map(SharedSecret::to_base64))
}

/// Some servers sign any data on channels without members, and so read the part of a name after a
/// colon as data of another channel.
fn check_no_colon(channel: &ChannelName) -> Result<(), Error> {
    if !channel.as_str().contains(':') {
        return Ok(());
    }
    let reason = "some servers read the part after a colon as data: authorize it with an App whose \
                  Limits::channel_name_colons is set";
    Err(Error::invalid("channel name", channel, reason))
}

pub(crate) fn check_kind(channel: &ChannelName, expected: ChannelKind) -> Result<(), Error> {
    let kind = channel.kind();
    if kind == expected {
        return Ok(());
    }
    let reason = match kind {
        ChannelKind::Public => "a public channel needs no authorization",
        ChannelKind::Private => "a private channel has neither a member nor a shared secret",
        ChannelKind::Encrypted => "an encrypted channel needs its shared secret, and has no member",
        ChannelKind::Presence => "a presence channel needs a member",
    };
    Err(Error::invalid("channel name", channel, reason))
}
