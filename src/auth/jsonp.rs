//! The callback name of pages on the `jsonp` transport.
//!
//! These pages send their request by a `<script>` element.

use std::borrow::Cow;

use crate::error::Error;
use crate::string_newtype::string_newtype;

/// The maximum length of a callback name. pusher-js needs about thirty characters.
const MAX_CHARS: usize = 128;

/// A checked JSONP callback name, such as `Pusher.auth_callbacks['1']`.
///
/// A name consists of JavaScript names joined by dots, followed by numbers or quoted names in
/// brackets, and has at most 128 characters. It cannot contain script.
///
/// Any site can make a visitor's browser send a JSONP request and can read the response. Respond
/// only if the request proves more than a cookie does, or do not support JSONP at all.
///
/// ```
/// use pusher_http::auth::JsonpCallback;
///
/// assert!(JsonpCallback::new("Pusher.auth_callbacks['1']").is_ok());
/// assert!(JsonpCallback::new("alert(1)//").is_err());
/// ```
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JsonpCallback(Cow<'static, str>);

string_newtype!(JsonpCallback, "a callback name");

impl JsonpCallback {
    /// The content type of a JSONP response.
    ///
    /// Without the charset, a browser reads the response in the charset of the page. In some
    /// charsets, such as `Shift_JIS`, the bytes of a name can end its string early, and the rest of
    /// the name is run as script.
    pub const CONTENT_TYPE: &str = "application/javascript; charset=utf-8";

    /// Returns `callback(<json>);`.
    ///
    /// Escapes the two line separators that older JavaScript does not accept inside a string.
    pub(super) fn call(&self, json: &str) -> String {
        let json = json
            .replace('\u{2028}', "\\u2028")
            .replace('\u{2029}', "\\u2029");
        format!("{}({json});", self.0)
    }

    fn check(text: &str) -> Result<(), Error> {
        if text.len() <= MAX_CHARS && is_member_expression(text) {
            return Ok(());
        }
        Err(Error::invalid(
            "JSONP callback",
            text,
            "it must be dotted JavaScript names, with numbers or quoted names in brackets, of at \
             most 128 characters",
        ))
    }
}

/// Matches `name`, followed by any number of `.name`, `[digits]`, `['key']` and `["key"]`.
fn is_member_expression(text: &str) -> bool {
    let Some(mut rest) = after_name(text) else {
        return false;
    };
    while !rest.is_empty() {
        let after = match rest.as_bytes()[0] {
            b'.' => after_name(&rest[1..]),
            b'[' => after_brackets(&rest[1..]),
            _ => None,
        };
        match after {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

fn after_name(text: &str) -> Option<&str> {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '$';
    let end = text.find(|c| !is_name(c)).unwrap_or(text.len());
    let starts_well = end > 0 && !text.as_bytes()[0].is_ascii_digit();
    starts_well.then(|| &text[end..])
}

fn after_brackets(text: &str) -> Option<&str> {
    let (key, rest) = text.split_once(']')?;
    let is_key = |key: &str| {
        !key.is_empty()
            && key
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'$' | b'-' | b'.'))
    };
    let quoted = ['\'', '"']
        .into_iter()
        .find_map(|quote| key.strip_prefix(quote)?.strip_suffix(quote));
    let fits = match quoted {
        Some(name) => is_key(name),
        None => !key.is_empty() && key.bytes().all(|b| b.is_ascii_digit()),
    };
    fits.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepts_pusher_js_and_similar_names() {
        for name in [
            "callback",
            "Pusher.auth_callbacks['1']",
            "Pusher.auth_callbacks[\"1\"]",
            "window.app.handlers[12].done",
            "$.cb_1",
            "a['x-y.z'][0]",
        ] {
            assert!(JsonpCallback::new(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn rejects_names_that_could_contain_script() {
        for name in [
            "",
            "1a",
            ".a",
            "a.",
            "a..b",
            "a[",
            "a[]",
            "a['']",
            "a['1]",
            "a['1\"]",
            "a[x]",
            "a['1'](",
            "alert(1)",
            "alert(1)//",
            "a;b",
            "a b",
            "a\nb",
            "a<b",
            "a['</script>']",
            "a['\\']",
            "a['\u{2028}']",
            "é",
            "a=b",
            "a/*",
            "a['x'+'y']",
            "a[']']",
            &"a".repeat(129),
        ] {
            assert!(JsonpCallback::new(name).is_err(), "{name:?}");
        }
    }

    #[test]
    fn response_escapes_line_separators() {
        let callback = JsonpCallback::new("cb").unwrap();
        assert_eq!(
            callback.call("{\"a\":\"\u{2028}\u{2029}\"}"),
            r#"cb({"a":"\u2028\u2029"});"#
        );
    }
}
