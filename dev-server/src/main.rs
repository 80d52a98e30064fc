//! Runs a Pusher Channels server, for front-end work in any language.
//!
//! ```sh
//! cargo install pusher-dev-server
//! pusher-dev-server --port 6001 --app-id app --key key --secret secret
//! ```
//!
//! Servers call it with `PUSHER_URL=http://key:secret@127.0.0.1:6001/apps/app`. Pages connect with
//! the key and `wsHost`, `wsPort` and `forceTLS: false`.
//!
//! `--webhook URL` posts webhooks to that URL, and may be given several times.
//! `--subscription-count-events` and `--no-client-events` correspond to switches in the hosted
//! service's dashboard. `--host` is the address to listen on, 127.0.0.1 by default. Ctrl-C stops
//! the server.
//!
//! Requests may name the server by an IP address or `localhost`. `--allow-host NAME` adds another
//! name, such as that of a docker-compose service or a tunnel, and may be given several times.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use clap::Parser;
use pusher_dev_server::{DevApp, DevServer};

#[derive(Parser)]
#[command(about = "A Pusher Channels server for development")]
struct Arguments {
    /// The address to listen on
    #[arg(long, default_value_t = IpAddr::from(Ipv4Addr::LOCALHOST))]
    host: IpAddr,
    /// A name that requests may have in their Host header, besides IP addresses and localhost
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
    /// The port to listen on
    #[arg(long, default_value_t = 6001)]
    port: u16,
    /// The app's id
    #[arg(long, default_value = "app")]
    app_id: String,
    /// The app's key, which pages connect with
    #[arg(long, default_value = "key")]
    key: String,
    /// The app's secret, which servers sign with
    #[arg(long, default_value = "secret")]
    secret: String,
    /// Where to post webhooks
    #[arg(long)]
    webhook: Vec<String>,
    /// Send subscription counts to subscribers and webhooks
    #[arg(long)]
    subscription_count_events: bool,
    /// Reject the events that clients trigger
    #[arg(long)]
    no_client_events: bool,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    let mut app = DevApp::new(arguments.app_id, arguments.key, arguments.secret)
        .subscription_count_events(arguments.subscription_count_events)
        .client_events(!arguments.no_client_events);
    for url in arguments.webhook {
        app = app.webhook(url);
    }
    let mut builder = DevServer::builder()
        .address(SocketAddr::new(arguments.host, arguments.port))
        .app(app)
        .max_records(0); // Nothing reads the records.
    for name in arguments.allow_host {
        builder = builder.allowed_host(name);
    }
    let server = builder.start().await?;
    println!("listening on http://{}", server.address());
    tokio::signal::ctrl_c().await?;
    server.stop().await;
    Ok(())
}
