//! A chat. See its README.

mod database;
mod failed;
mod messages;
mod page;
mod pusher_routes;
mod rooms;
mod same_origin;
mod service;
mod session;

pub use database::Database;
pub use page::Page;
pub use service::Service;

use axum::Router;
use axum::extract::FromRef;
use axum::middleware::from_fn;
use pusher_http::Pusher;

/// The state that all requests share.
#[derive(Clone)]
pub struct Chat {
    pub database: Database,
    pub pusher: Pusher,
    pub page: Page,
}

/// Gives the webhook extractor access to the app's secret.
impl FromRef<Chat> for Pusher {
    fn from_ref(chat: &Chat) -> Self {
        chat.pusher.clone()
    }
}

pub fn router(chat: Chat) -> Router {
    Router::new()
        .merge(page::routes())
        .merge(session::routes())
        .merge(messages::routes())
        .merge(pusher_routes::routes())
        .layer(from_fn(same_origin::check))
        .with_state(chat)
}
