//! `POST /offers`: one user makes another user an offer, and both are notified.

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
    /// The user to whom the offer is made.
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
    // A form on another site's page can send the user's cookie, but not this content type.
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
    // Exclude the page that made the offer, if it sends its socket ID: it already knows.
    let sender = headers.get("x-socket-id").and_then(|id| id.to_str().ok());
    let sender = sender.and_then(|id| SocketId::new(id).ok());
    // Report it like a user's mistake: there is no such user.
    let Ok(events) = events(backend.pusher.app(), &offer) else {
        return status(StatusCode::UNPROCESSABLE_ENTITY);
    };

    // Store the offer in the database here.

    let sent = backend.pusher.trigger_batch(events).exclude(sender).await;
    if let Err(failure) = &sent {
        not_notified(&offer, failure);
    }
    let answer = serde_json::json!({"id": offer.id, "notified": sent.is_ok()});
    json(StatusCode::CREATED, answer.to_string())
}

/// Returns the two events; the event for the user to whom the offer is made is encrypted.
fn events(app: &App, offer: &Offer) -> Result<[Event; 2], Error> {
    let maker = format!("private-{}", offer.from);
    let taker = ChannelName::new(format!("private-encrypted-{}", offer.to))?;
    // The call also checks the limits, but by then the offer is stored.
    taker.check_limits(app.limits())?;
    Ok([
        Event::new(maker, "offer.made", offer)?,
        Event::new(taker, "offer.received", offer)?,
    ])
}

/// Logs a failed notification.
///
/// The offer is already stored, so the request does not fail. To retry, put the failure's
/// `into_not_accepted` into an outbox, such as a Cloudflare queue. After a timeout or a 5xx, no
/// event is certain to be unsent. A duplicate is better than a lost event if the page recognizes
/// an offer by its ID.
fn not_notified(offer: &Offer, failure: &BatchError) {
    let (outcomes, cause) = (failure.outcomes(), failure.cause());
    console_error!("offer {}: {outcomes:?}: {cause}", offer.id);
    let mut source = std::error::Error::source(cause);
    while let Some(cause) = source {
        console_error!("offer {}: because {cause}", offer.id);
        source = cause.source();
    }
}
