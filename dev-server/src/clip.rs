//! Words that quote what was refused, cut off: a peer may send any size.

/// The most bytes of a refusal's words.
const WORDS_BYTES: usize = 4_096;

/// The words of a refusal, cut off where they are too many.
pub(super) fn clipped(words: String) -> String {
    let bytes = words.len();
    if bytes <= WORDS_BYTES {
        return words;
    }
    let mut ends = (0..=WORDS_BYTES).rev();
    let end = ends.find(|end| words.is_char_boundary(*end));
    format!("{}... ({bytes} bytes)", &words[..end.unwrap_or_default()])
}
