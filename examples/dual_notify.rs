//! A mutation handler that notifies both parties of its result, in one batch.
//!
//! It keeps the events that were not accepted.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID cargo run --example dual_notify
//! ```

use std::time::Duration;

use pusher_http::client::TriggerBatchCall;
use pusher_http::{BatchError, Error, Event, Pusher, SocketId};
use serde::Serialize;

#[derive(Serialize)]
struct Offer {
    id: u64,
    operator_id: u64,
    streamer_id: u64,
    amount_cents: u64,
}

/// Two database tables, which store events as JSON.
#[derive(Default)]
struct Outbox {
    to_send: Vec<Event>,
    /// Events that would be rejected every time, so someone has to inspect them.
    put_aside: Vec<Event>,
}

/// Creates an offer, like a handler of `POST /offers`.
///
/// The offer is stored first, because that is what counts. Then both parties are notified, except
/// for the connection that made the offer: its page already knows. That page sends its
/// `pusher.connection.socket_id` with the request, by convention in the header `X-Socket-ID`.
async fn create_offer(
    pusher: &Pusher,
    offer: &Offer,
    sender: Option<&SocketId>,
    outbox: &mut Outbox,
) {
    // Store the offer in the database here.

    let operator = format!("private-operator-{}", offer.operator_id);
    let streamer = format!("private-streamer-{}", offer.streamer_id);
    let events = [
        (operator, "offer.made", offer),
        (streamer, "offer.received", offer),
    ];
    notify(pusher.trigger_batch(events).exclude(sender), outbox).await;
}

/// Sends the notifications, and keeps the events that were not accepted.
///
/// The offer is already stored, so a failed notification must not fail the request. A user is
/// waiting for the response, so the call has a deadline of 3 seconds.
async fn notify(call: TriggerBatchCall, outbox: &mut Outbox) {
    if let Err(failure) = call.deadline(Duration::from_secs(3)).await {
        outbox.keep(failure);
    }
}

/// Sends the kept events again. A background task calls this periodically.
async fn send_again(pusher: &Pusher, outbox: &mut Outbox) {
    let events = std::mem::take(&mut outbox.to_send);
    notify(pusher.trigger_batch(events), outbox).await;
}

impl Outbox {
    fn keep(&mut self, failure: BatchError) {
        eprintln!("{failure}: {}", failure.cause());
        for event in failure.unsent() {
            eprintln!("not sent: {} to {}", event.name(), event.channel());
        }
        for event in failure.unknown() {
            eprintln!(
                "may have been sent: {} to {}",
                event.name(),
                event.channel()
            );
        }
        let kept = match failure.cause() {
            // Rejected before anything was sent.
            Error::Invalid { .. } | Error::Limit { .. } => &mut self.put_aside,
            // A duplicate is better than a lost event: the page recognizes an offer by its ID.
            _ => &mut self.to_send,
        };
        kept.extend(failure.into_not_accepted());
    }
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let pusher = Pusher::from_env()?;
    let mut outbox = Outbox::default();
    let offer = Offer {
        id: 1,
        operator_id: 7,
        streamer_id: 9,
        amount_cents: 25_000,
    };
    create_offer(&pusher, &offer, None, &mut outbox).await;
    println!("offer {} is made", offer.id);
    send_again(&pusher, &mut outbox).await;
    println!("{} events are to be sent", outbox.to_send.len());
    Ok(())
}
