//! The inputs, the same for every candidate.

use std::sync::LazyLock;
use std::time::SystemTime;

use hmac::{Hmac, KeyInit as _, Mac as _};
use serde::Serialize;
use serde_json::Value;
use sha2::Sha256;

pub(crate) const APP_ID: &str = "3";
pub(crate) const KEY: &str = "278d425bdf160c739803";
pub(crate) const SECRET: &str = "7ad3773142a6692b25b8";

pub(crate) const EVENT: &str = "offer.received";
pub(crate) const CHANNEL: &str = "private-operator-0";
pub(crate) const CHANNELS: [&str; 10] = [
    CHANNEL,
    "private-operator-1",
    "private-operator-2",
    "private-operator-3",
    "private-operator-4",
    "private-operator-5",
    "private-operator-6",
    "private-operator-7",
    "private-operator-8",
    "private-operator-9",
];

pub(crate) const SOCKET_ID: &str = "1234.5678";
pub(crate) const PRIVATE_CHANNEL: &str = "private-operator-7";
pub(crate) const PRESENCE_CHANNEL: &str = "presence-room-1";
pub(crate) const USER_ID: &str = "42";
pub(crate) const USER_INFO: UserInfo = UserInfo {
    name: "Ada Lovelace",
    role: "operator",
};

/// An event's data: 185 bytes as JSON.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Offer {
    id: u32,
    kind: &'static str,
    operator: &'static str,
    streamer: &'static str,
    amount_cents: u32,
    currency: &'static str,
    expires_at: &'static str,
    note: &'static str,
}

/// An event's data: about 9 KB as JSON.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Catalogue {
    page: u32,
    offers: Vec<Offer>,
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct UserInfo {
    pub(crate) name: &'static str,
    pub(crate) role: &'static str,
}

/// What a presence channel's other subscribers get to know.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Member {
    pub(crate) user_id: &'static str,
    pub(crate) user_info: UserInfo,
}

pub(crate) const MEMBER: Member = Member {
    user_id: USER_ID,
    user_info: USER_INFO,
};

/// That, as it is signed.
pub(crate) const CHANNEL_DATA: &str =
    r#"{"user_id":"42","user_info":{"name":"Ada Lovelace","role":"operator"}}"#;

pub(crate) const OFFER: Offer = Offer {
    id: 47_110_815,
    kind: "offer",
    operator: "operator-7",
    streamer: "streamer-9",
    amount_cents: 25_000,
    currency: "EUR",
    expires_at: "2026-01-31T12:00:00Z",
    note: "at your \"convenience\"",
};

pub(crate) static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| Catalogue::of_bytes(9_000));

impl Catalogue {
    /// As many offers as fit into so many bytes of JSON.
    pub(crate) fn of_bytes(bytes: usize) -> Self {
        const EMPTY_BYTES: usize = r#"{"page":1,"offers":[]}"#.len();
        const OFFER_AND_COMMA_BYTES: usize = 186;
        let offers = bytes.saturating_sub(EMPTY_BYTES) / OFFER_AND_COMMA_BYTES;
        Self {
            page: 1,
            offers: vec![OFFER; offers],
        }
    }
}

/// A webhook of 1 KB. Its time is that of the run: the Python library rejects one that is further
/// than 5 minutes from now.
pub(crate) struct Webhook {
    pub(crate) body: String,
    pub(crate) signature: String,
    pub(crate) events: Vec<Value>,
}

pub(crate) static WEBHOOK: LazyLock<Webhook> = LazyLock::new(|| {
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    let body = format!(
        r#"{{"time_ms":{},"events":{WEBHOOK_EVENTS}}}"#,
        now.as_millis()
    );
    let signature = signature(&body);
    let events = serde_json::from_str(WEBHOOK_EVENTS).expect("it is JSON");
    Webhook {
        body,
        signature,
        events,
    }
});

const WEBHOOK_EVENTS: &str = concat!(
    r#"[{"name":"channel_occupied","channel":"presence-room-1"},"#,
    r#"{"name":"member_added","channel":"presence-room-1","user_id":"42"},"#,
    r#"{"name":"member_added","channel":"presence-room-1","user_id":"43"},"#,
    r#"{"name":"member_added","channel":"presence-room-1","user_id":"a-longer-user-id"},"#,
    r#"{"name":"client_event","channel":"presence-room-1","event":"client-moved","#,
    r#""data":"{\"x\":12,\"y\":7}","socket_id":"1234.5678","user_id":"42"},"#,
    r#"{"name":"client_event","channel":"presence-room-1","event":"client-moved","#,
    r#""data":"{\"x\":13,\"y\":7}","socket_id":"1234.5678","user_id":"42"},"#,
    r#"{"name":"channel_occupied","channel":"private-operator-7"},"#,
    r#"{"name":"client_event","channel":"private-operator-7","event":"client-typing","#,
    r#""data":"hello","socket_id":"1234.5678"},"#,
    r#"{"name":"channel_vacated","channel":"private-operator-7"},"#,
    r#"{"name":"member_removed","channel":"presence-room-1","user_id":"42"},"#,
    r#"{"name":"member_removed","channel":"presence-room-1","user_id":"43"},"#,
    r#"{"name":"channel_vacated","channel":"presence-room-1"}]"#,
);

/// HMAC-SHA256 with the secret hashed in, to be cloned for each text.
pub(crate) fn keyed() -> Hmac<Sha256> {
    Hmac::new_from_slice(SECRET.as_bytes()).expect("HMAC takes a key of any length")
}

/// What a text's signature has to be.
pub(crate) fn signature(text: &str) -> String {
    hex::encode(keyed().chain_update(text).finalize().into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_inputs_have_the_sizes_that_the_tables_name() {
        assert_eq!(serde_json::to_string(&OFFER).unwrap().len(), 185);
        assert_eq!(serde_json::to_string(&MEMBER).unwrap(), CHANNEL_DATA);
        let catalogue = serde_json::to_string(&*CATALOGUE).unwrap().len();
        assert!((8_800..=9_000).contains(&catalogue), "{catalogue}");
        let webhook = WEBHOOK.body.len();
        assert!((950..=1_050).contains(&webhook), "{webhook}");
    }
}
