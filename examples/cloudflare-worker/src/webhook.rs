//! `POST /pusher/webhook`: the service reports who joined and left.

use bytes::Bytes;
use http::{HeaderMap, Response, StatusCode};
use worker::{console_error, console_log};

use crate::backend::Backend;
use crate::status;

/// Receives a webhook. The service retries for 5 minutes if the response is not a 2xx.
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
