//! An example as a process of its own.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, SystemTime};

use tokio::process::Command;
use tokio::time::timeout;

use crate::stage::MASTER_KEY;

/// Only a program that hangs comes near it.
const DEADLINE: Duration = Duration::from_secs(60);

/// What an example that ends by itself has printed, with this service and nothing else in its
/// environment: its success, its output and its errors.
pub(crate) async fn run(example: &str, pusher_url: &str) -> (bool, String, String) {
    let running = Command::new(path_of(example))
        .env_clear()
        .env("PUSHER_URL", pusher_url)
        .env("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output: Output = timeout(DEADLINE, running).await.expect("it ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (
        output.status.success(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// The example's program: beside the tests themselves, and not older than its source.
pub(crate) fn path_of(example: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let built = test.ancestors().nth(2).unwrap().join("examples");
    let built = built.join(format!("{example}{}", std::env::consts::EXE_SUFFIX));
    let changed = changed(example);
    let is_fresh =
        std::fs::metadata(&built).is_ok_and(|built| built.modified().unwrap() >= changed);
    assert!(
        is_fresh,
        "{example} is not built: run cargo build --all-features --examples"
    );
    built
}

/// When the example's source was last changed: a file, or a folder of files.
fn changed(example: &str) -> SystemTime {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let modified = |path: &Path| path.metadata().unwrap().modified().unwrap();
    let folder = sources.join(example);
    if !folder.is_dir() {
        return modified(&sources.join(format!("{example}.rs")));
    }
    let files = std::fs::read_dir(folder).unwrap();
    let times = files.map(|file| modified(&file.unwrap().path()));
    times.max().unwrap()
}
