//! JSON from outside, read in place: each byte once, and without recursion.
//!
//! `serde_json::Value` never reads it. Other crates of an application can turn on features of
//! `serde_json` that change what a `Value` accepts: with `raw_value` an object with a certain key
//! is parsed again as JSON of its own, with a new recursion limit, and so without any. What has no
//! type here is kept as the text that its sender wrote.

use std::borrow::Cow;

use serde::de::{Error as _, IgnoredAny};
use serde_json::Error;

/// A position in a JSON document.
pub(crate) struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    pub(crate) fn new(json: &'a [u8]) -> Result<Self, Error> {
        let text = std::str::from_utf8(json).map_err(Error::custom)?;
        Ok(Self { text, at: 0 })
    }

    /// Reads the object that comes next. `member` is called with each key, and reads one value.
    pub(crate) fn object(
        &mut self,
        mut member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.expect(b'{', "an object")?;
        if self.skip(b'}') {
            return Ok(());
        }
        loop {
            let key = self.raw()?;
            let key = string(key).ok_or_else(|| self.unexpected("a key"))?;
            self.expect(b':', "`:`")?;
            member(self, key)?;
            if self.skip(b'}') {
                return Ok(());
            }
            self.expect(b',', "`,` or `}`")?;
        }
    }

    /// Reads the array that comes next. `element` is called for each element, and reads one value.
    pub(crate) fn array(
        &mut self,
        mut element: impl FnMut(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        self.expect(b'[', "an array")?;
        if self.skip(b']') {
            return Ok(());
        }
        loop {
            element(self)?;
            if self.skip(b']') {
                return Ok(());
            }
            self.expect(b',', "`,` or `]`")?;
        }
    }

    /// Reads an object by its keys. Servers in PHP write an empty one as `[]`.
    pub(crate) fn object_or_empty_array(
        &mut self,
        member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.peek() == Some(b'[') {
            return self.array(|reader| Err(reader.unexpected("an object")));
        }
        self.object(member)
    }

    /// The JSON text of the value that comes next, of any kind and depth.
    pub(crate) fn raw(&mut self) -> Result<&'a str, Error> {
        self.skip_white_space();
        let rest = &self.text[self.at..];
        let mut values = serde_json::Deserializer::from_str(rest).into_iter::<IgnoredAny>();
        match values.next() {
            Some(Ok(IgnoredAny)) => {
                let value = &rest[..values.byte_offset()];
                self.at += value.len();
                Ok(value)
            }
            _ => Err(self.unexpected("a JSON value")),
        }
    }

    /// The value that comes next, read from its JSON text; `None` is an error that names `what`.
    pub(crate) fn value<T>(
        &mut self,
        what: &str,
        read: impl FnOnce(&'a str) -> Option<T>,
    ) -> Result<T, Error> {
        self.skip_white_space();
        let at = self.at;
        let value = self.raw()?;
        read(value).ok_or_else(|| expected(what, at))
    }

    /// Nothing but white space comes after the document.
    pub(crate) fn end(mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end")),
        }
    }

    /// What comes next, if it is anything.
    pub(crate) fn peek(&mut self) -> Option<u8> {
        self.skip_white_space();
        self.text.as_bytes().get(self.at).copied()
    }

    fn skip(&mut self, byte: u8) -> bool {
        let is_next = self.peek() == Some(byte);
        self.at += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, byte: u8, what: &str) -> Result<(), Error> {
        if self.skip(byte) {
            return Ok(());
        }
        Err(self.unexpected(what))
    }

    fn skip_white_space(&mut self) {
        let rest = &self.text.as_bytes()[self.at..];
        let is_white_space = |byte: &&u8| matches!(**byte, b' ' | b'\n' | b'\t' | b'\r');
        self.at += rest.iter().take_while(is_white_space).count();
    }

    #[cold]
    pub(crate) fn unexpected(&self, what: &str) -> Error {
        expected(what, self.at)
    }
}

#[cold]
fn expected(what: &str, at: usize) -> Error {
    Error::custom(format!("expected {what} at byte {at}"))
}

/// Reads a document that is an object. `member` is called with each key, and reads one value.
pub(crate) fn object<'a>(
    json: &'a [u8],
    member: impl FnMut(&mut Reader<'a>, Cow<'a, str>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = Reader::new(json)?;
    reader.object(member)?;
    reader.end()
}

/// Sets a field of an object to the value that comes next; a field that is there twice keeps the
/// first.
pub(crate) fn set<'a, T>(
    field: &mut Option<T>,
    reader: &mut Reader<'a>,
    what: &str,
    read: impl FnOnce(&'a str) -> Option<T>,
) -> Result<(), Error> {
    let value = reader.value(what, read)?;
    field.get_or_insert(value);
    Ok(())
}

/// The error of an object without a field that it has to have.
#[cold]
pub(crate) fn missing(field: &'static str) -> Error {
    Error::missing_field(field)
}

/// The content of a JSON string. `None` for any other value, and for text with half a surrogate
/// pair, which is no Unicode.
pub(crate) fn string(json: &str) -> Option<Cow<'_, str>> {
    let content = json.strip_prefix('"')?.strip_suffix('"')?;
    if content.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(content))
}

/// The content of a JSON string, or the JSON text of any other value.
pub(crate) fn text(json: &str) -> Cow<'_, str> {
    string(json).unwrap_or(Cow::Borrowed(json))
}

/// A count: an integer, or a string of digits.
pub(crate) fn count(json: &str) -> Option<u64> {
    let digits = string(json).unwrap_or(Cow::Borrowed(json));
    // A number's own parser would take a sign.
    let is_digits = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_digits)
}

/// A count that may be `null`.
#[allow(clippy::option_option)] // The outer one is whether it could be read.
pub(crate) fn optional_count(json: &str) -> Option<Option<u64>> {
    match json {
        "null" => Some(None),
        _ => count(json).map(Some),
    }
}

/// An id: a string, or an integer, whose digits are taken.
pub(crate) fn id(json: &str) -> Option<Cow<'_, str>> {
    let is_integer = || {
        let digits = json.strip_prefix('-').unwrap_or(json);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    string(json).or_else(|| is_integer().then_some(Cow::Borrowed(json)))
}
