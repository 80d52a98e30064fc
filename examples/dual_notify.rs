//! A mutation handler that notifies both parties of what it did, in one batch.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID cargo run --example dual_notify
//! ```

use pusher_http::{BatchError, Error, Event, Pusher, SocketId};
use serde::Serialize;

#[derive(Serialize)]
struct Offer {
    id: u64,
    operator_id: u64,
    streamer_id: u64,
    amount_cents: u64,
}

/// What a handler of `POST /offers` does: the offer is stored first, since that is what counts;
/// then both parties hear of it, apart from the connection that made it, whose page knows already.
/// That page sends its `pusher.connection.socket_id` along, as the header `X-Socket-ID` by custom.
async fn create_offer(pusher: &Pusher, offer: &Offer, sender: Option<SocketId>) {
    // The database comes here.

    let events = match events_of(offer, sender) {
        Ok(events) => events,
        Err(error) => return eprintln!("offer {} can't be notified: {error}", offer.id),
    };
    if let Err(failure) = pusher.trigger_batch(events).await {
        not_notified(failure);
    }
}

fn events_of(offer: &Offer, sender: Option<SocketId>) -> Result<[Event; 2], Error> {
    let operator = format!("private-operator-{}", offer.operator_id);
    let streamer = format!("private-streamer-{}", offer.streamer_id);
    Ok([
        Event::new(operator, "offer.made", offer)?.exclude(sender.clone()),
        Event::new(streamer, "offer.received", offer)?.exclude(sender),
    ])
}

/// The offer stands, so the request does not fail: what was not sent is logged, and both pages
/// show the offer after their next reload. An outbox could take `failure.into_unsent()`.
fn not_notified(failure: BatchError) {
    eprintln!("{failure}: {}", failure.cause());
    for event in failure.into_unsent() {
        eprintln!("not sent: {} to {}", event.name(), event.channel());
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let pusher = Pusher::from_env()?;
    let offer = Offer {
        id: 1,
        operator_id: 7,
        streamer_id: 9,
        amount_cents: 25_000,
    };
    create_offer(&pusher, &offer, None).await;
    println!("offer {} is made", offer.id);
    Ok(())
}
