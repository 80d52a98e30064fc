//! Threads that notify clients about their work with blocking calls, sharing one client.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID \
//!     cargo run --example blocking --features blocking
//! ```

use std::thread;

use pusher_http::blocking::Wait as _;
use pusher_http::{Error, Pusher};
use serde_json::json;

/// Does a job, and then notifies the page that waits for it.
fn work(pusher: &Pusher, job: u32) -> Result<(), Error> {
    // The actual work goes here.
    let channel = format!("private-job-{job}");
    pusher
        .trigger(channel, "job.done", json!({"job": job}))
        .wait()?;
    Ok(())
}

fn main() -> Result<(), Error> {
    let pusher = Pusher::from_env()?;

    thread::scope(|scope| {
        for job in 1..=4 {
            let pusher = &pusher;
            scope.spawn(move || match work(pusher, job) {
                Ok(()) => println!("job {job} is told"),
                Err(error) => eprintln!("job {job} is not told: {error}"),
            });
        }
    });

    let events = (1..=4).map(|job| ("private-jobs", "job.done", json!({"job": job})));
    pusher.trigger_batch(events).wait()?;
    println!("the overview is told");

    let channels = pusher.channels().prefix("private-job").wait()?;
    println!("{} of these channels are listened to", channels.len());
    Ok(())
}
