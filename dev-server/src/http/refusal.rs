//! Error responses, with the hosted service's messages.

use http::StatusCode;

use super::clock::date_of;
use super::query;
use crate::clip::clipped;
use pusher_http::api::SignatureError;

/// An error response: its status and the message in its body.
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) words: String,
    /// The message to record, if the one in the body quotes a signature.
    pub(super) recorded: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self {
            status,
            words: clipped(words.into()),
            recorded: None,
        }
    }

    pub(super) fn bad_request(words: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, words)
    }

    pub(super) fn unauthorized(refused: &SignatureError, query: &str) -> Self {
        let words = words_of(refused);
        if !matches!(refused, SignatureError::Signature { .. }) {
            return Self::new(StatusCode::UNAUTHORIZED, words);
        }
        let given = query::signature(query).unwrap_or_default();
        Self {
            recorded: Some(words.clone()),
            ..Self::new(
                StatusCode::UNAUTHORIZED,
                format!("{words}, but you sent {given:?}"),
            )
        }
    }
}

/// Returns the error's message. The hosted service writes times in it as dates.
fn words_of(refused: &SignatureError) -> String {
    let SignatureError::Timestamp { given, server } = refused else {
        return refused.to_string();
    };
    let given = given
        .parse()
        .ok()
        .and_then(date_of)
        .unwrap_or_else(|| given.clone());
    let server = date_of(*server).unwrap_or_default();
    format!(
        "Timestamp expired: Given timestamp ({given}) not within 600s of server time ({server})"
    )
}
