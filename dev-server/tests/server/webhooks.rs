//! Webhooks: a receiver that checks each, and what it is told.

mod batches;
mod facts;
mod grace;
mod receiver;
mod signatures;

pub(crate) use receiver::Receiver;
