//! Times mean something only while the machine runs: what it has spoilt by standing still is done
//! again.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Between two looks at the clock.
const TICK: Duration = Duration::from_millis(50);

/// What is spoilt by no more than this would fail on any machine.
const TOLERABLE: Duration = Duration::from_millis(300);

const ATTEMPTS: usize = 10;

/// How late the runtime is by now, of one thread, and when it last looked.
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

/// Runs a part of a test; and again, where it failed while the machine stood still.
pub async fn undisturbed<T, F>(part: impl Fn() -> F) -> T
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
        let watch = tokio::spawn(look_at_the_clock(lateness.clone()));
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

async fn look_at_the_clock(lateness: Arc<Mutex<Lateness>>) {
    loop {
        tokio::time::sleep(TICK).await;
        lateness.lock().unwrap().tick();
    }
}
