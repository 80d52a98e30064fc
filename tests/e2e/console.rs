//! The quickstart's console, used in Chromium as a person would use it.

use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use crate::server::required;

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn quickstart_page_shows_and_triggers_events() {
    let mut quickstart = Command::new(required("QUICKSTART"))
        // An empty value counts as not set.
        .env("PUSHER_URL", "")
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(quickstart.stdout.take().unwrap()).lines();
    let url = loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the page's address");
        if let Some(url) = line.strip_prefix("open ") {
            break url.to_owned();
        }
    };
    let used = Command::new("node")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/e2e/console.mjs"
        ))
        .arg(url)
        .arg(env!("CARGO_TARGET_TMPDIR"))
        .kill_on_drop(true)
        .output()
        .await
        .unwrap();
    assert!(
        used.status.success(),
        "{}",
        String::from_utf8_lossy(&used.stderr)
    );
}
