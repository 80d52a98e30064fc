use std::time::Duration;

use pusher_dev_server::{DevServer, Fault};
use pusher_http::{BatchError, Error, Event, Pusher, SocketId};
use serde::Serialize;

#[derive(Serialize)]
struct Offer { id: u64, operator: u64, streamer: u64 }

/// Two tables of your database, where an event is kept as JSON.
#[derive(Default)]
struct Outbox { to_send: Vec<Event>, put_aside: Vec<Event> }

fn events_of(offer: &Offer, sender: Option<SocketId>) -> Result<[Event; 2], Error> {
    let operator = format!("private-operator-{}", offer.operator);
    let streamer = format!("private-streamer-{}", offer.streamer);
    Ok([
        Event::new(operator, "offer.made", offer)?.exclude(sender.clone()),
        Event::new(streamer, "offer.received", offer)?.exclude(sender),
    ])
}

/// The offer is already stored, so a failed notification must not fail the request. Somebody waits
/// for the response, so the deadline is 3 seconds.
async fn notify(pusher: &Pusher, events: impl IntoIterator<Item = Event>, outbox: &mut Outbox) {
    let call = pusher.trigger_batch(events).deadline(Duration::from_secs(3));
    if let Err(failure) = call.await {
        outbox.keep(failure);
    }
}

impl Outbox {
    fn keep(&mut self, failure: BatchError) {
        eprintln!("{failure}: {}", failure.cause());
        for event in failure.unsent() {
            eprintln!("not sent: {} to {}", event.name(), event.channel());
        }
        for event in failure.unknown() {
            eprintln!("may have been sent: {} to {}", event.name(), event.channel());
        }
        let kept = match failure.cause() {
            // Rejected before the network, and would be every time: somebody has to look.
            Error::Invalid { .. } | Error::Limit { .. } => &mut self.put_aside,
            // Twice is better than never: the page knows an offer by its id.
            _ => &mut self.to_send,
        };
        kept.extend(failure.into_not_accepted());
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let server = DevServer::start().await?; // stands in for the service
    let pusher = Pusher::from_url(&server.url())?;
    let mut outbox = Outbox::default();
    let offer = Offer { id: 1, operator: 7, streamer: 9 };
    let events = events_of(&offer, Some(SocketId::new("12.34")?))?;

    server.fail_next(Fault::Status(503));
    notify(&pusher, events, &mut outbox).await;
    assert_eq!(outbox.to_send.len(), 2);

    // Later, by a task that empties the outbox.
    let events = std::mem::take(&mut outbox.to_send);
    notify(&pusher, events, &mut outbox).await;
    assert!(outbox.to_send.is_empty());

    let made = server.expect_event("private-operator-7", "offer.made").await?;
    assert_eq!(made.data, r#"{"id":1,"operator":7,"streamer":9}"#);
    let received = server.expect_event("private-streamer-9", "offer.received").await?;
    assert_eq!(received.excluded.as_deref(), Some("12.34"));
    assert_eq!(server.calls().len(), 2);
    Ok(())
}
