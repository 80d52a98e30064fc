//! User ids.

use crate::error::Error;
use crate::text_type::{check_length, text_type};

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
        check_length("user id", text, MAX_USER_ID_CHARS)
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
