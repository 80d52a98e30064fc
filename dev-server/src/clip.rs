//! Truncates error messages that quote rejected input: a peer may send input of any size.

/// The maximum length of an error message, in bytes.
const WORDS_BYTES: usize = 4_096;

/// Truncates an error message that is too long.
pub(super) fn clipped(words: String) -> String {
    let bytes = words.len();
    if bytes <= WORDS_BYTES {
        return words;
    }
    let mut ends = (0..=WORDS_BYTES).rev();
    let end = ends.find(|end| words.is_char_boundary(*end));
    format!("{}... ({bytes} bytes)", &words[..end.unwrap_or_default()])
}
