//! Percent-encoding: strict, since servers differ on what they take as it is.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What is encoded in a query value and in a path segment: all but RFC 3986's unreserved characters.
pub(super) const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// Whether it is not in [`RESERVED`].
#[inline]
pub(super) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~')
}

/// A text as a path segment.
pub(super) fn encoded_segment(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}
