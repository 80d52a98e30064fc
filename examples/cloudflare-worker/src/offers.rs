//! `POST /offers`: one user makes another an offer, and both hear of it.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Response, StatusCode};
use pusher_http::{App, BatchError, ChannelName, Error, Event, SocketId};
use serde::{Deserialize, Serialize};
use worker::console_error;

use crate::backend::Backend;
use crate::{json, status};

#[derive(Deserialize)]
struct NewOffer {
    id: u64,
    /// The user to whom it is made.
    to: String,
    amount_cents: u64,
}

#[derive(Serialize)]
struct Offer<'a> {
    id: u64,
    from: &'a str,
    to: &'a str,
    amount_cents: u64,
}

pub async fn make(backend: &Backend, headers: &HeaderMap, body: &Bytes) -> Response<String> {
    let Some(user) = backend.sessions.user(headers) else {
        return status(StatusCode::FORBIDDEN);
    };
    // A form on a foreign page can send the user's cookie, but not this type.
    let content_type = headers.get(CONTENT_TYPE);
    if !content_type.is_some_and(|value| value.as_bytes().starts_with(b"application/json")) {
        return status(StatusCode::UNSUPPORTED_MEDIA_TYPE);
    }
    let Ok(new) = serde_json::from_slice::<NewOffer>(body) else {
        return status(StatusCode::BAD_REQUEST);
    };
    let offer = Offer {
        id: new.id,
        from: user,
        to: &new.to,
        amount_cents: new.amount_cents,
    };
    // The page that made it knows already, if it says which one it is.
    let sender = headers.get("x-socket-id").and_then(|id| id.to_str().ok());
    let sender = sender.and_then(|id| SocketId::new(id).ok());
    // It reads like a user's mistake: there is no such user.
    let Ok(events) = events(backend.pusher.app(), &offer) else {
        return status(StatusCode::UNPROCESSABLE_ENTITY);
    };

    // The database comes here.

    let sent = backend.pusher.trigger_batch(events).exclude(sender).await;
    if let Err(failure) = &sent {
        not_notified(&offer, failure);
    }
    let answer = serde_json::json!({"id": offer.id, "notified": sent.is_ok()});
    json(StatusCode::CREATED, answer.to_string())
}

/// The offer is encrypted for the one to whom it is made.
fn events(app: &App, offer: &Offer) -> Result<[Event; 2], Error> {
    let maker = format!("private-{}", offer.from);
    let taker = ChannelName::new(format!("private-encrypted-{}", offer.to))?;
    // The call checks it too, but the offer is stored by then.
    taker.check_limits(app.limits())?;
    Ok([
        Event::new(maker, "offer.made", offer)?,
        Event::new(taker, "offer.received", offer)?,
    ])
}

/// The offer is stored, so the request does not fail. An outbox, such as a queue of Cloudflare's,
/// takes `into_not_accepted` of the failure: after a timeout or a 5xx no event is certain to be
/// unsent, and twice is better than never where the page knows an offer by its id.
fn not_notified(offer: &Offer, failure: &BatchError) {
    let (outcomes, cause) = (failure.outcomes(), failure.cause());
    console_error!("offer {}: {outcomes:?}: {cause}", offer.id);
    let mut source = std::error::Error::source(cause);
    while let Some(cause) = source {
        console_error!("offer {}: because {cause}", offer.id);
        source = cause.source();
    }
}
