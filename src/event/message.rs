//! What an event has beside its channels, the same in a trigger and in a batch.

use serde::Serialize;
use serde::ser::SerializeMap;
use serde_json::Value;

use super::{EventData, Info};
use crate::error::Error;
use crate::event_name::EventName;
use crate::limits::{self, Limits};
use crate::socket_id::SocketId;

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

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) name: EventName,
    pub(crate) data: EventData,
    pub(crate) socket_id: Option<SocketId>,
    pub(crate) info: Info,
    extra: Vec<(String, Value)>,
}

impl Message {
    pub(crate) fn new(name: EventName, data: EventData) -> Self {
        Self {
            name,
            data,
            socket_id: None,
            info: Info::NONE,
            extra: Vec::new(),
        }
    }

    pub(crate) fn add_extra<T: Serialize + ?Sized>(
        &mut self,
        name: String,
        value: &T,
    ) -> Result<(), Error> {
        if PROTOCOL_FIELDS.contains(&name.as_str()) {
            let reason = "the protocol uses that name itself";
            return Err(Error::invalid("extra field", name, reason));
        }
        if self.extra.iter().any(|(added, _)| *added == name) {
            return Err(Error::invalid("extra field", name, "it was added before"));
        }
        let value = serde_json::to_value(value).map_err(|source| Error::Serialize {
            what: "extra field",
            source,
        })?;
        self.extra.push((name, value));
        Ok(())
    }

    /// Checks what is checked before the network; `context` says which event it is.
    pub(crate) fn check(
        &self,
        encrypted: bool,
        limits: &Limits,
        context: impl FnOnce() -> String,
    ) -> Result<(), Error> {
        if self.info.contains(Info::CACHE) {
            let reason = "a trigger returns counts only: ask for the cache with a channel query";
            return Err(Error::invalid("info", "cache", reason));
        }
        limits::check(
            "event data in bytes",
            self.data.bytes_sent(encrypted),
            limits.event_data_bytes,
            context,
        )
    }

    /// The fields after name and channels, absent ones left out.
    pub(crate) fn serialize_data_and_options<M: SerializeMap>(
        &self,
        map: &mut M,
    ) -> Result<(), M::Error> {
        map.serialize_entry("data", self.data.as_str())?;
        if let Some(socket_id) = &self.socket_id {
            map.serialize_entry("socket_id", socket_id)?;
        }
        if !self.info.is_empty() {
            map.serialize_entry("info", &self.info)?;
        }
        for (name, value) in &self.extra {
            map.serialize_entry(name, value)?;
        }
        Ok(())
    }
}
