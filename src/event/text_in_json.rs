//! A text as a JSON string, written in one pass: an event's data is mostly JSON inside JSON.

use std::io;

use serde::Serialize;

use crate::error::Error;

/// Writes `text` as a JSON string.
pub(crate) fn push_text(json: &mut Vec<u8>, text: &str) {
    json.push(b'"');
    push_escaped(json, text.as_bytes());
    json.push(b'"');
}

/// Writes the JSON of `value` as a JSON string, and gives the length of that JSON in bytes.
pub(crate) fn push_json_text<T: Serialize + ?Sized>(
    json: &mut Vec<u8>,
    value: &T,
) -> Result<usize, Error> {
    json.push(b'"');
    let mut writer = Escaping {
        json,
        text_bytes: 0,
    };
    serde_json::to_writer(&mut writer, value).map_err(|source| Error::Serialize {
        what: "event data",
        source,
    })?;
    let text_bytes = writer.text_bytes;
    json.push(b'"');
    Ok(text_bytes)
}

struct Escaping<'a> {
    json: &'a mut Vec<u8>,
    text_bytes: usize,
}

impl io::Write for Escaping<'_> {
    fn write(&mut self, text: &[u8]) -> io::Result<usize> {
        self.text_bytes += text.len();
        push_escaped(self.json, text);
        Ok(text.len())
    }

    fn write_all(&mut self, text: &[u8]) -> io::Result<()> {
        self.write(text).map(|_| ())
    }

    fn flush(&mut self) -> io::Result<()> {
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

/// Run by run: what needs no escape is copied in one piece.
fn push_escaped(json: &mut Vec<u8>, mut text: &[u8]) {
    let needs_escape = |byte: &u8| ESCAPES[usize::from(*byte)] != 0;
    while let Some(run) = text.iter().position(needs_escape) {
        json.extend_from_slice(&text[..run]);
        let byte = text[run];
        match ESCAPES[usize::from(byte)] {
            b'u' => {
                json.extend_from_slice(b"\\u00");
                json.extend_from_slice(
                    const_hex::Buffer::<1>::new()
                        .const_format(&[byte])
                        .as_bytes(),
                );
            }
            escape => json.extend_from_slice(&[b'\\', escape]),
        }
        text = &text[run + 1..];
    }
    json.extend_from_slice(text);
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
                let mut json = Vec::new();
                push_text(&mut json, &text);
                assert_eq!(json, serde_json::to_vec(&text).unwrap(), "{text:?}");
                let mut json = Vec::new();
                let bytes = push_json_text(&mut json, &text).unwrap();
                assert_eq!(json, twice(&text).into_bytes(), "{text:?}");
                assert_eq!(bytes, serde_json::to_string(&text).unwrap().len());
            }
        }
    }

    #[test]
    fn white_space_of_a_raw_value_is_escaped() {
        let raw: Box<serde_json::value::RawValue> =
            serde_json::from_str("{\"a\":\n\t[1,\r\n\"\\n\\u0001\"]}").unwrap();
        let mut json = Vec::new();
        push_json_text(&mut json, &raw).unwrap();
        assert_eq!(json, twice(&raw).into_bytes());
    }

    #[test]
    fn what_cannot_be_serialised_is_an_error() {
        let map = std::collections::BTreeMap::from([((1, 2), 3)]);
        let error = push_json_text(&mut Vec::new(), &map).unwrap_err();
        assert!(matches!(error, Error::Serialize { .. }), "{error:?}");
    }
}
