//! Socket ids.

use std::borrow::Cow;

use crate::error::Error;
use crate::string_newtype::string_newtype;

/// A checked id of a WebSocket connection, such as `1234.5678`.
///
/// An id consists of ASCII digits, one dot, and ASCII digits, with nothing before or after.
///
/// The whole text is checked. With a looser check, a crafted socket id can obtain the authorization
/// of another channel. Several server libraries had this vulnerability in 2015.
///
/// ```
/// use pusher_http::SocketId;
///
/// assert!(SocketId::new("1234.5678").is_ok());
/// assert!(SocketId::new("1.1:private-boss").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SocketId(Cow<'static, str>);

string_newtype!(SocketId, "a socket id");

impl SocketId {
    fn check(text: &str) -> Result<(), Error> {
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        match text.split_once('.') {
            Some((before, after)) if is_number(before) && is_number(after) => Ok(()),
            _ => Err(Error::invalid(
                "socket id",
                text,
                "it must be digits, one dot, digits, as the browser's connection has it",
            )),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_only_the_exact_format() {
        assert!(SocketId::new("0.0").is_ok());
        assert!(SocketId::new("45055.28877557").is_ok());
        for text in [
            ".1", "1.", ".", "1.1.1", "1,1", "-1.1", " 1.1", "1.1 ", "１.１", "+1.1",
        ] {
            assert!(SocketId::new(text).is_err(), "{text:?}");
        }
    }
}
