//! Verification of request signatures, for servers and tests.

use http::Method;
use subtle::ConstantTimeEq as _;

use super::SignedRequest;
use super::request::{md5_hex, signed_pieces};
use crate::credentials::{Credentials, HexDigest};

/// The reason why a request's signature is rejected.
///
/// The messages are those of the hosted service, as far as they are known. They echo the request
/// except its signature, which may be valid for another request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// A parameter that signing adds is missing or occurs twice.
    #[error("{0} is required exactly once")]
    Parameter(&'static str),
    /// No credentials have this `auth_key`.
    #[error("Unknown auth_key")]
    UnknownKey,
    /// `auth_version` is not `1.0`.
    #[error("Version not supported: Expected auth_version 1.0")]
    Version,
    /// `auth_timestamp` is not a number, or is more than 600 seconds from the server's time.
    #[error(
        "Timestamp expired: Given timestamp ({given}) not within 600s of server time ({server})"
    )]
    Timestamp {
        /// The time of the request, as sent.
        given: String,
        /// The server's time in Unix seconds.
        server: u64,
    },
    /// `body_md5` is wrong, missing although there is a body, or present without a body.
    #[error("Invalid body_md5: Expected {expected:?}, but got {given:?}")]
    BodyMd5 {
        /// The MD5 of the body; empty without a body.
        expected: String,
        /// The value that was sent; empty if none was sent.
        given: String,
    },
    /// `auth_signature` does not match the request.
    #[error(
        "Invalid signature: you should have sent HmacSHA256Hex({string_to_sign:?}, your_secret_key)"
    )]
    Signature {
        /// The text that should have been signed.
        string_to_sign: String,
    },
}

/// Checks a request as the hosted service does: key, version, time, body and signature.
///
/// If several of the `credentials` have the request's key, any of them may have signed it. `path`
/// is the path as sent, without a path prefix. `query` is the raw query, and `now` is the server's
/// time in Unix seconds.
///
/// ```
/// use pusher_http::api::{self, Request};
/// use pusher_http::App;
///
/// let app = App::builder("3", "key", "secret").build_app()?;
/// let request = Request::get("/channels")?.query("info", "user_count")?;
/// let signed = app.sign(&request, 1_353_088_179)?.into_http();
/// let (path, query) = (signed.uri().path(), signed.uri().query().unwrap_or_default());
/// let verify = |now| api::verify(app.all_credentials(), signed.method(), path, query, b"", now);
/// assert!(verify(1_353_088_179 + 600).is_ok());
/// assert!(verify(1_353_088_179 + 601).is_err());
/// # Ok::<(), pusher_http::Error>(())
/// ```
///
/// # Errors
///
/// [`SignatureError`] says why the request is rejected.
pub fn verify(
    credentials: &[Credentials],
    method: &Method,
    path: &str,
    query: &str,
    body: &[u8],
    now: u64,
) -> Result<(), SignatureError> {
    let mut parameters: Vec<_> = url::form_urlencoded::parse(query.as_bytes())
        .map(|(key, value)| (key.to_lowercase(), value))
        .collect();
    parameters.sort_unstable();
    let optional = |name: &'static str| {
        let mut values = parameters.iter().filter(|(key, _)| key == name);
        match (values.next(), values.next()) {
            (value, None) => Ok(value.map(|(_, value)| value.as_ref())),
            _ => Err(SignatureError::Parameter(name)),
        }
    };
    let required = |name| optional(name)?.ok_or(SignatureError::Parameter(name));

    let key = required("auth_key")?;
    let given = required("auth_signature")?;
    let timestamp = required("auth_timestamp")?;
    if required("auth_version")? != "1.0" {
        return Err(SignatureError::Version);
    }
    let mut with_key = credentials.iter().filter(|one| one.key() == key).peekable();
    if with_key.peek().is_none() {
        return Err(SignatureError::UnknownKey);
    }
    check_timestamp(timestamp, now)?;
    check_body_md5(optional("body_md5")?.unwrap_or_default(), body)?;

    let signed: Vec<_> = parameters
        .iter()
        .filter(|(key, _)| key != "auth_signature")
        .map(|(key, value)| (key.as_str(), value.as_ref()))
        .collect();
    let text: String = signed_pieces(method, [path], &signed).collect();
    if with_key.any(|one| one.verify(&[&text], given)) {
        return Ok(());
    }
    Err(SignatureError::Signature {
        string_to_sign: text,
    })
}

fn check_timestamp(given: &str, now: u64) -> Result<(), SignatureError> {
    match given.parse::<u64>() {
        Ok(seconds) if seconds.abs_diff(now) <= SignedRequest::VALID_SECONDS => Ok(()),
        _ => Err(SignatureError::Timestamp {
            given: given.to_owned(),
            server: now,
        }),
    }
}

fn check_body_md5(given: &str, body: &[u8]) -> Result<(), SignatureError> {
    let mut hex = HexDigest::new();
    let expected = if body.is_empty() {
        ""
    } else {
        md5_hex(body, &mut hex)
    };
    if bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        return Ok(());
    }
    Err(SignatureError::BodyMd5 {
        expected: expected.to_owned(),
        given: given.to_owned(),
    })
}
