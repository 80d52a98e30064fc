//! Shows which channels are occupied, and who is on the presence channels.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID cargo run --example channel_state
//! ```

use pusher_http::{Error, Info, Pusher};

#[tokio::main]
async fn main() -> Result<(), Error> {
    let pusher = Pusher::from_env()?;

    let channels = pusher.channels().await?;
    println!("{} channels are occupied", channels.len());
    for name in channels.keys() {
        println!("  {name}");
    }

    let rooms = pusher
        .channels()
        .prefix("presence-")
        .info(Info::USER_COUNT)
        .await?;
    for (name, counts) in &rooms {
        println!("{name}: {} users", counts.user_count.unwrap_or_default());
        for user in pusher.users(name).await? {
            println!("  {}", user.id);
        }
    }
    Ok(())
}
