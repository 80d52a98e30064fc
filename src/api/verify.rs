//! The other side of signing: a request's signature checked, for servers and tests.

use http::Method;
use subtle::ConstantTimeEq as _;

use super::SignedRequest;
use super::request::{md5_hex, signed_pieces};
use crate::credentials::{Credentials, HexDigest};

/// Why a request's signature is rejected, with the hosted service's messages as far as they are known.
/// They echo the request except its signature, which may be valid for another request.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// A parameter that signing adds is missing, or is there twice.
    #[error("{0} is required exactly once")]
    Parameter(&'static str),
    /// No credentials have this `auth_key`.
    #[error("Unknown auth_key")]
    UnknownKey,
    /// `auth_version` is not `1.0`.
    #[error("Version not supported: Expected auth_version 1.0")]
    Version,
    /// `auth_timestamp` is no number, or more than 600 seconds from the server's time.
    #[error(
        "Timestamp expired: Given timestamp ({given}) not within 600s of server time ({server})"
    )]
    Timestamp {
        /// The time of the request, as it was sent.
        given: String,
        /// The server's time in Unix seconds.
        server: u64,
    },
    /// `body_md5` is not the body's, is missing beside a body, or is there without one.
    #[error("Invalid body_md5: Expected {expected:?}, but got {given:?}")]
    BodyMd5 {
        /// The body's; empty without a body.
        expected: String,
        /// What was sent; empty for nothing.
        given: String,
    },
    /// `auth_signature` is not that of the request.
    #[error(
        "Invalid signature: you should have sent HmacSHA256Hex({string_to_sign:?}, your_secret_key)"
    )]
    Signature {
        /// What should have been signed.
        string_to_sign: String,
    },
}

/// Checks a request as the hosted service does: key, version, time, body and signature.
///
/// Any of the `credentials` that have the request's key may have signed it. `path` is as it is on the
/// wire, without a path prefix; `query` is the raw query, and `now` the server's time in Unix
/// seconds.
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
/// [`SignatureError`] says what is wrong.
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
