//! Waits for conditions that the server does not signal.

use std::time::Duration;

use tokio::time::timeout;

/// Checks the condition repeatedly until it is true.
pub(crate) async fn until(mut is_so: impl FnMut() -> bool) {
    let asking = async {
        while !is_so() {
            tokio::task::yield_now().await;
        }
    };
    let asking = timeout(Duration::from_secs(20), asking);
    asking.await.expect("it does not come to that");
}
