//! The events that a snippet keeps, of the two that it sends.

use pusher_http::{Event, Pusher};

use crate::{guide, readme};

/// The channels of the two events, in the given order.
pub(crate) const CHANNELS: [&str; 2] = ["private-operator-7", "private-streamer-9"];

#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) to_send: Vec<Event>,
    pub(crate) put_aside: Vec<Event>,
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Snippet {
    Readme,
    Guide,
}

impl Snippet {
    pub(crate) const EACH: [Self; 2] = [Self::Readme, Self::Guide];

    pub(crate) async fn notify(self, pusher: &Pusher) -> Kept {
        match self {
            Self::Readme => readme::notify_two(pusher).await,
            Self::Guide => guide::notify_two(pusher).await,
        }
    }
}

pub(crate) fn channels(events: &[Event]) -> Vec<&str> {
    events
        .iter()
        .map(|event| event.channel().as_str())
        .collect()
}
