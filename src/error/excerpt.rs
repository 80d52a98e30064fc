//! Excerpts of untrusted text for errors: the start of the text, without signatures.

/// The maximum number of characters kept from a reason that may quote untrusted text.
pub(super) const REASON_CHARS: usize = 300;

/// The length in hexadecimal digits from which a run is masked as a quoted signature.
///
/// A SHA-256 has 64 digits.
const SIGNATURE_DIGITS: usize = 64;

/// The length in hexadecimal digits from which a run at the end of a text is masked.
///
/// The text may have been cut off within a signature. A shorter run reveals too little of the
/// signature to be of use.
const CUT_SIGNATURE_DIGITS: usize = 16;

/// Returns the start of an untrusted text, with signatures masked.
pub(super) fn excerpt(text: &str, chars: usize) -> String {
    mask_signatures(text).chars().take(chars).collect()
}

fn mask_signatures(text: &str) -> String {
    let mut masked = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_hexdigit()) {
        let (before, run) = rest.split_at(start);
        let end = run
            .find(|c: char| !c.is_ascii_hexdigit())
            .unwrap_or(run.len());
        masked.push_str(before);
        let is_at_end = end == run.len();
        masked.push_str(
            if end >= SIGNATURE_DIGITS || is_at_end && end >= CUT_SIGNATURE_DIGITS {
                "[signature]"
            } else {
                &run[..end]
            },
        );
        rest = &run[end..];
    }
    masked + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_signatures() {
        let signature = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";
        let masked = |text: &str| excerpt(text, 1_000);
        assert_eq!(
            masked(&format!("you sent \"{signature}\" deadbeef é")),
            "you sent \"[signature]\" deadbeef é"
        );
        for digits in [16, 63] {
            let cut = format!("you sent \"{}", &signature[..digits]);
            assert_eq!(masked(&cut), "you sent \"[signature]");
        }
        let short = format!("you sent \"{}", &signature[..15]);
        assert_eq!(masked(&short), short);
        let id = "no app d41d8cd98f00b204e9800998ecf8427e here";
        assert_eq!(masked(id), id);
    }

    #[test]
    fn cuts_long_text_at_character_boundary() {
        assert_eq!(excerpt(&"é".repeat(3_000), 1_000), "é".repeat(1_000));
    }
}
