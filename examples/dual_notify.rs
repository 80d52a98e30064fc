//! A mutation handler that notifies both parties of what it did, in one batch, and keeps the events
//! that were not accepted.
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

/// Two tables of the database, where an event is kept as JSON.
#[derive(Default)]
struct Outbox {
    to_send: Vec<Event>,
    /// Events that would be rejected each time: somebody has to look.
    put_aside: Vec<Event>,
}

/// A handler of `POST /offers` does this: the offer is stored first, since that is what counts;
/// then both parties hear of it, apart from the connection that made it, whose page knows already.
/// That page sends its `pusher.connection.socket_id` along, as the header `X-Socket-ID` by custom.
async fn create_offer(
    pusher: &Pusher,
    offer: &Offer,
    sender: Option<&SocketId>,
    outbox: &mut Outbox,
) {
    // The database comes here.

    let operator = format!("private-operator-{}", offer.operator_id);
    let streamer = format!("private-streamer-{}", offer.streamer_id);
    let events = [
        (operator, "offer.made", offer),
        (streamer, "offer.received", offer),
    ];
    notify(pusher.trigger_batch(events).exclude(sender), outbox).await;
}

/// The offer is stored, so the request does not fail when nobody can be told of it. Somebody waits
/// for the response, so the call has 3 seconds.
async fn notify(call: TriggerBatchCall, outbox: &mut Outbox) {
    if let Err(failure) = call.deadline(Duration::from_secs(3)).await {
        outbox.keep(failure);
    }
}

/// A task does this from time to time.
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
            // Rejected before the network.
            Error::Invalid { .. } | Error::Limit { .. } => &mut self.put_aside,
            // Twice is better than never: the page knows an offer by its id.
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
