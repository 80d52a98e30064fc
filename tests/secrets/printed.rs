//! The output of values, and the secrets that must not be in it.

use std::collections::BTreeSet;
use std::error::Error;
use std::fmt::Debug;

use crate::marked::{MASTER_KEY, OLDER_MASTER_KEY, SECRET, shared_secret};

/// The name of each type, with everything that its values print.
#[derive(Default)]
pub(crate) struct Printed(Vec<(String, String)>);

impl Printed {
    pub(crate) fn debug<T: Debug>(&mut self, value: &T) {
        self.0
            .push((name_of::<T>(), format!("{value:?}\n{value:#?}")));
    }

    /// Prints an error: its `Debug`, its message, and those of all its sources.
    pub(crate) fn error<T: Error + 'static>(&mut self, error: &T) {
        self.debug(error);
        let mut next: Option<&dyn Error> = Some(error);
        while let Some(error) = next {
            let text = format!("{error}\n{error:?}\n{error:#?}");
            self.0.push((name_of::<T>(), text));
            next = error.source();
        }
    }

    pub(crate) fn types(&self) -> BTreeSet<&str> {
        self.0.iter().map(|(name, _)| name.as_str()).collect()
    }

    #[track_caller]
    pub(crate) fn shows_nothing(&self) {
        assert!(!self.0.is_empty());
        for (name, text) in &self.0 {
            if let Some(found) = found_in(text) {
                panic!("{name} shows {found}: {text}");
            }
        }
    }
}

fn name_of<T>() -> String {
    let path = std::any::type_name::<T>();
    let path = path.split('<').next().unwrap();
    path.rsplit("::").next().unwrap().to_owned()
}

/// Returns the first secret in a text.
fn found_in(text: &str) -> Option<String> {
    let shared_secret = shared_secret().to_base64();
    let written_out = |bytes: &str| format!("{:?}", bytes.as_bytes()).replace(['[', ']'], "");
    let hexadecimal = format!("{:x}", bytes::Bytes::from_static(SECRET.as_bytes()));
    // Also as bytes, all on one line or one per line.
    let on_one_line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    [
        "MARKER",
        MASTER_KEY,
        OLDER_MASTER_KEY,
        &shared_secret,
        &written_out("MARKER"),
        &hexadecimal,
    ]
    .into_iter()
    .find(|marker| text.contains(*marker) || on_one_line.contains(*marker))
    .map(str::to_owned)
    .or_else(|| signature_in(text))
}

/// Returns a sequence of 64 hexadecimal digits, which is a signature.
fn signature_in(text: &str) -> Option<String> {
    text.split(|c: char| !c.is_ascii_hexdigit())
        .find(|run| run.len() >= 64)
        .map(str::to_owned)
}

#[test]
fn finds_secrets_in_printed_text() {
    let signature = "ab".repeat(32);
    let key = format!("{:?}", shared_secret().to_base64());
    for shown in [SECRET, &signature, &key, MASTER_KEY] {
        let mut printed = Printed::default();
        printed.debug(&Some(shown));
        assert!(
            std::panic::catch_unwind(|| printed.shows_nothing()).is_err(),
            "{shown} is not found"
        );
    }
    for bytes in [SECRET.as_bytes(), b"MARKER-master-key-of-32-bytes..."] {
        assert!(found_in(&format!("{bytes:?}")).is_some());
        assert!(found_in(&format!("{bytes:#?}")).is_some());
    }
    assert_eq!(found_in("key, 278d425bdf160c739803, /apps/3"), None);
}
