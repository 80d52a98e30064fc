//! The error responses of the service: status, message and meaning.

use std::fmt;
use std::time::Duration;

use super::Outcome;
use super::excerpt::excerpt;

/// The maximum number of characters that an error keeps of the service's message.
const MESSAGE_CHARS: usize = 1_000;

/// The number of bytes at the start of the body that are searched for the message.
///
/// The body of an error response may have any length.
const MESSAGE_BYTES: usize = 64 * 1024;

/// A response of the HTTP API that is not a success.
///
/// Its message is that of the service, with signatures masked. The format of the message is not
/// guaranteed: the hosted service responds in plain text, self-hosted servers often in JSON.
#[derive(Debug, Clone)]
pub struct ApiError {
    status: u16,
    message: String,
    clock_offset_seconds: Option<i64>,
    retry_after: Option<Duration>,
}

/// The kind of an [`ApiError`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ApiErrorKind {
    /// 400, 415, 422: the service rejected the request as malformed. Its message says why.
    BadRequest,
    /// 401: wrong key, wrong secret, or a wrong clock.
    Authentication,
    /// 403: the app is disabled or over its quota.
    Quota,
    /// 404: no such app or endpoint at that address.
    ///
    /// Self-hosted servers also return it for a wrong key.
    NotFound,
    /// 413: the request is larger than the service allows.
    TooLarge,
    /// 429: too many requests. Wait before the next one.
    RateLimited,
    /// 408 and 5xx: the service or a proxy in front of it has a problem. Wait and retry.
    Unavailable,
    /// 3xx: a redirect. It is never followed, since a signed URL is valid for only one address.
    Redirect,
    /// Any other status.
    Other,
}

impl ApiError {
    /// Creates an error from a response.
    ///
    /// It keeps the `status` and the start of the `body`, with signatures masked. For a 401, it
    /// keeps the clock offset if `date` and `signed_at` (both Unix seconds) differ by more than a
    /// minute.
    pub(crate) fn new(
        status: u16,
        body: &[u8],
        date: Option<u64>,
        signed_at: u64,
        retry_after: Option<Duration>,
    ) -> Self {
        let clock_offset_seconds = date
            .filter(|_| status == 401)
            .map(|date| signed_at.cast_signed().saturating_sub(date.cast_signed()))
            .filter(|offset| offset.unsigned_abs() > 60);
        let start = &body[..body.len().min(MESSAGE_BYTES)];
        Self {
            status,
            message: excerpt(String::from_utf8_lossy(start).trim(), MESSAGE_CHARS),
            clock_offset_seconds,
            retry_after,
        }
    }

    /// The HTTP status, such as 401.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.status
    }

    /// The kind of error, according to the status.
    #[must_use]
    pub fn kind(&self) -> ApiErrorKind {
        match self.status {
            300..=399 => ApiErrorKind::Redirect,
            400 | 415 | 422 => ApiErrorKind::BadRequest,
            401 => ApiErrorKind::Authentication,
            403 => ApiErrorKind::Quota,
            404 => ApiErrorKind::NotFound,
            413 => ApiErrorKind::TooLarge,
            429 => ApiErrorKind::RateLimited,
            408 | 500..=599 => ApiErrorKind::Unavailable,
            _ => ApiErrorKind::Other,
        }
    }

    /// The service's message, with signatures masked. Empty if there is none.
    ///
    /// It has at most 1,000 characters, from the first 65,536 bytes of the body.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The offset of this machine's clock from the service's clock, in seconds.
    ///
    /// It is positive if this machine's clock is ahead, and negative if it is behind. It is known
    /// only if the `Date` header of a 401 shows an offset of more than 60 seconds. The service
    /// accepts up to 600.
    #[must_use]
    pub fn clock_offset_seconds(&self) -> Option<i64> {
        self.clock_offset_seconds
    }

    /// How long the service asks to wait before the next attempt, from `Retry-After`.
    ///
    /// If that header of the response has a date, it is compared with the `Date` of the response.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        self.retry_after
    }

    pub(super) fn is_retryable(&self) -> bool {
        matches!(
            self.kind(),
            ApiErrorKind::RateLimited | ApiErrorKind::Unavailable
        )
    }

    pub(super) fn outcome(&self) -> Outcome {
        match self.kind() {
            // A 303 leads to the result of the request (RFC 9110, 15.4.4), so the service may have
            // acted.
            ApiErrorKind::Redirect if self.status == 303 => Outcome::Unknown,
            ApiErrorKind::Unavailable | ApiErrorKind::Other => Outcome::Unknown,
            _ => Outcome::NotAccepted,
        }
    }

    fn advice(&self) -> &'static str {
        match self.kind() {
            ApiErrorKind::BadRequest => "the request was rejected",
            ApiErrorKind::Authentication => "authentication failed: check app id, key and secret",
            ApiErrorKind::Quota => "the app is disabled or over its quota",
            ApiErrorKind::NotFound => "not found: check app id, key, host and path prefix",
            ApiErrorKind::TooLarge => "too large: send less, or a reference to fetch",
            ApiErrorKind::RateLimited => "too many requests: wait before the next",
            ApiErrorKind::Unavailable => "the service is unavailable: try again later",
            ApiErrorKind::Redirect => {
                "a redirect, which is never followed: configure the address that it leads to"
            }
            ApiErrorKind::Other => "an unexpected response",
        }
    }
}

impl fmt::Display for ApiError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "status {}: {}", self.status, self.advice())?;
        if let Some(offset) = self.clock_offset_seconds {
            let direction = if offset > 0 { "ahead of" } else { "behind" };
            write!(
                f,
                "; this machine's clock is {} s {direction} the service's",
                offset.unsigned_abs()
            )?;
        }
        if !self.message.is_empty() {
            write!(f, " ({})", self.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ApiError {}

impl From<ApiError> for super::Error {
    fn from(error: ApiError) -> Self {
        Self::Api(Box::new(error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn message_is_truncated_and_masked() {
        let signature = "da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c";
        let body = format!("you sent \"{signature}\"{}", "é".repeat(3_000));
        let error = ApiError::new(401, body.as_bytes(), None, 0, None);
        assert!(error.message().starts_with("you sent \"[signature]\"éé"));
        assert_eq!(error.message().chars().count(), 1_000);
        assert!(!format!("{error} {error:?}").contains("da454824"));
    }

    #[test]
    fn reports_clock_offset_with_its_direction() {
        let behind = ApiError::new(401, b"Timestamp expired", Some(2_200), 1_000, None);
        assert_eq!(behind.clock_offset_seconds(), Some(-1_200));
        assert_eq!(
            behind.to_string(),
            "status 401: authentication failed: check app id, key and secret; this machine's \
             clock is 1200 s behind the service's (Timestamp expired)"
        );
        let ahead = ApiError::new(401, b"", Some(1_000), 2_200, None);
        assert!(ahead.to_string().contains("1200 s ahead of the service's"));
        let beyond = ApiError::new(401, b"", Some(1_000), 1_061, None);
        assert_eq!(beyond.clock_offset_seconds(), Some(61));
        let close = ApiError::new(401, b"", Some(1_000), 1_060, None);
        assert_eq!(close.clock_offset_seconds(), None);
        for hostile in [u64::MAX, u64::MAX / 2, 0] {
            let error = ApiError::new(401, b"", Some(hostile), 5_000, None);
            assert!(error.to_string().contains("the service's"), "{error}");
        }
        let other_status = ApiError::new(400, b"", Some(2_200), 1_000, None);
        assert_eq!(other_status.clock_offset_seconds(), None);
    }

    #[test]
    fn searches_only_start_of_body_for_message() {
        let after = |spaces: usize| {
            let body = " ".repeat(spaces) + "no";
            ApiError::new(400, body.as_bytes(), None, 0, None)
        };
        assert_eq!(after(MESSAGE_BYTES - 2).message(), "no");
        assert_eq!(after(MESSAGE_BYTES).message(), "");
    }

    #[test]
    fn status_determines_kind_and_outcome() {
        use ApiErrorKind as Kind;
        for (status, kind, retryable, outcome) in [
            (302, Kind::Redirect, false, Outcome::NotAccepted),
            (303, Kind::Redirect, false, Outcome::Unknown),
            (400, Kind::BadRequest, false, Outcome::NotAccepted),
            (401, Kind::Authentication, false, Outcome::NotAccepted),
            (403, Kind::Quota, false, Outcome::NotAccepted),
            (404, Kind::NotFound, false, Outcome::NotAccepted),
            (408, Kind::Unavailable, true, Outcome::Unknown),
            (413, Kind::TooLarge, false, Outcome::NotAccepted),
            (415, Kind::BadRequest, false, Outcome::NotAccepted),
            (418, Kind::Other, false, Outcome::Unknown),
            (429, Kind::RateLimited, true, Outcome::NotAccepted),
            (500, Kind::Unavailable, true, Outcome::Unknown),
            (503, Kind::Unavailable, true, Outcome::Unknown),
        ] {
            let error = super::super::Error::from(ApiError::new(status, b"", None, 0, None));
            assert_eq!(error.api_kind(), Some(kind), "{status}");
            assert_eq!(error.is_retryable(), retryable, "{status}");
            assert_eq!(error.outcome(), outcome, "{status}");
            assert_eq!(error.status(), Some(status));
        }
    }
}
