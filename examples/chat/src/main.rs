//! The chat's settings and startup. See the README.

use std::env;
use std::path::PathBuf;

use chat::{Chat, Database, Page, Service};
use tokio::net::TcpListener;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = setting("CHAT_ADDRESS", "127.0.0.1:3000");
    let database = setting("CHAT_DATABASE", "chat.db");
    let folder = PathBuf::from(setting("CHAT_NODE_MODULES", "node_modules"));

    let page = Page::open(&folder)?;
    let database = Database::open(&database)?;
    let listener = TcpListener::bind(&address).await?;
    let origin = format!("http://{}", listener.local_addr()?);
    let service = Service::start(&origin).await?;
    println!("the service is {}", service.pusher().app().base_url());
    println!("open {origin}");

    let router = chat::router(Chat {
        database,
        pusher: service.pusher(),
        page,
    });
    tokio::select! {
        served = axum::serve(listener, router) => served?,
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(())
}

/// Reads an environment variable; an empty one counts as not set, as with `PUSHER_URL`.
fn setting(name: &str, default: &str) -> String {
    match env::var(name) {
        Ok(value) if !value.is_empty() => value,
        _ => default.to_owned(),
    }
}
