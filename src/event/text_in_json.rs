//! A text as a JSON string, written in one pass: an event's data is mostly JSON inside JSON.

use std::io;

use serde::Serialize;
use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::buffer::Buffer;
use crate::error::Error;

/// Writes `text` as a JSON string.
pub(crate) fn push_text(json: &mut Buffer, text: &str) {
    json.push(b"\"");
    // A buffer takes everything.
    let _ = write_escaped(json, text.as_bytes());
    json.push(b"\"");
}

/// Writes the JSON of `value` as a JSON string, and gives the length of that JSON in bytes.
pub(crate) fn push_json_text<T: Serialize + ?Sized>(
    json: &mut Buffer,
    value: &T,
) -> Result<usize, Error> {
    json.push(b"\"");
    let start = json.len();
    let mut backslashes = 0;
    let formatter = TextInJson {
        backslashes: &mut backslashes,
    };
    let mut serializer = serde_json::Serializer::with_formatter(&mut *json, formatter);
    value
        .serialize(&mut serializer)
        .map_err(Error::serialize("event data"))?;
    let text_bytes = json.len() - start - backslashes;
    json.push(b"\"");
    Ok(text_bytes)
}

/// Writes JSON as it stands in a JSON string. What is between the quotes of JSON's own strings
/// needs no second look: there are no quotes, backslashes or control characters left in it but
/// those of its escapes.
struct TextInJson<'a> {
    /// How many bytes are written beside those of the JSON itself.
    backslashes: &'a mut usize,
}

impl Formatter for TextInJson<'_> {
    #[inline]
    fn begin_string<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        *self.backslashes += 1;
        writer.write_all(br#"\""#)
    }

    #[inline]
    fn end_string<W: io::Write + ?Sized>(&mut self, writer: &mut W) -> io::Result<()> {
        *self.backslashes += 1;
        writer.write_all(br#"\""#)
    }

    fn write_char_escape<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        escape: CharEscape,
    ) -> io::Result<()> {
        // `\u00..` is the longest.
        let mut json = [0; 6];
        let mut rest = &mut json[..];
        CompactFormatter.write_char_escape(&mut rest, escape)?;
        let unused = rest.len();
        let used = json.len() - unused;
        *self.backslashes += write_escaped(writer, &json[..used])?;
        Ok(())
    }

    fn write_raw_fragment<W: io::Write + ?Sized>(
        &mut self,
        writer: &mut W,
        json: &str,
    ) -> io::Result<()> {
        *self.backslashes += write_escaped(writer, json.as_bytes())?;
        Ok(())
    }
}

/// What stands after the backslash, by byte: `u` for `\u00..`, 0 for a byte that stands for itself.
const ESCAPES: [u8; 256] = {
    let mut escapes = [0; 256];
    let mut control = 0;
    while control < 0x20 {
        escapes[control] = b'u';
        control += 1;
    }
    escapes[0x08] = b'b';
    escapes[b'\t' as usize] = b't';
    escapes[b'\n' as usize] = b'n';
    escapes[0x0c] = b'f';
    escapes[b'\r' as usize] = b'r';
    escapes[b'"' as usize] = b'"';
    escapes[b'\\' as usize] = b'\\';
    escapes
};

/// Writes run by run, since what needs no escape is copied in one piece; gives how many bytes it
/// writes beside the text's own.
fn write_escaped<W: io::Write + ?Sized>(writer: &mut W, mut text: &[u8]) -> io::Result<usize> {
    let needs_escape = |byte: &u8| ESCAPES[usize::from(*byte)] != 0;
    let mut more = 0;
    while let Some(run) = text.iter().position(needs_escape) {
        writer.write_all(&text[..run])?;
        let byte = text[run];
        more += match ESCAPES[usize::from(byte)] {
            b'u' => {
                writer.write_all(b"\\u00")?;
                let mut digits = hex::Buffer::<1>::new();
                writer.write_all(digits.format(&[byte]).as_bytes())?;
                5
            }
            escape => {
                writer.write_all(&[b'\\', escape])?;
                1
            }
        };
        text = &text[run + 1..];
    }
    writer.write_all(text)?;
    Ok(more)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn twice(value: &impl Serialize) -> String {
        serde_json::to_string(&serde_json::to_string(value).unwrap()).unwrap()
    }

    #[test]
    fn every_byte_is_written_as_by_serialising_twice() {
        for first in 0..=u8::MAX {
            let texts = [
                char::from(first).to_string(),
                format!("a{}b", char::from(first)),
                format!("{0}{0}\"é☃𝄞", char::from(first)),
            ];
            for text in texts {
                let mut json = Buffer::new();
                push_text(&mut json, &text);
                assert_eq!(*json, *serde_json::to_vec(&text).unwrap(), "{text:?}");
                let mut json = Buffer::new();
                let bytes = push_json_text(&mut json, &text).unwrap();
                assert_eq!(*json, *twice(&text).into_bytes(), "{text:?}");
                assert_eq!(bytes, serde_json::to_string(&text).unwrap().len());
            }
        }
    }

    #[test]
    fn every_kind_of_value_is_written_as_by_serialising_twice() {
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
        let mut json = Buffer::new();
        let bytes = push_json_text(&mut json, &value).unwrap();
        assert_eq!(*json, *twice(&value).into_bytes());
        assert_eq!(bytes, serde_json::to_string(&value).unwrap().len());
    }

    #[test]
    fn white_space_of_a_raw_value_is_escaped() {
        let raw: Box<serde_json::value::RawValue> =
            serde_json::from_str("{\"a\":\n\t[1,\r\n\"\\n\\u0001\"]}").unwrap();
        let mut json = Buffer::new();
        let bytes = push_json_text(&mut json, &raw).unwrap();
        assert_eq!(*json, *twice(&raw).into_bytes());
        assert_eq!(bytes, raw.get().len());
    }

    #[test]
    fn what_cannot_be_serialised_is_an_error() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = push_json_text(&mut Buffer::new(), &map).unwrap_err();
        assert!(matches!(error, Error::Serialize { .. }), "{error:?}");
    }
}
