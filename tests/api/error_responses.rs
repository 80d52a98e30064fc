//! Error responses, and responses that are not from the API.

use crate::*;

/// The status, headers and message of a response determine the error.
#[test]
fn maps_status_to_error_kind_and_outcome() {
    for (status, kind, outcome, is_retryable) in [
        (307, ApiErrorKind::Redirect, Outcome::NotAccepted, false),
        (400, ApiErrorKind::BadRequest, Outcome::NotAccepted, false),
        (
            401,
            ApiErrorKind::Authentication,
            Outcome::NotAccepted,
            false,
        ),
        (403, ApiErrorKind::Quota, Outcome::NotAccepted, false),
        (404, ApiErrorKind::NotFound, Outcome::NotAccepted, false),
        (413, ApiErrorKind::TooLarge, Outcome::NotAccepted, false),
        (429, ApiErrorKind::RateLimited, Outcome::NotAccepted, true),
        (500, ApiErrorKind::Unavailable, Outcome::Unknown, true),
    ] {
        let error = ChannelsQuery::new().read(&response(status, "why"), SIGNED_AT);
        let error = error.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.api_kind(), Some(kind), "{status}");
        assert_eq!(error.outcome(), outcome, "{status}");
        assert_eq!(error.is_retryable(), is_retryable, "{status}");
        let Error::Api(error) = error else {
            panic!("{error:?}");
        };
        assert_eq!(error.message(), "why");
    }
}

#[test]
fn clock_offset_is_relative_to_signing_time() {
    let mut response = response(401, "Timestamp expired");
    let date = "Fri, 16 Nov 2012 18:09:39 GMT"; // 1,200 seconds later
    response.headers_mut().insert("date", date.parse().unwrap());
    let error = ChannelsQuery::new().read(&response, SIGNED_AT).unwrap_err();
    let Error::Api(error) = error else {
        panic!("{error:?}");
    };
    assert_eq!(error.clock_offset_seconds(), Some(-1_200));
}

#[test]
fn rejects_response_that_is_not_from_the_api() {
    for body in ["", "<html>", "[]", r#"{"channels":1}"#] {
        let error = ChannelsQuery::new().read(&response(200, body), SIGNED_AT);
        let error = error.unwrap_err();
        assert!(
            matches!(
                error,
                Error::Decode {
                    what: "channels",
                    status: 200,
                    ..
                }
            ),
            "{body}: {error:?}"
        );
    }
}
