//! `POST /pusher/webhook`: the service tells who came and went.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use worker::{console_error, console_log};

use crate::backend::Backend;
use crate::status;

/// The service repeats, for 5 minutes, what is not answered by a 2xx.
pub fn receive(backend: &Backend, headers: &HeaderMap, body: &Bytes) -> Response<String> {
    match backend.pusher.webhook(headers, body) {
        Ok(webhook) => {
            for event in webhook.events {
                let channel = event.channel().unwrap_or_default();
                console_log!("{} {channel}", event.name());
            }
            status(StatusCode::OK)
        }
        Err(error) => {
            console_error!("{error}");
            status(StatusCode::UNAUTHORIZED)
        }
    }
}
