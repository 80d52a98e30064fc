//! User ids.

use std::borrow::Cow;

use crate::error::Error;
use crate::limits::Limits;
use crate::string_newtype::{check_length, string_newtype, try_from_every_text};

/// A checked user id: 1 to 128 arbitrary characters
/// ([`presence-channels`](https://pusher.com/docs/channels/using_channels/presence-channels/)).
///
/// Pusher's hosted service accepts fewer ids for users who sign in: only the characters
/// `A-Z a-z 0-9 _ - = @ , . ;`
/// ([`authenticating-users`](https://pusher.com/docs/channels/server_api/authenticating-users/)).
/// This rule is part of [`Limits`], which are checked when a call is made.
///
/// ```
/// use pusher_http::UserId;
///
/// assert!(UserId::new("a/b c?é").is_ok());
/// assert!(UserId::new("").is_err());
/// assert_eq!(UserId::from(42_u64), "42");
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(Cow<'static, str>);

string_newtype!(UserId, "a user id");
try_from_every_text!(UserId);

macro_rules! from_display {
    ($($id:ty),*) => {$(
        impl From<$id> for UserId {
            fn from(id: $id) -> Self {
                Self(id.to_string().into())
            }
        }
    )*};
}

from_display!(
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize
);
#[cfg(feature = "uuid")]
from_display!(uuid::Uuid);

impl UserId {
    /// The maximum number of characters in a user id.
    pub const MAX_CHARS: usize = 128;

    fn check(text: &str) -> Result<(), Error> {
        check_length("user id", text, Self::MAX_CHARS)
    }

    /// Checks the server's rules for users who sign in, which may be narrower.
    ///
    /// The calls of `App`, `Pusher` and `api` check the ids of users who sign in, the functions of `auth`
    /// don't. Use this method for ids that are received before a call is made.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for an id with a character that the limits exclude.
    pub fn check_limits(&self, limits: &Limits) -> Result<(), Error> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || b"_-=@,.;".contains(&b);
        if limits.user_id_any_chars || self.0.bytes().all(is_plain) {
            return Ok(());
        }
        let reason = "the id of a user who signs in may have A-Z a-z 0-9 _ - = @ , . ; only: for a \
                      server that takes others, set Limits::user_id_any_chars";
        Err(Error::invalid("user id", self, reason))
    }
}

/// A user id as an argument.
///
/// This can be text of any kind, an integer, a `Uuid` with the feature `uuid`, a [`UserId`] or a
/// reference to one, or your own type with a `TryFrom` or `From` conversion into a [`UserId`]. For
/// any other type that implements `Display`, use `UserId::new(id.to_string())?`.
///
/// ```
/// use pusher_http::PresenceMember;
///
/// PresenceMember::new("42")?;
/// PresenceMember::new(42)?;
/// # Ok::<(), pusher_http::Error>(())
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be used as a user id",
    label = "not a user id",
    note = "pass text, an integer or a `UserId`; of a type with `Display` make one: `UserId::new(id.to_string())?`"
)]
pub trait IntoUserId {
    /// Converts the value into a checked id.
    ///
    /// # Errors
    ///
    /// [`Error::Invalid`] for a malformed id.
    fn into_user_id(self) -> Result<UserId, Error>;
}

#[diagnostic::do_not_recommend]
impl<T: TryInto<UserId, Error: Into<Error>>> IntoUserId for T {
    fn into_user_id(self) -> Result<UserId, Error> {
        self.try_into().map_err(Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn length_is_counted_in_characters() {
        assert!(UserId::new("é".repeat(128)).is_ok());
        assert!(UserId::new("é".repeat(129)).is_err());
    }

    #[test]
    fn hosted_limits_reject_special_characters_in_signed_in_ids() {
        let check = |id: &str, limits: &Limits| UserId::new(id).unwrap().check_limits(limits);
        let hosted = Limits::default();
        let wide = Limits::default().user_id_any_chars(true);
        assert!(check("aZ09_-=@,.;", &hosted).is_ok());
        for id in ["auth0|7", "a:b", "é", "a b", "a/b"] {
            assert!(check(id, &hosted).is_err(), "{id}");
            assert!(check(id, &wide).is_ok(), "{id}");
        }
    }
}
