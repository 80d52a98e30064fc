//! The floor below every token and webhook: straight-line code with a pre-keyed HMAC.

use std::hint::black_box;

use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;

use super::tokens::Signer;
use super::webhook::{Text, Webhook};
use crate::Failure;
use crate::fixtures::{
    self, CHANNEL_DATA, KEY, MEMBER, PRESENCE_CHANNEL, PRIVATE_CHANNEL, SOCKET_ID, WEBHOOK,
};
use crate::work::Work;

/// The webhook's texts are borrowed from its body.
pub(crate) struct Line {
    keyed: Hmac<Sha256>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            keyed: fixtures::keyed(),
        }
    }

    fn digits(&self, pieces: &[&str]) -> [u8; 64] {
        let mut mac = self.keyed.clone();
        for piece in pieces {
            mac.update(piece.as_bytes());
        }
        let mut digits = [0; 64];
        let _ = hex::encode_to_slice(mac.finalize().into_bytes(), &mut digits);
        digits
    }

    fn auth(&self, pieces: &[&str]) -> String {
        let digits = self.digits(pieces);
        let mut auth = String::with_capacity(KEY.len() + 1 + digits.len());
        auth.push_str(KEY);
        auth.push(':');
        auth.push_str(std::str::from_utf8(&digits).unwrap_or_default());
        auth
    }

    fn private(&self) -> String {
        self.auth(&[black_box(SOCKET_ID), ":", black_box(PRIVATE_CHANNEL)])
    }

    fn presence(&self) -> serde_json::Result<(String, String)> {
        let channel_data = serde_json::to_string(black_box(&MEMBER))?;
        let (socket_id, channel) = (black_box(SOCKET_ID), black_box(PRESENCE_CHANNEL));
        let auth = self.auth(&[socket_id, ":", channel, ":", &channel_data]);
        Ok((auth, channel_data))
    }

    fn verified<'a, T: Deserialize<'a>>(&self) -> Result<Webhook<T>, Failure> {
        let webhook = black_box(&*WEBHOOK);
        let digits = self.digits(&[&webhook.body]);
        if !bool::from(digits.ct_eq(webhook.signature.as_bytes())) {
            return Err("the signature is another".into());
        }
        Ok(serde_json::from_str(&webhook.body)?)
    }
}

impl Signer for Line {
    fn private_token(&self) -> impl Sized {
        self.private()
    }

    fn presence_token(&self) -> impl Sized {
        self.presence()
    }

    fn webhook(&self) -> impl Sized {
        self.verified::<Text<'_>>()
    }

    fn sample(&self, work: Work) -> Result<Value, Failure> {
        match work {
            Work::PrivateToken => Ok(json!({"auth": self.private()})),
            Work::PresenceToken => {
                let (auth, channel_data) = self.presence()?;
                Ok(json!({"auth": auth, "channel_data": channel_data}))
            }
            _ => events(&self.verified::<Text<'_>>()?),
        }
    }
}

/// The webhook's texts are the caller's to keep; its tokens are those of [`Line`].
pub(crate) struct Owned(Line);

impl Owned {
    pub(crate) fn new() -> Self {
        Self(Line::new())
    }
}

impl Signer for Owned {
    fn offers(&self, work: Work) -> bool {
        work == Work::Webhook
    }

    fn private_token(&self) -> impl Sized {}

    fn presence_token(&self) -> impl Sized {}

    fn webhook(&self) -> impl Sized {
        self.0.verified::<String>()
    }

    fn sample(&self, _: Work) -> Result<Value, Failure> {
        events(&self.0.verified::<String>()?)
    }
}

fn events<T: Serialize>(webhook: &Webhook<T>) -> Result<Value, Failure> {
    Ok(serde_json::to_value(&webhook.events)?)
}

/// The signature's 32 bytes and nothing around them.
pub(crate) struct HmacAlone(Hmac<Sha256>);

impl HmacAlone {
    pub(crate) fn new() -> Self {
        Self(fixtures::keyed())
    }

    fn of(&self, pieces: &[&str]) -> [u8; 32] {
        let mut mac = self.0.clone();
        for piece in pieces {
            mac.update(piece.as_bytes());
        }
        mac.finalize().into_bytes().into()
    }

    fn private(&self) -> [u8; 32] {
        self.of(&[black_box(SOCKET_ID), ":", black_box(PRIVATE_CHANNEL)])
    }

    fn presence(&self) -> [u8; 32] {
        let (socket_id, channel) = (black_box(SOCKET_ID), black_box(PRESENCE_CHANNEL));
        self.of(&[socket_id, ":", channel, ":", black_box(CHANNEL_DATA)])
    }
}

impl Signer for HmacAlone {
    fn private_token(&self) -> impl Sized {
        self.private()
    }

    fn presence_token(&self) -> impl Sized {
        self.presence()
    }

    fn webhook(&self) -> impl Sized {
        self.of(&[&black_box(&*WEBHOOK).body])
    }

    fn sample(&self, work: Work) -> Result<Value, Failure> {
        let auth = |signature: [u8; 32]| format!("{KEY}:{}", hex::encode(signature));
        match work {
            Work::PrivateToken => Ok(json!({"auth": auth(self.private())})),
            Work::PresenceToken => {
                Ok(json!({"auth": auth(self.presence()), "channel_data": CHANNEL_DATA}))
            }
            _ if hex::encode(self.of(&[&WEBHOOK.body])) == WEBHOOK.signature => {
                Ok(json!(WEBHOOK.events))
            }
            _ => Err("the signature is another".into()),
        }
    }
}
