//! One exchange with the service: its timeout, and the response body, read up to a limit.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use bytes::{Bytes, BytesMut};
use http::StatusCode;

use super::{SendLimits, over};
use crate::error::Error;

/// Awaits a part of an exchange, or fails with a timeout when the timer `end` fires.
///
/// All parts of an exchange share one timer.
pub(super) fn before<T>(
    mut end: Pin<&mut impl Future<Output = ()>>,
    limits: SendLimits,
    mut part: Pin<&mut impl Future<Output = T>>,
) -> impl Future<Output = Result<T, Error>> {
    poll_fn(move |context| match part.as_mut().poll(context) {
        Poll::Ready(output) => Poll::Ready(Ok(output)),
        Poll::Pending => {
            let is_over = end.as_mut().poll(context);
            is_over.map(|()| Err(Error::timeout(limits.timeout)))
        }
    })
}

/// A response body that is read in pieces up to a limit.
pub(super) struct Body {
    is_success: bool,
    max_bytes: usize,
    /// Most responses arrive in one piece.
    first: Bytes,
    joined: BytesMut,
}

impl Body {
    pub(super) fn new(status: StatusCode, limits: SendLimits) -> Self {
        Self {
            is_success: status.is_success(),
            max_bytes: limits.response_bytes,
            first: Bytes::new(),
            joined: BytesMut::new(),
        }
    }

    /// Adds the next piece, and returns whether there may be more.
    pub(super) fn take(&mut self, next: Result<Option<Bytes>, Error>) -> Result<bool, Error> {
        let bytes = self.first.len().max(self.joined.len());
        match next {
            Ok(Some(piece)) if bytes + piece.len() <= self.max_bytes => {
                self.push(piece);
                Ok(true)
            }
            Ok(None) => Ok(false),
            // The status is enough to tell a rejection, even if its message can't be read.
            Ok(Some(_)) | Err(_) if !self.is_success => Ok(false),
            Ok(Some(_)) => Err(over(self.max_bytes)),
            Err(error) => Err(error),
        }
    }

    fn push(&mut self, piece: Bytes) {
        if self.first.is_empty() {
            self.first = piece;
            return;
        }
        if self.joined.is_empty() {
            self.joined.extend_from_slice(&self.first);
        }
        self.joined.extend_from_slice(&piece);
    }

    pub(super) fn into_bytes(self) -> Bytes {
        if self.joined.is_empty() {
            self.first
        } else {
            self.joined.freeze()
        }
    }
}
