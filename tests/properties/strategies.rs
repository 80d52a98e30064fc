//! Inputs: text that the rules accept, text that differs by one character, and any text.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::Value;

pub(crate) const SOCKET_ID: &str = "[0-9]{1,12}\\.[0-9]{1,12}";
pub(crate) const CHANNEL: &str =
    "(private-encrypted-|private-|presence-|)(cache-|)[A-Za-z0-9_=@,.;:-]{1,174}";
pub(crate) const PRIVATE_CHANNEL: &str = "private-[A-Zf-z0-9_=@,.;:-][A-Za-z0-9_=@,.;:-]{0,190}";
pub(crate) const PRESENCE_CHANNEL: &str = "presence-[A-Za-z0-9_=@,.;:-]{1,190}";
pub(crate) const EVENT: &str = "(client-|)\\PC{1,190}";
pub(crate) const USER_ID: &str = "\\PC{1,128}";
pub(crate) const CALLBACK: &str = "[a-zA-Z_$][a-zA-Z0-9_$]{0,9}\
    (\\.[a-zA-Z_$][a-zA-Z0-9]{0,9}|\\[[0-9]{1,3}\\]|\\['[a-z0-9_$.-]{1,5}'\\]|\\[\"[a-z0-9]{1,5}\"\\]){0,4}";
pub(crate) const KEY: &str = "[!-9;-~]{1,40}";
pub(crate) const APP_ID: &str = "[A-Za-z0-9_-][A-Za-z0-9_.-]{0,20}";

/// Characters with a meaning in the grammars around a name, and lookalikes of allowed characters.
const NASTY: &[&str] = &[
    "",
    ":",
    "::user::",
    "\n",
    "\r",
    "\0",
    "\t",
    " ",
    "#",
    "%",
    "%3A",
    "&",
    "=",
    "+",
    "\"",
    "'",
    "\\",
    "/",
    "?",
    "<",
    ">",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ";",
    ",",
    ".",
    "..",
    "-",
    "$",
    "１",
    "٣",
    "а",
    "é",
    "\u{212a}",
    "\u{2028}",
    "\u{feff}",
    "\u{202e}",
    "\u{1f600}",
    "0",
    "pusher:",
    "private-",
];

pub(crate) fn text(pattern: &'static str) -> impl Strategy<Value = String> {
    pattern
}

pub(crate) fn nasty() -> impl Strategy<Value = &'static str> {
    select(NASTY)
}

/// Text that matches the pattern, such text with an insertion or truncated, and any text.
pub(crate) fn near(pattern: &'static str) -> impl Strategy<Value = String> {
    prop_oneof![
        3 => pattern,
        2 => (pattern, any::<Index>(), nasty()).prop_map(|(text, at, nasty)| {
            insert(&text, at.index(text.chars().count() + 1), nasty)
        }),
        1 => (pattern, nasty()).prop_map(|(text, nasty)| text + nasty),
        1 => (nasty(), pattern).prop_map(|(nasty, text)| nasty.to_owned() + &text),
        1 => (pattern, any::<Index>()).prop_map(|(text, at)| {
            text.chars().take(at.index(text.chars().count() + 1)).collect()
        }),
        1 => (pattern, 1..5_usize).prop_map(|(text, times)| text.repeat(times)),
        1 => any::<String>(),
        1 => vec(nasty(), 0..6).prop_map(|parts| parts.concat()),
    ]
}

fn insert(text: &str, at: usize, nasty: &str) -> String {
    let mut characters = text.chars();
    let before: String = characters.by_ref().take(at).collect();
    before + nasty + characters.as_str()
}

/// Any JSON value of modest size.
pub(crate) fn json() -> impl Strategy<Value = Value> {
    json_with_keys(any::<String>().boxed())
}

/// Any JSON value of modest size, possibly with the key that makes `serde_json::Value` parse a
/// string as JSON. Compare it as text, because a `Value` cannot hold it.
pub(crate) fn hostile_json() -> impl Strategy<Value = Value> {
    let raw_value = Just("$serde_json::private::RawValue".to_owned());
    json_with_keys(prop_oneof![any::<String>(), raw_value].boxed())
}

fn json_with_keys(key: BoxedStrategy<String>) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        // Quarters, because serde_json without `float_roundtrip` may lose a last digit.
        any::<i32>().prop_map(|quarters| Value::from(f64::from(quarters) / 4.0)),
        any::<String>().prop_map(Value::from),
        any::<String>().prop_map(|text| Value::from(Value::from(text).to_string())),
    ];
    leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            vec((key.clone(), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

/// Untrusted bytes: any bytes, any text, JSON, and broken JSON.
pub(crate) fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        vec(any::<u8>(), 0..200),
        any::<String>().prop_map(String::into_bytes),
        hostile_json().prop_map(|value| value.to_string().into_bytes()),
        (hostile_json(), any::<Index>(), any::<u8>()).prop_map(|(value, at, byte)| {
            let mut text = value.to_string().into_bytes();
            let at = at.index(text.len());
            text[at] = byte;
            text
        }),
    ]
}
