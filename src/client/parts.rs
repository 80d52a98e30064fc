//! Several requests of one call: in order, or several at once.

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

use crate::error::{Error, Outcome};

/// The answers in order; or what became of each request, and the error of the first that failed.
pub(super) type Parts<T> = Result<Vec<T>, (Vec<Outcome>, Error)>;

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
    if count.min(at_once) > 1 {
        return send_at_once(count, at_once, send).await;
    }
    let mut answers = Vec::with_capacity(count);
    for place in 0..count {
        match send(place).await {
            Ok(answer) => answers.push(answer),
            Err(error) => {
                let mut outcomes = vec![Outcome::Accepted; place];
                outcomes.push(error.outcome());
                outcomes.resize(count, Outcome::NotAccepted);
                return Err((outcomes, error));
            }
        }
    }
    Ok(answers)
}

async fn send_at_once<T, F>(count: usize, at_once: usize, send: impl Fn(usize) -> F) -> Parts<T>
where
    F: Future<Output = Result<T, Error>>,
{
    let numbered = |place| {
        let part = send(place);
        async move { (place, part.await) }
    };
    // `None` was never sent.
    let mut results: Vec<_> = std::iter::repeat_with(|| None).take(count).collect();
    let mut places = 0..count;
    let mut under_way: FuturesUnordered<_> = places.by_ref().take(at_once).map(&numbered).collect();
    let mut has_failed = false;
    while let Some((place, result)) = under_way.next().await {
        has_failed |= result.is_err();
        results[place] = Some(result);
        if !has_failed {
            under_way.extend(places.next().map(&numbered));
        }
    }
    let mut answers = Vec::with_capacity(count);
    let mut outcomes = Vec::with_capacity(count);
    let mut cause = None;
    for result in results {
        outcomes.push(match result {
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
