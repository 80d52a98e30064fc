//! The code of the guide.

use crate::kept::Kept;

include!("printed/guide.rs");

pub(crate) async fn notify_two(pusher: &Pusher) -> Kept {
    let offer = Offer {
        id: 1,
        operator: 7,
        streamer: 9,
    };
    let mut outbox = Outbox::default();
    notify(pusher, events_of(&offer, None).unwrap(), &mut outbox).await;
    Kept {
        to_send: outbox.to_send,
        put_aside: outbox.put_aside,
    }
}

#[test]
fn main_of_guide_succeeds() {
    main().unwrap();
}
