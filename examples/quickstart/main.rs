//! A debug console for Pusher Channels, and one event a second to look at.
//!
//! ```sh
//! cargo run --example quickstart
//! ```
//!
//! By default, it starts a Channels server in this process, so it needs no account and no network.
//! If `PUSHER_URL` is set, it uses that service instead. It prints the address of a page, but does
//! not open a browser. Ctrl-C ends it.
//!
//! The optional argument is the address to listen on, such as `0.0.0.0:3000`. The page can be
//! reached by IP addresses and `localhost`. `--allow-host NAME` allows another name, such as that
//! of a container or a tunnel, and may be given several times.

mod console;
mod hosts;

use std::time::Duration;

use clap::Parser;
use pusher_dev_server::{AllowedHosts, DevServer};
use pusher_http::Pusher;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::time::MissedTickBehavior;

#[derive(Parser)]
#[command(about = "A debug console for Pusher Channels")]
struct Arguments {
    /// The address to listen on
    #[arg(default_value = "127.0.0.1:0")]
    address: String,
    /// A name to allow in the Host header, in addition to IP addresses and localhost
    #[arg(long, value_name = "NAME")]
    allow_host: Vec<String>,
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    // The server stops when it is dropped, so keep it here.
    let is_set = std::env::var_os("PUSHER_URL").is_some_and(|url| !url.is_empty());
    let (pusher, _server) = if is_set {
        (Pusher::from_env()?, None)
    } else {
        let server = DevServer::builder().max_records(0).start().await?;
        (Pusher::from_url(&server.url())?, Some(server))
    };
    println!("the service is {}", pusher.app().base_url());

    let allowed = AllowedHosts::new(arguments.allow_host)?;
    let listener = TcpListener::bind(&arguments.address).await?;
    println!("open http://{}", listener.local_addr()?);
    let console = axum::serve(listener, console::router(pusher.clone(), allowed));

    tokio::select! {
        served = console => served?,
        () = tick(pusher) => {}
        stopped = tokio::signal::ctrl_c() => stopped?,
    }
    Ok(())
}

/// Triggers one event a second, and continues if one fails: a console should show problems.
async fn tick(pusher: Pusher) {
    let mut seconds = tokio::time::interval(Duration::from_secs(1));
    // Do not catch up on ticks that were missed during a slow call.
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for count in 1_u64.. {
        seconds.tick().await;
        let data = json!({"count": count});
        if let Err(error) = pusher.trigger("quickstart", "tick", data).await {
            eprintln!("tick {count}: {error}");
        }
    }
}
