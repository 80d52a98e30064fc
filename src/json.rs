//! Reads and writes JSON.
//!
//! Input is parsed in place, each byte once and without recursion. Output is written field by
//! field.
//!
//! `serde_json::Value` is never used for untrusted input, because other crates of an application
//! can enable features of `serde_json` that change what a `Value` accepts. With `raw_value`, an
//! object with a certain key is parsed again as a separate JSON document. That document has a new
//! recursion limit, so the total depth is unlimited. Values without a type in this crate are kept
//! as the text that the sender wrote.

use std::borrow::Cow;
use std::io;

use serde::Serialize;
use serde::de::{Error as _, IgnoredAny};
use serde_json::Error;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

// === Reading ===

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

    /// Reads the next value, which must be an object.
    ///
    /// `member` is called with each key and reads its value.
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

    /// Reads the next value, which must be an array.
    ///
    /// `element` is called to read each element.
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

    /// Reads an object. Servers written in PHP send an empty object as `[]`.
    pub(crate) fn object_or_empty_array(
        &mut self,
        member: impl FnMut(&mut Self, Cow<'a, str>) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if self.peek() == Some(b'[') {
            return self.array(|reader| Err(reader.unexpected("an object")));
        }
        self.object(member)
    }

    /// Returns the JSON text of the next value, of any kind and depth.
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

    /// Reads the next value from its JSON text. If `read` returns `None`, the error names `what`.
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

    /// Checks that only white space follows the document.
    pub(crate) fn end(mut self) -> Result<(), Error> {
        match self.peek() {
            None => Ok(()),
            Some(_) => Err(self.unexpected("the end")),
        }
    }

    /// Returns the first byte of the next token, if any.
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

/// Reads a document that is an object. `member` is called with each key and reads its value.
pub(crate) fn object<'a>(
    json: &'a [u8],
    member: impl FnMut(&mut Reader<'a>, Cow<'a, str>) -> Result<(), Error>,
) -> Result<(), Error> {
    let mut reader = Reader::new(json)?;
    reader.object(member)?;
    reader.end()
}

/// Sets a field to the next value. If a field occurs twice, the first value is kept.
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

/// Returns the error for an object without a required field.
#[cold]
pub(crate) fn missing(field: &'static str) -> Error {
    Error::missing_field(field)
}

/// Returns the content of a JSON string.
///
/// `None` for any other value, and for text with half a surrogate pair, which is not Unicode.
pub(crate) fn string(json: &str) -> Option<Cow<'_, str>> {
    let content = json.strip_prefix('"')?.strip_suffix('"')?;
    if content.contains('\\') {
        return serde_json::from_str(json).ok().map(Cow::Owned);
    }
    Some(Cow::Borrowed(content))
}

/// Returns the content of a JSON string, or the JSON text of any other value.
pub(crate) fn text(json: &str) -> Cow<'_, str> {
    string(json).unwrap_or(Cow::Borrowed(json))
}

/// Parses a count: an integer, or a string of digits.
pub(crate) fn count(json: &str) -> Option<u64> {
    let digits = string(json).unwrap_or(Cow::Borrowed(json));
    // The integer parser would also accept a sign.
    let is_digits = digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|_| is_digits)
}

/// Parses a count that may be `null`.
#[allow(clippy::option_option)] // The outer `Option` says whether it could be parsed.
pub(crate) fn optional_count(json: &str) -> Option<Option<u64>> {
    match json {
        "null" => Some(None),
        _ => count(json).map(Some),
    }
}

/// Parses an id: a string, or an integer, which is converted to its digits.
pub(crate) fn id(json: &str) -> Option<Cow<'_, str>> {
    let is_integer = || {
        let digits = json.strip_prefix('-').unwrap_or(json);
        !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit())
    };
    string(json).or_else(|| is_integer().then_some(Cow::Borrowed(json)))
}

// === Writing ===

/// Writes an object to the end of a JSON document.
pub(crate) struct ObjectWriter<'a> {
    json: &'a mut Vec<u8>,
    is_empty: bool,
}

impl<'a> ObjectWriter<'a> {
    pub(crate) fn new(json: &'a mut Vec<u8>) -> Self {
        json.push(b'{');
        Self {
            json,
            is_empty: true,
        }
    }

    /// Starts a field of the protocol. The caller must write its value next.
    pub(crate) fn field(&mut self, name: &'static str) -> &mut Vec<u8> {
        self.separate();
        // The protocol's names need no escape.
        self.json.push(b'"');
        self.json.extend_from_slice(name.as_bytes());
        self.json.extend_from_slice(b"\":");
        self.json
    }

    /// Writes a field with a string value.
    pub(crate) fn string(&mut self, name: &'static str, text: &str) {
        push_string(self.field(name), text);
    }

    /// Writes a field with a value that is already JSON.
    pub(crate) fn json(&mut self, name: &'static str, value: &[u8]) {
        self.field(name).extend_from_slice(value);
    }

    /// Writes a field with any name and a value that is already JSON.
    pub(crate) fn extra(&mut self, name: &str, value: &[u8]) {
        self.separate();
        push_string(self.json, name);
        self.json.push(b':');
        self.json.extend_from_slice(value);
    }

    fn separate(&mut self) {
        if !std::mem::take(&mut self.is_empty) {
            self.json.push(b',');
        }
    }

    pub(crate) fn end(self) {
        self.json.push(b'}');
    }
}

/// Writes a list to the end of a JSON document, with `write` for each item.
pub(crate) fn push_list<T>(
    json: &mut Vec<u8>,
    items: impl IntoIterator<Item = T>,
    mut write: impl FnMut(&mut Vec<u8>, T),
) {
    json.push(b'[');
    for (place, item) in items.into_iter().enumerate() {
        if place > 0 {
            json.push(b',');
        }
        write(json, item);
    }
    json.push(b']');
}

/// Converts a document to a string.
pub(crate) fn into_string(json: Vec<u8>) -> Result<String, Error> {
    // Only text was written, so this does not fail.
    String::from_utf8(json).map_err(Error::custom)
}

/// Appends `text` to a JSON document as a string.
pub(crate) fn push_string(json: &mut Vec<u8>, text: &str) {
    json.push(b'"');
    // Writing to a `Vec` does not fail.
    let _ = write_escaped(json, text.as_bytes());
    json.push(b'"');
}

/// Serialises `value` to JSON inside a JSON string.
///
/// Also returns the length in bytes of the JSON before escaping.
///
/// A whole call of 9 KB costs 5 % less than with a second pass over the JSON.
pub(crate) fn json_as_string<T: Serialize + ?Sized>(value: &T) -> Result<(Vec<u8>, usize), Error> {
    // Most events fit without a second allocation.
    let mut json = Vec::with_capacity(256);
    json.push(b'"');
    let mut added = 0;
    let formatter = JsonInString { added: &mut added };
    value.serialize(&mut serde_json::Serializer::with_formatter(
        &mut json, formatter,
    ))?;
    let text_bytes = json.len() - 1 - added;
    json.push(b'"');
    Ok((json, text_bytes))
}

/// Writes JSON as the content of a JSON string.
///
/// Inside JSON's own strings, the only quotes, backslashes and control characters left are those of
/// escapes, so only these are escaped again.
struct JsonInString<'a> {
    /// The number of bytes that escaping has added to the JSON.
    added: &'a mut usize,
}

impl Formatter for JsonInString<'_> {
    #[inline]
    fn begin_string<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        *self.added += 1;
        writer.write_all(br#"\""#)
    }

    #[inline]
    fn end_string<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        *self.added += 1;
        writer.write_all(br#"\""#)
    }

    fn write_char_escape<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        // The longest escape is `\u00..`.
        let mut json = [0; 6];
        let mut rest = &mut json[..];
        CompactFormatter.write_char_escape(&mut rest, escape)?;
        let unused = rest.len();
        let used = json.len() - unused;
        *self.added += write_escaped(writer, &json[..used])?;
        Ok(())
    }

    fn write_raw_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        json: &str,
    ) -> io::Result<()> {
        *self.added += write_escaped(writer, json.as_bytes())?;
        Ok(())
    }
}

/// Returns the byte after the backslash, which is `u` for `\u00..`.
fn escape(byte: u8) -> u8 {
    match byte {
        0x08 => b'b',
        b'\t' => b't',
        b'\n' => b'n',
        0x0c => b'f',
        b'\r' => b'r',
        0..0x20 => b'u',
        _ => byte,
    }
}

/// Writes text with escapes, and returns the number of bytes that the escapes add.
///
/// Bytes that need no escape are copied run by run.
fn write_escaped<W: io::Write + ?Sized>(writer: &mut W, text: &[u8]) -> io::Result<usize> {
    let (mut run, mut added) = (0, 0);
    let needs_escape = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    while let Some(length) = text[run..].iter().position(needs_escape) {
        let at = run + length;
        writer.write_all(&text[run..at])?;
        run = at + 1;
        let byte = text[at];
        let escape = escape(byte);
        if escape == b'u' {
            write!(writer, "\\u{byte:04x}")?;
            added += 5;
        } else {
            writer.write_all(&[b'\\', escape])?;
            added += 1;
        }
    }
    writer.write_all(&text[run..])?;
    Ok(added)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn assert_is_as_twice(value: &impl Serialize) {
        let text = serde_json::to_string(value).unwrap();
        let expected = (serde_json::to_vec(&text).unwrap(), text.len());
        assert_eq!(json_as_string(value).unwrap(), expected, "{text}");
    }

    #[test]
    fn json_as_string_equals_serialising_twice_for_every_byte() {
        for first in 0..=u8::MAX {
            let texts = [
                char::from(first).to_string(),
                format!("a{}b", char::from(first)),
                format!("{0}{0}\"é☃𝄞", char::from(first)),
            ];
            for text in texts {
                let mut json = Vec::new();
                push_string(&mut json, &text);
                assert_eq!(json, serde_json::to_vec(&text).unwrap(), "{text:?}");
                assert_is_as_twice(&text);
            }
        }
    }

    #[test]
    fn json_as_string_equals_serialising_twice_for_every_kind_of_value() {
        #[derive(Serialize)]
        enum Kind {
            Unit,
            Newtype(char),
            Tuple(bool, ()),
            Struct { key: Option<f64> },
        }
        struct Displayed;
        impl Serialize for Displayed {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str("\"\\\n")
            }
        }
        struct Bytes;
        impl Serialize for Bytes {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_bytes(b"\"\\")
            }
        }

        let value = (
            (Kind::Unit, Kind::Newtype('"'), Kind::Tuple(true, ())),
            [
                Kind::Struct {
                    key: Some(-1.5e300),
                },
                Kind::Struct { key: None },
            ],
            (Displayed, Bytes, i128::MIN, u64::MAX, f32::NAN),
            std::collections::BTreeMap::from([(1, "one"), (2, "\u{7}")]),
            std::collections::BTreeMap::from([("\"", Vec::<()>::new())]),
        );
        assert_is_as_twice(&value);
    }

    #[test]
    fn white_space_of_a_raw_value_is_escaped() {
        let raw: Box<serde_json::value::RawValue> =
            serde_json::from_str("{\"a\":\n\t[1,\r\n\"\\n\\u0001\"]}").unwrap();
        assert_is_as_twice(&raw);
    }

    #[test]
    fn rejects_value_that_cannot_be_serialised() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = json_as_string(&map).unwrap_err();
        assert_eq!(error.to_string(), "key must be a string");
    }
}
