//! Errors of requests, returned as a status and a short message.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

#[derive(Debug, thiserror::Error)]
pub(crate) enum Failed {
    #[error("You are not signed in.")]
    NoSession,
    #[error("You are not a member of this room.")]
    NoMember,
    #[error("{0}")]
    Malformed(&'static str),
    #[error("This id is that of another message.")]
    IdIsTaken,
    #[error("the database: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("no random bytes: {0}")]
    Random(#[from] getrandom::Error),
    #[error("the work ended early: {0}")]
    Ended(#[from] tokio::task::JoinError),
    #[error("{0}")]
    Pusher(#[from] pusher_http::Error),
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        let status = match &self {
            Self::NoSession => StatusCode::UNAUTHORIZED,
            Self::NoMember => StatusCode::FORBIDDEN,
            Self::Malformed(_) => StatusCode::BAD_REQUEST,
            Self::IdIsTaken => StatusCode::CONFLICT,
            // The details go to the log, not to the page.
            Self::Database(_) | Self::Random(_) | Self::Ended(_) | Self::Pusher(_) => {
                eprintln!("{self}");
                return match self {
                    Self::Pusher(error) => error.into_response(),
                    _ => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
                };
            }
        };
        (status, self.to_string()).into_response()
    }
}
