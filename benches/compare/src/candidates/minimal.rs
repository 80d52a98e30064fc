//! The minimal honest work of a call: two times JSON, MD5, HMAC.

use std::fmt::Write as _;
use std::hint::black_box;
use std::time::SystemTime;

use hmac::{Hmac, Mac as _};
use md5::{Digest as _, Md5};
use serde::Serialize;
use sha2::Sha256;

use crate::fixtures::{self, APP_ID, CATALOGUE, CHANNEL, CHANNELS, EVENT, KEY, OFFER};

pub(crate) struct Minimal {
    keyed: Hmac<Sha256>,
    events_path: String,
    batch_path: String,
}

/// A request that is signed: its path with the query, and its body.
pub(crate) struct Signed {
    pub(crate) path_and_query: String,
    pub(crate) body: Vec<u8>,
}

#[derive(Serialize)]
struct Trigger<'a> {
    name: &'a str,
    channels: &'a [&'a str],
    data: &'a str,
}

#[derive(Serialize)]
struct Batch<'a> {
    batch: &'a [Event<'a>],
}

#[derive(Serialize)]
struct Event<'a> {
    channel: &'a str,
    name: &'a str,
    data: String,
}

impl Minimal {
    pub(crate) fn new() -> Self {
        Self {
            keyed: fixtures::keyed(),
            events_path: format!("/apps/{APP_ID}/events"),
            batch_path: format!("/apps/{APP_ID}/batch_events"),
        }
    }

    pub(crate) fn trigger(&self) -> serde_json::Result<Signed> {
        self.event(&[CHANNEL], black_box(&OFFER))
    }

    pub(crate) fn large(&self) -> serde_json::Result<Signed> {
        self.event(&CHANNELS, black_box(&*CATALOGUE))
    }

    pub(crate) fn event(
        &self,
        channels: &[&str],
        data: &impl Serialize,
    ) -> serde_json::Result<Signed> {
        let body = serde_json::to_vec(&Trigger {
            name: EVENT,
            channels,
            data: &serde_json::to_string(data)?,
        })?;
        Ok(self.signed(&self.events_path, body))
    }

    pub(crate) fn batch(&self) -> serde_json::Result<Signed> {
        let event = |channel| {
            Ok(Event {
                channel,
                name: EVENT,
                data: serde_json::to_string(black_box(&OFFER))?,
            })
        };
        let events: Vec<_> = CHANNELS
            .into_iter()
            .map(event)
            .collect::<serde_json::Result<_>>()?;
        let body = serde_json::to_vec(&Batch { batch: &events })?;
        Ok(self.signed(&self.batch_path, body))
    }

    fn signed(&self, path: &str, body: Vec<u8>) -> Signed {
        let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
        let mut md5 = [0; 32];
        let _ = hex::encode_to_slice(Md5::digest(&body), &mut md5);
        let mut text = String::with_capacity(256);
        let _ = write!(
            text,
            "{path}?auth_key={KEY}&auth_timestamp={}&auth_version=1.0&body_md5={}",
            now.as_secs(),
            std::str::from_utf8(&md5).unwrap_or_default(),
        );
        let mut mac = self.keyed.clone();
        mac.update(b"POST\n");
        mac.update(path.as_bytes());
        mac.update(b"\n");
        mac.update(&text.as_bytes()[path.len() + 1..]);
        text.push_str("&auth_signature=");
        let mut signature = [0; 64];
        let _ = hex::encode_to_slice(mac.finalize().into_bytes(), &mut signature);
        text.push_str(std::str::from_utf8(&signature).unwrap_or_default());
        Signed {
            path_and_query: text,
            body,
        }
    }
}
