//! Several requests of one call: in order, or several at once.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::error::{Error, Outcome};

/// What became of each request, by its place; `None` was never sent.
pub(super) struct Parts<T>(Vec<Option<Result<T, Error>>>);

/// Sends `count` requests, at most `at_once` of them at the same time; `send` sends the one at a
/// place. After one failed no other is begun, and those under way are waited for, so that it is
/// known what became of them.
pub(super) async fn send_parts<T, F>(
    count: usize,
    at_once: usize,
    send: impl Fn(usize) -> F,
) -> Parts<T>
where
    F: Future<Output = Result<T, Error>>,
{
    let numbered = |place| {
        let part = send(place);
        async move { (place, part.await) }
    };
    let mut results: Vec<_> = std::iter::repeat_with(|| None).take(count).collect();
    let mut places = 0..count;
    let mut under_way: FuturesUnordered<_> = places
        .by_ref()
        .take(at_once.max(1))
        .map(&numbered)
        .collect();
    let mut has_failed = false;
    while let Some((place, result)) = under_way.next().await {
        has_failed |= result.is_err();
        results[place] = Some(result);
        if !has_failed {
            under_way.extend(places.next().map(&numbered));
        }
    }
    Parts(results)
}

impl<T> Parts<T> {
    /// The answers in order; or what became of each request, and the error of the first that
    /// failed.
    pub(super) fn into_answers(self) -> Result<Vec<T>, (Vec<Outcome>, Error)> {
        let mut answers = Vec::with_capacity(self.0.len());
        let mut outcomes = Vec::with_capacity(self.0.len());
        let mut cause = None;
        for part in self.0 {
            outcomes.push(match part {
                Some(Ok(answer)) => {
                    answers.push(answer);
                    Outcome::Accepted
                }
                Some(Err(error)) => {
                    let outcome = error.outcome();
                    cause.get_or_insert(error);
                    outcome
                }
                None => Outcome::NotAccepted,
            });
        }
        match cause {
            None => Ok(answers),
            Some(cause) => Err((outcomes, cause)),
        }
    }
}
