//! Webhooks, posted to a receiver that checks each one.

mod batches;
mod events;
mod grace;
mod receiver;
mod signatures;

pub(crate) use receiver::Receiver;
