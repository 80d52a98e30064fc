//! Tokens for browsers: who may subscribe to a channel, and who is signed in.
//!
//! The signatures are those of
//! [`auth-signatures`](https://pusher.com/docs/channels/library_auth_reference/auth-signatures/).

mod answer;
mod jsonp;
mod request;

pub use answer::{ChannelAuth, UserAuth};
pub use jsonp::JsonpCallback;
pub use request::{AuthParams, ChannelAuthRequest, UserAuthRequest};

use crate::channel::ChannelName;
use crate::encryption::SharedSecret;
use crate::error::Error;
use crate::limits::Limits;
use crate::socket_id::SocketId;
use crate::token::Token;
use crate::user::{PresenceMember, UserData};

pub(crate) fn private_channel(
    token: &Token,
    socket_id: &SocketId,
    channel: &ChannelName,
) -> ChannelAuth {
    let signed = [socket_id.as_str(), ":", channel.as_str()];
    ChannelAuth::new(token.auth_string(&signed), None, None)
}

pub(crate) fn encrypted_channel(
    token: &Token,
    socket_id: &SocketId,
    channel: &ChannelName,
    shared_secret: &SharedSecret,
) -> ChannelAuth {
    let signed = [socket_id.as_str(), ":", channel.as_str()];
    let shared_secret = shared_secret.to_base64();
    ChannelAuth::new(token.auth_string(&signed), None, Some(shared_secret))
}

pub(crate) fn presence_channel(
    token: &Token,
    socket_id: &SocketId,
    channel: &ChannelName,
    member: PresenceMember,
    limits: &Limits,
) -> Result<ChannelAuth, Error> {
    let channel_data = member.into_channel_data(limits)?;
    let signed = [
        socket_id.as_str(),
        ":",
        channel.as_str(),
        ":",
        &channel_data,
    ];
    let auth = token.auth_string(&signed);
    Ok(ChannelAuth::new(auth, Some(channel_data), None))
}

pub(crate) fn user(
    token: &Token,
    socket_id: &SocketId,
    user: &UserData,
    limits: &Limits,
) -> Result<UserAuth, Error> {
    let user_data = user.user_data(limits)?;
    let auth = token.auth_string(&[socket_id.as_str(), "::user::", &user_data]);
    Ok(UserAuth::new(auth, user_data))
}
