//! The code of the README.

use crate::kept::Kept;

include!("printed/readme.rs");

pub(crate) async fn notify_two(pusher: &Pusher) -> Kept {
    let mut outbox = Outbox::default();
    notify_both(pusher, 4711, &mut outbox).await.unwrap();
    Kept {
        to_send: outbox.to_send,
        put_aside: outbox.put_aside,
    }
}
