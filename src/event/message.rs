//! What an event has beside its channels, the same in a trigger and in a batch: JSON, written once.

use std::fmt;

use serde::Serialize;

use super::buffer::Buffer;
use super::text_in_json::push_text;
use super::{Info, IntoEventData};
use crate::error::Error;
use crate::json_text::{Extra, JsonText};
use crate::limits::{self, Limits};
use crate::socket_id::SocketId;
use crate::{
    encryption::{self, NONCE_BYTES, SharedSecret},
    event::EventData,
};

/// The names that the protocol itself uses in a trigger's or a batch's body.
const PROTOCOL_FIELDS: [&str; 7] = [
    "name",
    "channel",
    "channels",
    "data",
    "socket_id",
    "info",
    "batch",
];

/// Whether a message's data is sealed, where it has to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sealing {
    /// It goes to no encrypted channel.
    NotNeeded,
    /// It goes to one, and must be sealed before it is sent.
    Needed,
    /// It goes to one, and is sealed.
    Done,
}

impl Sealing {
    pub(crate) fn needed_if(is_encrypted: bool) -> Self {
        if is_encrypted {
            Self::Needed
        } else {
            Self::NotNeeded
        }
    }
}

/// An event as it is sent: its JSON up to the end of its data, and its options.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Message {
    /// `{"name":"..","channels":["..",..],"data":".."`, or so.
    json: Buffer,
    /// Where in it the data's string begins.
    data_start: usize,
    /// The length of the data itself, which escapes make longer.
    data_bytes: usize,
    sealing: Sealing,
    pub(crate) socket_id: Option<SocketId>,
    pub(crate) info: Info,
    extra: Extra,
}

impl Message {
    /// `head` is the JSON object up to the value of its `data`.
    pub(crate) fn new(
        mut head: Buffer,
        data: impl IntoEventData,
        sealing: Sealing,
    ) -> Result<Self, Error> {
        let data_start = head.len();
        let data_bytes = data.push_to(&mut head)?;
        Ok(Self {
            json: head,
            data_start,
            data_bytes,
            sealing,
            socket_id: None,
            info: Info::NONE,
            extra: Extra::default(),
        })
    }

    /// The same message with another head.
    pub(crate) fn with_head(&self, mut head: Buffer) -> Self {
        let data_start = head.len();
        head.push(&self.json[self.data_start..]);
        Self {
            json: head,
            data_start,
            socket_id: self.socket_id.clone(),
            extra: self.extra.clone(),
            ..*self
        }
    }

    /// The JSON object up to the value of its `data`.
    pub(crate) fn head(&self) -> &[u8] {
        &self.json[..self.data_start]
    }

    /// The data as subscribers receive it.
    pub(crate) fn data(&self) -> String {
        // It was written as a JSON string, so it is one.
        serde_json::from_slice(&self.json[self.data_start..]).unwrap_or_default()
    }

    pub(crate) fn add_extra<T: Serialize + ?Sized>(
        &mut self,
        name: String,
        value: &T,
    ) -> Result<(), Error> {
        check_extra_name(&name)?;
        if self.extra.get(&name).is_some() {
            return Err(Error::invalid("extra field", name, "it was added before"));
        }
        let value = JsonText::of(value).map_err(Error::serialize("extra field"))?;
        self.extra.insert(name, value);
        Ok(())
    }

    /// Sets all extra fields, as they were stored.
    pub(crate) fn set_extra(&mut self, extra: Extra) -> Result<(), Error> {
        for (name, _) in extra.iter() {
            check_extra_name(name)?;
        }
        self.extra = extra;
        Ok(())
    }

    pub(crate) fn extra(&self) -> &Extra {
        &self.extra
    }

    pub(crate) fn seal(
        &mut self,
        secret: &SharedSecret,
        nonce: [u8; NONCE_BYTES],
    ) -> Result<(), Error> {
        let sealed = secret.seal(&self.data(), nonce)?;
        self.json.truncate(self.data_start);
        self.data_bytes = EventData::raw(sealed).push_to(&mut self.json)?;
        self.sealing = Sealing::Done;
        Ok(())
    }

    pub(crate) fn needs_sealing(&self) -> bool {
        self.sealing == Sealing::Needed
    }

    pub(crate) fn is_sealed(&self) -> bool {
        self.sealing == Sealing::Done
    }

    /// Checks what is checked before the network; `context` says which event it is.
    pub(crate) fn check(
        &self,
        limits: &Limits,
        context: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        if self.info.contains(Info::CACHE) {
            let reason = "a trigger returns counts only: ask for the cache with a channel query";
            return Err(Error::invalid("info", "cache", reason));
        }
        limits::check(
            "event data in bytes",
            self.bytes_sent(),
            limits.event_data_bytes,
            context,
        )
    }

    /// The size of the data in bytes as sent: sealed where the channel is encrypted.
    fn bytes_sent(&self) -> usize {
        if self.needs_sealing() {
            return encryption::sealed_bytes(self.data_bytes);
        }
        self.data_bytes
    }

    /// What keeps data for an encrypted channel from ever being sent as it is.
    pub(crate) fn check_sealed(&self) -> Result<(), Error> {
        if !self.needs_sealing() {
            return Ok(());
        }
        Err(Error::encryption(
            "the data for an encrypted channel must be sealed before it is sent",
        ))
    }

    fn has_options(&self) -> bool {
        let Self {
            json: _,
            data_start: _,
            data_bytes: _,
            sealing: _,
            // A further one goes into `options` as well, and into `stored.rs`.
            socket_id,
            info,
            extra,
        } = self;
        socket_id.is_some() || !info.is_empty() || !extra.is_empty()
    }

    /// Room for what [`push_json`](Self::push_json) writes; extra fields may take more.
    pub(crate) fn json_bytes(&self) -> usize {
        self.json.len() + if self.has_options() { 80 } else { 1 }
    }

    /// Writes the whole JSON object, absent options left out.
    pub(crate) fn push_json(&self, json: &mut Vec<u8>) {
        json.extend_from_slice(&self.json);
        if self.has_options() {
            json.extend_from_slice(&self.options());
        }
        json.push(b'}');
    }

    /// The whole JSON object, in place.
    pub(crate) fn into_json(mut self) -> Vec<u8> {
        if self.has_options() {
            let options = self.options();
            self.json.push(&options);
        }
        self.json.push(b"}");
        self.json.into_vec()
    }

    fn options(&self) -> Buffer {
        let mut json = Buffer::new();
        if let Some(socket_id) = &self.socket_id {
            json.push(br#","socket_id":"#);
            push_text(&mut json, socket_id.as_str());
        }
        if !self.info.is_empty() {
            json.push(br#","info":"#);
            push_text(&mut json, &self.info.to_string());
        }
        for (name, value) in self.extra.iter() {
            json.push(b",");
            push_text(&mut json, name);
            json.push(b":");
            json.push(value.as_str().as_bytes());
        }
        json
    }
}

fn check_extra_name(name: &str) -> Result<(), Error> {
    if PROTOCOL_FIELDS.contains(&name) {
        let reason = "the protocol uses that name itself";
        return Err(Error::invalid("extra field", name, reason));
    }
    Ok(())
}

/// Without the data, which may be private.
impl fmt::Debug for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Message")
            .field("data_bytes", &self.data_bytes)
            .field("socket_id", &self.socket_id)
            .field("info", &self.info)
            .finish_non_exhaustive()
    }
}
