//! Protocol 7 on the WebSocket, as an unchanged client library meets it.

mod caches;
mod connecting;
mod malformed;
mod members;
mod presence;
mod subscribing;
mod tokens;
