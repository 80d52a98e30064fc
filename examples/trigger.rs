//! Triggers one event on a channel of the app that the environment names.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID \
//!     cargo run --example trigger -- my-channel my-event '{"hello":"world"}'
//! ```

use pusher_http::{EventData, Pusher};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut argument = |default: &str| arguments.next().unwrap_or_else(|| default.to_owned());
    let channel = argument("my-channel");
    let event = argument("my-event");
    let data = argument(r#"{"hello":"world"}"#);

    let pusher = Pusher::from_env()?;
    pusher
        .trigger(channel.as_str(), event.as_str(), EventData::raw(data))
        .await?;
    println!("{event} is sent to {channel}");
    Ok(())
}
