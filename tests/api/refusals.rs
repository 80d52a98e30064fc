//! Answers that are no success, or nobody's.

use crate::*;

/// Status, headers and words of a refusal, and what they become.
#[test]
fn refusals_are_typed() {
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
        let error = ChannelsQuery::new().read(&answer(status, "why"), SIGNED_AT);
        let error = error.unwrap_err();
        assert_eq!(error.status(), Some(status));
        assert_eq!(error.api_kind(), Some(kind), "{status}");
        assert_eq!(error.outcome(), outcome, "{status}");
        assert_eq!(error.is_retryable(), is_retryable, "{status}");
        let Error::Api(refusal) = error else {
            panic!("{error:?}");
        };
        assert_eq!(refusal.message(), "why");
    }
}

#[test]
fn a_clock_that_is_off_is_told_by_the_time_of_signing() {
    let mut response = answer(401, "Timestamp expired");
    let date = "Fri, 16 Nov 2012 18:09:39 GMT"; // 1,200 seconds later
    response.headers_mut().insert("date", date.parse().unwrap());
    let error = ChannelsQuery::new().read(&response, SIGNED_AT).unwrap_err();
    let Error::Api(refusal) = error else {
        panic!("{error:?}");
    };
    assert_eq!(refusal.clock_offset_seconds(), Some(-1_200));
}

#[test]
fn an_answer_of_somebody_else_is_told_apart() {
    for body in ["", "<html>", "[]", r#"{"channels":1}"#] {
        let error = ChannelsQuery::new().read(&answer(200, body), SIGNED_AT);
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
