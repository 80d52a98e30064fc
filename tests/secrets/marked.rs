//! An app whose secrets are markers.

use pusher_http::encryption::{MasterKey, SharedSecret};
use pusher_http::{App, Builder, ChannelName, SocketId};

pub(crate) const SECRET: &str = "MARKER-secret";
pub(crate) const OLDER_SECRET: &str = "MARKER-older-secret";
pub(crate) const PROXY_PASSWORD: &str = "MARKER-proxy-password";
/// Data that the service must not be able to read, or that a page sent only to us.
pub(crate) const DATA: &str = "MARKER-data";
/// `MARKER-master-key-of-32-bytes...` and `MARKER-older-key--of-32-bytes...`.
pub(crate) const MASTER_KEY: &str = "TUFSS0VSLW1hc3Rlci1rZXktb2YtMzItYnl0ZXMuLi4=";
pub(crate) const OLDER_MASTER_KEY: &str = "TUFSS0VSLW9sZGVyLWtleS0tb2YtMzItYnl0ZXMuLi4=";

pub(crate) fn builder() -> Builder {
    App::builder("3", "key", SECRET)
        .older_credentials("older-key", OLDER_SECRET)
        .encryption_master_key_base64(MASTER_KEY)
        .older_encryption_master_key_base64(OLDER_MASTER_KEY)
}

pub(crate) fn app() -> App {
    builder().build_app().unwrap()
}

pub(crate) fn socket_id() -> SocketId {
    SocketId::new("1.2").unwrap()
}

pub(crate) fn channel(name: &str) -> ChannelName {
    ChannelName::new(name).unwrap()
}

pub(crate) fn encrypted() -> ChannelName {
    channel("private-encrypted-room")
}

pub(crate) fn shared_secret() -> SharedSecret {
    MasterKey::from_base64(MASTER_KEY)
        .unwrap()
        .shared_secret(&encrypted())
}
