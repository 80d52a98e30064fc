//! Protocol 7 on the WebSocket, as seen by an unmodified client library.

mod caches;
mod channel_auth;
mod connecting;
mod malformed;
mod members;
mod presence;
mod subscribing;
