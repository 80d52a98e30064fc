//! The last event of each cache channel, and how long it is kept.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use axum::extract::ws::Utf8Bytes;

/// The event that a cache channel replays.
pub(super) struct Cached {
    pub(super) message: Utf8Bytes,
    pub(super) data: String,
    pub(super) until: Instant,
}

#[derive(Default)]
pub(super) struct Caches {
    channels: HashMap<Arc<str>, Cached>,
    /// The number of channels at which expired events are next removed.
    look_at: usize,
}

/// The minimum number of channels for removing expired events. Fewer are not worth a search.
const FIRST_LOOK: usize = 64;

impl Caches {
    /// Keeps a channel's last event.
    ///
    /// Expired events are removed now and then, so that at most about twice as many events are kept
    /// as have not expired.
    pub(super) fn keep(&mut self, channel: Arc<str>, cached: Cached, now: Instant) {
        self.channels.insert(channel, cached);
        if self.channels.len() >= self.look_at.max(FIRST_LOOK) {
            self.channels.retain(|_, cached| cached.until > now);
            self.look_at = 2 * self.channels.len();
        }
    }

    /// Returns the channel's last event, unless it has expired.
    pub(super) fn get(&self, channel: &str, now: Instant) -> Option<&Cached> {
        let cached = self.channels.get(channel)?;
        (cached.until > now).then_some(cached)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn cached(until: Instant) -> Cached {
        Cached {
            message: Utf8Bytes::default(),
            data: String::new(),
            until,
        }
    }

    #[test]
    fn the_expired_are_let_go_of_though_nobody_subscribes() {
        let start = Instant::now();
        let second = Duration::from_secs(1);
        let mut caches = Caches::default();
        for number in 0..10_000 {
            let now = start + second * number;
            let until = now + second * 100;
            caches.keep(format!("cache-{number}").into(), cached(until), now);
            assert!(caches.channels.len() <= 201, "{}", caches.channels.len());
            let oldest = format!("cache-{}", number.saturating_sub(99));
            assert!(caches.get(&oldest, now).is_some(), "{oldest}");
        }
    }

    #[test]
    fn what_has_expired_is_not_given() {
        let now = Instant::now();
        let mut caches = Caches::default();
        caches.keep("cache-a".into(), cached(now), now);
        assert!(caches.get("cache-a", now).is_none());
    }
}
