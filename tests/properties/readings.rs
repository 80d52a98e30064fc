//! Names with a colon, which some servers accept. The signed text is also separated by colons, so
//! each signature is checked for every socket ID, channel and data that its text can be split into.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use pusher_http::auth::{self, ChannelAuth};
use pusher_http::encryption::MasterKey;
use pusher_http::{
    App, ChannelKind, ChannelName, Credentials, Limits, PresenceMember, SocketId, UserData,
};
use serde_json::{Map, Value};

use crate::strategies::json;
use crate::{cases, rules};

/// A grant that a server can read from a signed text.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Reading {
    Channel {
        socket_id: String,
        channel: String,
        channel_data: Option<String>,
    },
    User {
        socket_id: String,
        user_data: String,
    },
}

impl Reading {
    /// Returns whether a server that has this reading computes the same signature.
    fn is_signed_by(&self, signature: &str) -> bool {
        let pieces = match self {
            Self::Channel {
                socket_id,
                channel,
                channel_data: None,
            } => vec![socket_id, ":", channel],
            Self::Channel {
                socket_id,
                channel,
                channel_data: Some(data),
            } => vec![socket_id, ":", channel, ":", data],
            Self::User {
                socket_id,
                user_data,
            } => vec![socket_id, "::user::", user_data],
        };
        credentials().verify(&pieces, signature)
    }

    /// Returns every reading of a text: each colon may end the socket ID, and each later one the
    /// channel.
    fn all_of(text: &str) -> Vec<Self> {
        let mut readings = Vec::new();
        for (socket_id, rest) in cuts(text) {
            if !rules::is_socket_id(socket_id) {
                continue;
            }
            let of_channel = |channel: &str, data: Option<&str>| Self::Channel {
                socket_id: socket_id.to_owned(),
                channel: channel.to_owned(),
                channel_data: data.map(str::to_owned),
            };
            readings.extend(is_authorized(rest).then(|| of_channel(rest, None)));
            let with_data =
                cuts(rest).filter(|(channel, data)| is_authorized(channel) && is_object(data));
            readings.extend(with_data.map(|(channel, data)| of_channel(channel, Some(data))));
            let user_data = rest.strip_prefix(":user::").filter(|data| is_object(data));
            readings.extend(user_data.map(|data| Self::User {
                socket_id: socket_id.to_owned(),
                user_data: data.to_owned(),
            }));
        }
        readings
    }
}

fn cuts(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let colons = text.match_indices(':');
    colons.map(|(at, _)| (&text[..at], &text[at + 1..]))
}

/// Returns whether this is the name of a channel that needs an authorization.
fn is_authorized(channel: &str) -> bool {
    let has_prefix = channel.starts_with("private-") || channel.starts_with("presence-");
    has_prefix && rules::is_channel(channel)
}

/// Returns whether the data is a JSON object, as members and users are.
fn is_object(data: &str) -> bool {
    serde_json::from_str::<Map<String, Value>>(data).is_ok()
}

fn credentials() -> Credentials {
    Credentials::new("key", "secret").unwrap()
}

fn signature(auth: &str) -> &str {
    auth.strip_prefix("key:").unwrap()
}

/// Checks that, of all readings of the signed text, only the requested one has this signature.
fn has_one_reading(expected: &Reading, text: &str, auth: &str) -> Result<(), TestCaseError> {
    prop_assert!(expected.is_signed_by(signature(auth)), "{:?}", expected);
    let readings: Vec<_> = Reading::all_of(text)
        .into_iter()
        .filter(|reading| reading.is_signed_by(signature(auth)))
        .collect();
    prop_assert_eq!(readings, [expected.clone()]);
    Ok(())
}

/// Returns the authorizations of the channel by each method that accepts it, without the hosted
/// service's limits of names.
fn authorizations(
    socket_id: &SocketId,
    channel: &ChannelName,
    member: &PresenceMember,
) -> Vec<ChannelAuth> {
    let limits = Limits::default()
        .channel_name_chars(200)
        .channel_name_colons(true)
        .presence_member_bytes(usize::MAX);
    let app = App::builder("1", "key", "secret")
        .limits(limits)
        .encryption_master_key_base64("zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=")
        .build_app()
        .unwrap();
    let all = [
        app.authorize_channel(socket_id, channel),
        app.authorize_presence_channel(socket_id, channel, member),
    ];
    all.into_iter().flatten().collect()
}

/// Names of few pieces, so that two names are often the same, or one is a prefix of the other.
fn channel() -> impl Strategy<Value = ChannelName> {
    const PIECES: &[&str] = &[
        ":",
        ":",
        "::user::",
        "private-",
        "presence-",
        "encrypted-",
        "user",
        "a",
        "1",
        "1.1",
    ];
    let prefix = select(&["", "private-", "private-encrypted-", "presence-"][..]);
    (prefix, vec(select(PIECES), 1..7)).prop_map(|(prefix, pieces)| {
        ChannelName::new(prefix.to_owned() + &pieces.concat()).unwrap()
    })
}

/// An ID of pieces that could be read as another part of the text.
fn id() -> impl Strategy<Value = String> {
    const PIECES: &[&str] = &[
        ":",
        ":{",
        "\"",
        "}",
        "{\"user_id\":\"1\"}",
        "{\"id\":\"1\"}",
        ":private-a",
        "presence-",
        "::user::",
        "a",
        "1.1",
    ];
    vec(select(PIECES), 1..6).prop_map(|pieces| pieces.concat())
}

fn socket_id() -> impl Strategy<Value = SocketId> {
    select(&["1.1", "1.11", "11.1"][..]).prop_map(|id| SocketId::new(id).unwrap())
}

proptest! {
    #![proptest_config(cases(512))]

    #[test]
    fn authorization_of_name_with_colons_has_one_reading(
        socket_id in socket_id(), channel in channel(), user_id in id(), info in json(),
    ) {
        let member = PresenceMember::new(user_id).unwrap().user_info(info).unwrap();
        let authorizations = authorizations(&socket_id, &channel, &member);
        let needs_one = usize::from(channel.kind() != ChannelKind::Public);
        prop_assert_eq!(authorizations.len(), needs_one, "{}", channel);
        for auth in authorizations {
            let data = auth.channel_data();
            let text = match data {
                None => format!("{socket_id}:{channel}"),
                Some(data) => format!("{socket_id}:{channel}:{data}"),
            };
            let expected = Reading::Channel {
                socket_id: socket_id.to_string(),
                channel: channel.to_string(),
                channel_data: data.map(str::to_owned),
            };
            has_one_reading(&expected, &text, auth.auth())?;
        }
    }

    #[test]
    fn sign_in_has_one_reading(
        socket_id in socket_id(), id in id(), watched in vec(id(), 0..3), info in json(),
    ) {
        let user = UserData::new(id).unwrap().watchlist(watched).unwrap();
        let user = user.user_info(info).unwrap();
        let auth = auth::user(&credentials(), &socket_id, &user).unwrap();
        let expected = Reading::User {
            socket_id: socket_id.to_string(),
            user_data: auth.user_data().to_owned(),
        };
        let text = format!("{socket_id}::user::{}", auth.user_data());
        has_one_reading(&expected, &text, auth.auth())?;
    }

    /// Two grants differ in their sockets, channels, members or users.
    #[test]
    fn different_grants_have_different_signatures(
        sockets in [socket_id(), socket_id()], channels in [channel(), channel()],
        ids in [id(), id()],
    ) {
        let mut grants = Vec::new();
        for socket_id in &sockets {
            for id in &ids {
                let user = auth::user(&credentials(), socket_id, &UserData::new(id).unwrap());
                let user = user.unwrap();
                grants.push((format!("{socket_id} signs in {id}"), user.auth().to_owned()));
                for channel in &channels {
                    let member = PresenceMember::new(id).unwrap();
                    for auth in authorizations(socket_id, channel, &member) {
                        let of = auth.channel_data().map(|_| id);
                        let grant = format!("{socket_id} joins {channel} as {of:?}");
                        grants.push((grant, auth.auth().to_owned()));
                    }
                }
            }
        }
        for (grant, auth) in &grants {
            for (other, its_auth) in &grants {
                prop_assert_eq!(grant == other, auth == its_auth, "{}, {}", grant, other);
            }
        }
    }
}

/// An ambiguity of the protocol: a server that signs any data of a private channel reads the part
/// of a name after a colon as data. Servers with namespaces sign no data for private channels.
#[test]
fn colon_without_members_needs_the_limits_of_an_app() {
    let socket_id = SocketId::new("1.1").unwrap();
    let name = |name: &str| ChannelName::new(name).unwrap();
    let private = name("private-a:1");
    let member = PresenceMember::new("1").unwrap();
    let auth = &authorizations(&socket_id, &private, &member)[0];
    let other = Reading::Channel {
        socket_id: "1.1".to_owned(),
        channel: "private-a".to_owned(),
        channel_data: Some("1".to_owned()),
    };
    assert!(other.is_signed_by(signature(auth.auth())));

    let encrypted = name("private-encrypted-a:1");
    let secret = MasterKey::new([7; 32]).shared_secret(&encrypted);
    for result in [
        auth::private_channel(&credentials(), &socket_id, &private),
        auth::encrypted_channel(&credentials(), &socket_id, &encrypted, &secret),
    ] {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("read the part after a colon"), "{error}");
    }
}
