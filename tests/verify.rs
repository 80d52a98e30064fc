//! Checking a request's signature: known answers pass, whatever is changed does not.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use http::Method;
use pusher_http::Credentials;
use pusher_http::api::{SignatureError, verify};

// The documented example (rest-api, worked example).
const PATH: &str = "/apps/3/events";
const QUERY: &str = "auth_key=278d425bdf160c739803&auth_timestamp=1353088179&auth_version=1.0\
                     &body_md5=ec365a775a4cd0599faeb73354201b6f\
                     &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";
const BODY: &str = r#"{"name":"foo","channels":["project-3"],"data":"{\"some\":\"data\"}"}"#;
const TIME: u64 = 1_353_088_179;

fn credentials() -> [Credentials; 1] {
    [Credentials::new("278d425bdf160c739803", "7ad3773142a6692b25b8").unwrap()]
}

fn check(
    method: &Method,
    path: &str,
    query: &str,
    body: &str,
    now: u64,
) -> Result<(), SignatureError> {
    verify(&credentials(), method, path, query, body.as_bytes(), now)
}

#[test]
fn the_documented_request_is_accepted_for_ten_minutes_each_way() {
    for now in [TIME, TIME - 600, TIME + 600] {
        assert_eq!(check(&Method::POST, PATH, QUERY, BODY, now), Ok(()));
    }
    for now in [TIME - 601, TIME + 601, 0, u64::MAX] {
        let refusal = check(&Method::POST, PATH, QUERY, BODY, now).unwrap_err();
        assert!(
            matches!(refusal, SignatureError::Timestamp { .. }),
            "{refusal}"
        );
    }
}

#[test]
fn the_order_of_the_query_does_not_matter() {
    let reversed: Vec<_> = QUERY.split('&').rev().collect();
    assert_eq!(
        check(&Method::POST, PATH, &reversed.join("&"), BODY, TIME),
        Ok(())
    );
}

#[test]
fn whatever_is_changed_is_refused_by_name() {
    let of = |query: &str| check(&Method::POST, PATH, query, BODY, TIME).unwrap_err();
    for name in [
        "auth_key",
        "auth_timestamp",
        "auth_version",
        "auth_signature",
    ] {
        let without: Vec<_> = QUERY
            .split('&')
            .filter(|pair| !pair.starts_with(name))
            .collect();
        assert_eq!(of(&without.join("&")), SignatureError::Parameter(name));
        assert_eq!(
            of(&format!("{QUERY}&{name}=1")),
            SignatureError::Parameter(name)
        );
    }
    assert_eq!(
        of(&QUERY.replace("auth_key=2", "auth_key=3")),
        SignatureError::UnknownKey
    );
    assert_eq!(of(&QUERY.replace("=1.0", "=2.0")), SignatureError::Version);
    for timestamp in ["x", "-1", "", "99999999999999999999999", "253402300800"] {
        let refusal = of(&QUERY.replace("1353088179", timestamp));
        assert!(
            matches!(refusal, SignatureError::Timestamp { .. }),
            "{timestamp}: {refusal}"
        );
    }
    let no_md5 = QUERY.replace("&body_md5=ec365a775a4cd0599faeb73354201b6f", "");
    for query in [QUERY.replace("=ec36", "=ec37"), no_md5] {
        assert!(matches!(of(&query), SignatureError::BodyMd5 { .. }));
    }
    for query in [
        QUERY.replace("=da45", "=da46"),
        QUERY.replace("=da45", "=DA45"),
        format!("{QUERY}&other=1"),
    ] {
        assert!(matches!(of(&query), SignatureError::Signature { .. }));
    }
}

#[test]
fn method_path_and_body_are_signed() {
    let signature = |result: Result<(), SignatureError>| {
        matches!(result, Err(SignatureError::Signature { .. }))
    };
    assert!(signature(check(&Method::GET, PATH, QUERY, BODY, TIME)));
    assert!(signature(check(
        &Method::POST,
        "/apps/4/events",
        QUERY,
        BODY,
        TIME
    )));
    let body = check(&Method::POST, PATH, QUERY, "{}", TIME);
    assert!(matches!(body, Err(SignatureError::BodyMd5 { .. })));
    // A body that is not there has no MD5.
    let body = check(&Method::POST, PATH, QUERY, "", TIME);
    assert!(matches!(body, Err(SignatureError::BodyMd5 { .. })));
}

#[test]
fn the_refusal_says_what_should_have_been_signed() {
    let refusal = check(
        &Method::GET,
        "/a",
        "auth_key=278d425bdf160c739803&auth_timestamp=1\
         &auth_version=1.0&auth_signature=x",
        "",
        1,
    )
    .unwrap_err();
    assert_eq!(
        refusal.to_string(),
        "Invalid signature: you should have sent HmacSHA256Hex(\"GET\\n/a\\n\
         auth_key=278d425bdf160c739803&auth_timestamp=1&auth_version=1.0\", your_secret_key)"
    );
}
