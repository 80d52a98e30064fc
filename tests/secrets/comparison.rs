//! Signatures are compared in constant time, for any given signature.

use std::path::Path;

use pusher_http::api::{self, Request};
use pusher_http::{Error, WebhookError, http::Method};

use crate::marked::app;

/// Wrong signatures of every length, hexadecimal or not.
fn wrong(right: &str) -> Vec<String> {
    let mut wrong: Vec<String> = (0..=130)
        .flat_map(|length| {
            ["0", "f", "g", "\0", "é", "\u{1f600}"].map(|digit| digit.repeat(length))
        })
        .collect();
    for length in 0..64 {
        wrong.push(right[..length].to_owned());
        wrong.push(format!("{}g{}", &right[..length], &right[length + 1..]));
        wrong.push(format!("{}é", &right[..length]));
    }
    wrong.extend([
        right.to_uppercase(),
        format!("{right}0"),
        format!(" {right}"),
        right.repeat(2),
    ]);
    wrong
}

#[test]
fn rejects_signature_of_wrong_length_or_not_hex_without_panic() {
    let app = app();
    let body = b"{\"time_ms\":1403175510755,\"events\":[]}";
    let right = app.credentials().sign(&[body]);
    assert!(app.credentials().verify(&[body], &right));
    assert!(
        app.webhook_from_parts(Some("key"), Some(&right), body)
            .is_ok()
    );
    for wrong in wrong(&right) {
        assert!(!app.credentials().verify(&[body], &wrong), "{wrong:?}");
        let error = app
            .webhook_from_parts(Some("key"), Some(&wrong), body)
            .unwrap_err();
        let is_refused = matches!(error, Error::Webhook(WebhookError::InvalidSignature));
        assert!(is_refused, "{wrong:?}: {error}");
    }
}

#[test]
fn rejects_wrong_request_signature_without_panic() {
    let app = app();
    let request = Request::get("/channels").unwrap();
    let signed = app.sign(&request, 1).unwrap();
    let (text, right) = signed
        .uri()
        .query()
        .unwrap()
        .split_once("&auth_signature=")
        .unwrap();
    let verify = |signature: &str| {
        let query = url::form_urlencoded::Serializer::new(format!("{text}&"))
            .append_pair("auth_signature", signature)
            .finish();
        api::verify(
            app.all_credentials(),
            &Method::GET,
            signed.uri().path(),
            &query,
            b"",
            1,
        )
    };
    assert_eq!(verify(right), Ok(()));
    for wrong in wrong(right) {
        let error = verify(&wrong).unwrap_err();
        assert!(
            matches!(error, api::SignatureError::Signature { .. }),
            "{wrong:?}: {error}"
        );
    }
}

/// A test on a busy machine cannot measure that a comparison takes constant time. It can check
/// that there is only one comparison, and that it uses `subtle`.
#[test]
fn signatures_are_compared_in_one_place_by_subtle() {
    let source = |path: &str| {
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
    };
    let credentials = source("src/credentials.rs");
    let verify = credentials.split("pub fn verify").nth(1).unwrap();
    let verify = verify.split("\n    }\n").next().unwrap();
    assert!(verify.contains(".ct_eq(signature)"), "{verify}");
    assert_eq!(
        verify.matches("==").count(),
        1,
        "the length alone: {verify}"
    );
    for user in ["src/webhook/signature.rs", "src/api/verify.rs"] {
        assert!(source(user).contains("one.verify(&["), "{user}");
    }
}
