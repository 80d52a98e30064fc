//! User ids.

use crate::error::Error;
use crate::text_type::text_type;

/// The most characters a user id has
/// ([`presence-channels`](https://pusher.com/docs/channels/using_channels/presence-channels/)).
pub const MAX_USER_ID_CHARS: usize = 128;

/// A checked user id: 1 to 128 characters, any of them.
///
/// ```
/// use pusher_http::UserId;
///
/// assert!(UserId::new("a/b c?é").is_ok());
/// assert!(UserId::new("").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UserId(String);

text_type!(UserId, "a user id");

impl From<&UserId> for String {
    fn from(user_id: &UserId) -> Self {
        user_id.0.clone()
    }
}

macro_rules! from_number {
    ($($number:ty),*) => {$(
        /// The number in decimal digits.
        impl From<$number> for UserId {
            fn from(number: $number) -> Self {
                Self(number.to_string())
            }
        }
    )*};
}

from_number!(i32, i64, u32, u64);

impl UserId {
    pub(super) fn check(text: &str) -> Result<(), Error> {
        if text.is_empty() {
            return Err(Error::invalid("user id", text, "it is empty"));
        }
        if text.len() > MAX_USER_ID_CHARS && text.chars().count() > MAX_USER_ID_CHARS {
            let reason = format!(
                "it has {} characters, over the {MAX_USER_ID_CHARS} allowed",
                text.chars().count()
            );
            return Err(Error::invalid("user id", text, reason));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_id_is_counted_in_characters() {
        assert!(UserId::new("é".repeat(128)).is_ok());
        assert!(UserId::new("é".repeat(129)).is_err());
    }
}
