//! Channel names, their prefixes, and the types that calls accept as channels.

use std::borrow::Cow;

use crate::error::Error;
use crate::limits::Limits;
use crate::string_newtype::{char_count, check_length, string_newtype, try_from_every_text};

/// A checked channel name: 1 to 200 characters of `A-Z a-z 0-9 _ - = @ , . ; :`.
///
/// The prefix determines the [kind](ChannelKind).
///
/// Pusher's hosted service accepts fewer names. Its
/// [naming conventions](https://pusher.com/docs/channels/using_channels/channels/#channel-naming-conventions)
/// allow at most 164 characters, and no `:`. These rules are part of [`Limits`], which are checked
/// when a call is made.
///
/// ```
/// use pusher_http::{ChannelKind, ChannelName};
///
/// let channel: ChannelName = "private-encrypted-cache-room-1".parse()?;
/// assert_eq!(channel.kind(), ChannelKind::Encrypted);
/// assert!(channel.is_cache());
/// assert_eq!(channel.without_prefixes(), "room-1");
/// assert!(ChannelName::new("no spaces").is_err());
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(Cow<'static, str>);

string_newtype!(ChannelName, "a channel name");
try_from_every_text!(ChannelName);

/// The kind of a channel: who may subscribe, and who can read the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ChannelKind {
    /// Anybody can subscribe, without an authorization.
    Public,
    /// `private-`: a subscription needs an authorization.
    Private,
    /// `private-encrypted-`: a subscription needs an authorization and a shared secret.
    ///
    /// The service can't read the data.
    Encrypted,
    /// `presence-`: a subscription needs an authorization and a member.
    ///
    /// The subscribers can see each other.
    Presence,
}

impl ChannelName {
    /// The maximum number of characters that any server accepts.
    ///
    /// The hosted service accepts 164: see [`Limits::channel_name_chars`].
    pub const MAX_CHARS: usize = 200;

    /// Creates a name that is known at compile time.
    ///
    /// ```
    /// use pusher_http::ChannelName;
    ///
    /// const LOBBY: ChannelName = ChannelName::from_static("presence-lobby");
    /// ```
    ///
    /// ```compile_fail
    /// # use pusher_http::ChannelName;
    /// const LOBBY: ChannelName = ChannelName::from_static("the lobby");
    /// ```
    ///
    /// # Panics
    ///
    /// Panics if the name is malformed. In a constant, this is a compile error.
    #[must_use]
    pub const fn from_static(name: &'static str) -> Self {
        let chars = char_count(name);
        assert!(
            chars > 0 && chars <= Self::MAX_CHARS && first_disallowed(name).is_none(),
            "a channel name has 1 to 200 characters of A-Z a-z 0-9 _ - = @ , . ; :"
        );
        Self(Cow::Borrowed(name))
    }

    /// Returns the kind of the channel, which its prefix determines.
    #[must_use]
    pub fn kind(&self) -> ChannelKind {
        ChannelKind::of(&self.0)
    }

    /// Whether the service keeps the last event for new subscribers.
    ///
    /// This is the case for the prefixes `cache-`, `private-cache-`, `private-encrypted-cache-` and
    /// `presence-cache-`
    /// ([cache channels](https://pusher.com/docs/channels/using_channels/cache-channels/)).
    #[must_use]
    pub fn is_cache(&self) -> bool {
        self.after_kind().starts_with(CACHE)
    }

    /// Returns the name without its prefixes.
    ///
    /// The prefix of cache channels is removed too. The rest says what a channel is for:
    /// decide by it and by the [kind](Self::kind), since channels of different kinds can share it.
    ///
    /// ```
    /// use pusher_http::ChannelName;
    ///
    /// for name in ["private-order-7", "private-cache-order-7", "order-7"] {
    ///     let channel = ChannelName::new(name)?;
    ///     assert_eq!(channel.without_prefixes().strip_prefix("order-"), Some("7"));
    /// }
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    #[must_use]
    pub fn without_prefixes(&self) -> &str {
        let after_kind = self.after_kind();
        after_kind.strip_prefix(CACHE).unwrap_or(after_kind)
    }

    fn after_kind(&self) -> &str {
        let prefix = match self.kind() {
            ChannelKind::Public => "",
            ChannelKind::Private => PRIVATE,
            ChannelKind::Encrypted => ENCRYPTED,
            ChannelKind::Presence => PRESENCE,
        };
        &self.0[prefix.len()..]
    }

    pub(crate) fn check(text: &str) -> Result<(), Error> {
        check_length("channel name", text, Self::MAX_CHARS)?;
        let Some(at) = first_disallowed(text) else {
            return Ok(());
        };
        // All bytes before `at` are ASCII, so it is a character boundary.
        let character = text[at..].chars().next().unwrap_or_default();
        let reason = format!("it may have A-Z a-z 0-9 _ - = @ , . ; : but not {character:?}");
        Err(Error::invalid("channel name", text, reason))
    }

    /// Checks the server's rules, which may be narrower.
    ///
    /// The calls of `App`, `Pusher` and `api` check them, the functions of `auth` don't. Use this method
    /// for names that are received before a call is made.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a name that is too long, or has a colon that the limits exclude.
    pub fn check_limits(&self, limits: &Limits) -> Result<(), Error> {
        check_length("channel name", &self.0, limits.channel_name_chars)?;
        if !limits.channel_name_colons && self.0.contains(':') {
            let reason = "the hosted service takes no colon: for a server that does, set \
                          Limits::channel_name_colons";
            return Err(Error::invalid("channel name", self, reason));
        }
        Ok(())
    }
}

const PRIVATE: &str = "private-";
const ENCRYPTED: &str = "private-encrypted-";
const PRESENCE: &str = "presence-";
const CACHE: &str = "cache-";

impl ChannelKind {
    /// Returns the kind of the channel with this name, which its prefix determines.
    ///
    /// The name does not have to be valid: webhooks also name channels such as
    /// `#server-to-user-42`, which is public.
    ///
    /// ```
    /// use pusher_http::ChannelKind;
    ///
    /// assert_eq!(ChannelKind::of("presence-room-1"), ChannelKind::Presence);
    /// assert_eq!(ChannelKind::of("room-1"), ChannelKind::Public);
    /// ```
    #[must_use]
    pub fn of(name: &str) -> Self {
        if name.starts_with(ENCRYPTED) {
            Self::Encrypted
        } else if name.starts_with(PRIVATE) {
            Self::Private
        } else if name.starts_with(PRESENCE) {
            Self::Presence
        } else {
            Self::Public
        }
    }
}

/// Returns the index of the first byte that is not allowed in a channel name.
///
/// The allowed ones need no encoding in a path, where the queries of `api` have them.
const fn first_disallowed(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let is_allowed = byte.is_ascii_alphanumeric()
            || matches!(byte, b'_' | b'-' | b'=' | b'@' | b',' | b'.' | b';' | b':');
        if !is_allowed {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// A channel name as an argument.
///
/// This can be text of any kind, a [`ChannelName`] or a reference to one, or your own type with a
/// `TryFrom` or `From` conversion into a [`ChannelName`].
///
/// ```
/// use pusher_http::{ChannelName, Error, Event};
///
/// struct Room(u64);
///
/// impl TryFrom<&Room> for ChannelName {
///     type Error = Error;
///
///     fn try_from(room: &Room) -> Result<Self, Error> {
///         Self::new(format!("private-room-{}", room.0))
///     }
/// }
///
/// let event = Event::new(&Room(7), "message", "hello")?;
/// assert_eq!(event.channel(), "private-room-7");
/// # Ok::<(), Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a channel name",
    label = "not a channel name",
    note = "pass text or a `ChannelName`, or implement `TryFrom<{Self}> for ChannelName` with `Error = pusher_http::Error`"
)]
pub trait IntoChannelName {
    /// Converts the value into a checked name.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name.
    fn into_channel_name(self) -> Result<ChannelName, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: TryInto<ChannelName, Error: Into<Error>>> IntoChannelName for T {
    fn into_channel_name(self) -> Result<ChannelName, Error> {
        self.try_into().map_err(Into::into)
    }
}

/// The channels of a trigger: one or several.
///
/// One channel can have any type that implements [`IntoChannelName`]. Several channels are an
/// array, a slice, a `Vec`, a set or any other iterable of them.
///
/// A bare `Result` or `Option` is an iterable too, of one item or none: use `?` first.
///
/// The compiler infers `M`, which says whether it is [`One`] channel or [`Many`].
///
/// ```
/// use pusher_http::api::Trigger;
/// use pusher_http::ChannelName;
///
/// let channel = ChannelName::new("room-1")?;
/// Trigger::new("room-1", "message", "hello")?;
/// Trigger::new(&channel, "message", "hello")?;
/// Trigger::new(["room-1", "room-2"], "message", "hello")?;
/// Trigger::new(&[channel], "message", "hello")?;
/// Trigger::new((1..=3).map(|room| format!("room-{room}")), "message", "hello")?;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a channel name or as a list of channel names",
    label = "neither a channel name nor a list of them",
    note = "pass text or a `ChannelName`, or an array, a slice, a `Vec`, a set or an iterator of these"
)]
pub trait IntoChannels<M> {
    /// Converts the value into checked names, in order.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed name.
    fn into_channels(self) -> Result<Vec<ChannelName>, Error>;
}

/// Marker for one channel, in [`IntoChannels`].
#[derive(Debug)]
pub enum One {}

/// Marker for several channels, in [`IntoChannels`].
#[derive(Debug)]
pub enum Many {}

#[diagnostic::do_not_recommend]
impl<C: IntoChannelName> IntoChannels<One> for C {
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        Ok(vec![self.into_channel_name()?])
    }
}

#[diagnostic::do_not_recommend]
impl<C: IntoIterator<Item: IntoChannelName>> IntoChannels<Many> for C {
    fn into_channels(self) -> Result<Vec<ChannelName>, Error> {
        let names = self.into_iter().map(IntoChannelName::into_channel_name);
        names.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_determine_kind_and_cache() {
        use ChannelKind::{Encrypted, Presence, Private, Public};
        for (name, kind, is_cache, rest) in [
            ("room", Public, false, "room"),
            ("cache-room", Public, true, "room"),
            ("cached", Public, false, "cached"),
            ("private-room", Private, false, "room"),
            ("private-cache-room", Private, true, "room"),
            ("private-encrypted", Private, false, "encrypted"),
            ("private-encrypted-room", Encrypted, false, "room"),
            ("private-encrypted-cache-room", Encrypted, true, "room"),
            ("presence-room", Presence, false, "room"),
            ("presence-cache-room", Presence, true, "room"),
            ("presence-private-room", Presence, false, "private-room"),
            ("presence", Public, false, "presence"),
            ("Private-room", Public, false, "Private-room"),
        ] {
            let channel = ChannelName::new(name).unwrap();
            assert_eq!(
                (
                    channel.kind(),
                    channel.is_cache(),
                    channel.without_prefixes()
                ),
                (kind, is_cache, rest),
                "{name}"
            );
        }
    }

    #[test]
    fn length_limit_is_200_characters() {
        assert!(ChannelName::new("a".repeat(200)).is_ok());
        let error = ChannelName::new("a".repeat(201)).unwrap_err();
        assert!(error.to_string().contains("201 characters"), "{error}");
    }

    #[test]
    fn hosted_limits_are_164_characters_and_no_colon() {
        let check =
            |name: &str, limits: &Limits| ChannelName::new(name).unwrap().check_limits(limits);
        let hosted = Limits::default();
        let wide = Limits::default()
            .channel_name_chars(200)
            .channel_name_colons(true);
        let long = "a".repeat(165);
        assert!(check(&long[1..], &hosted).is_ok());
        for name in [&long, "private-a:b"] {
            assert!(check(name, &hosted).is_err(), "{name}");
            assert!(check(name, &wide).is_ok(), "{name}");
        }
    }

    #[test]
    fn deserializing_checks_the_name() {
        let channel: ChannelName = serde_json::from_str("\"room-1\"").unwrap();
        assert_eq!(serde_json::to_string(&channel).unwrap(), "\"room-1\"");
        assert!(serde_json::from_str::<ChannelName>("\"room 1\"").is_err());
    }
}
