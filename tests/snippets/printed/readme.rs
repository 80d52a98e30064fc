use std::time::Duration;
use pusher_http::{Error, Event, Pusher};

#[derive(Default)]
struct Outbox { to_send: Vec<Event>, put_aside: Vec<Event> }

async fn notify_both(pusher: &Pusher, offer_id: u64, outbox: &mut Outbox) -> Result<(), Error> {
    let events = [
        ("private-operator-7", "offer.made", offer_id),
        ("private-streamer-9", "offer.received", offer_id),
    ];
    let call = pusher.trigger_batch(events).deadline(Duration::from_secs(3));
    let Err(failure) = call.await else { return Ok(()) };
    eprintln!("{failure}: {}", failure.cause());
    if let Error::Invalid { .. } | Error::Limit { .. } = failure.cause() {
        // Rejected before the network, and would be every time.
        outbox.put_aside.extend(failure.into_not_accepted());
    } else {
        // Certainly not accepted: sending these again loses no event and duplicates none.
        outbox.to_send.extend(failure.unsent().cloned());
        // These may have been delivered. Twice is better than never: the page drops an id it has.
        outbox.to_send.extend(failure.unknown().cloned());
    }
    Ok(())
}
