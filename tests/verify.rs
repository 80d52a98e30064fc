//! Verifying a request's signature: known signatures are valid, and any change is rejected.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use http::Method;
use pusher_http::Credentials;
use pusher_http::api::{SignatureError, verify};

// The example in the documentation (rest-api, worked example).
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
fn accepts_documented_request_within_ten_minutes_each_way() {
    for now in [TIME, TIME - 600, TIME + 600] {
        assert_eq!(check(&Method::POST, PATH, QUERY, BODY, now), Ok(()));
    }
    for now in [TIME - 601, TIME + 601, 0, u64::MAX] {
        let error = check(&Method::POST, PATH, QUERY, BODY, now).unwrap_err();
        assert!(matches!(error, SignatureError::Timestamp { .. }), "{error}");
    }
}

#[test]
fn accepts_query_in_any_order() {
    let reversed: Vec<_> = QUERY.split('&').rev().collect();
    assert_eq!(
        check(&Method::POST, PATH, &reversed.join("&"), BODY, TIME),
        Ok(())
    );
}

#[test]
fn rejects_changed_query_and_names_the_parameter() {
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
        let error = of(&QUERY.replace("1353088179", timestamp));
        assert!(
            matches!(error, SignatureError::Timestamp { .. }),
            "{timestamp}: {error}"
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
fn rejects_changed_method_path_and_body() {
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
    // An empty body has no MD5.
    let body = check(&Method::POST, PATH, QUERY, "", TIME);
    assert!(matches!(body, Err(SignatureError::BodyMd5 { .. })));
}

#[test]
fn signature_error_has_expected_string_to_sign() {
    let error = check(
        &Method::GET,
        "/a",
        "auth_key=278d425bdf160c739803&auth_timestamp=1\
         &auth_version=1.0&auth_signature=x",
        "",
        1,
    )
    .unwrap_err();
    assert_eq!(
        error.to_string(),
        "Invalid signature: you should have sent HmacSHA256Hex(\"GET\\n/a\\n\
         auth_key=278d425bdf160c739803&auth_timestamp=1&auth_version=1.0\", your_secret_key)"
    );
}
