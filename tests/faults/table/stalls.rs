//! Repeats tests of time that failed because the machine stalled.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// The time between two checks of the clock.
const TICK: Duration = Duration::from_millis(50);

/// A test that fails with a total delay up to this is not repeated: it would fail on any machine.
const TOLERABLE: Duration = Duration::from_millis(300);

const ATTEMPTS: usize = 10;

/// The total delay of the single-threaded runtime, and when it was last measured.
struct Lateness {
    sum: Duration,
    last: Instant,
}

impl Lateness {
    fn tick(&mut self) {
        self.sum += self.last.elapsed().saturating_sub(TICK);
        self.last = Instant::now();
    }
}

/// Runs a part of a test, and runs it again if it failed while the machine stalled.
pub async fn retry_if_stalled<T, F>(part: impl Fn() -> F) -> T
where
    T: Send + 'static,
    F: Future<Output = T> + Send + 'static,
{
    let mut attempts = 0;
    loop {
        attempts += 1;
        let lateness = Arc::new(Mutex::new(Lateness {
            sum: Duration::ZERO,
            last: Instant::now(),
        }));
        let watch = tokio::spawn(measure_lateness(lateness.clone()));
        let result = tokio::spawn(part()).await;
        watch.abort();
        let mut lateness = lateness.lock().unwrap();
        lateness.tick();
        match result {
            Ok(result) => return result,
            Err(_) if attempts < ATTEMPTS && lateness.sum > TOLERABLE => {
                println!("once more: the machine stood still for {:?}", lateness.sum);
            }
            Err(failure) => resume_unwind(failure.into_panic()),
        }
    }
}

async fn measure_lateness(lateness: Arc<Mutex<Lateness>>) {
    loop {
        tokio::time::sleep(TICK).await;
        lateness.lock().unwrap().tick();
    }
}
