//! Runs an example in a separate process.

use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use std::time::{Duration, SystemTime};

use tokio::process::Command;
use tokio::time::timeout;

use crate::stage::MASTER_KEY;

/// Only a program that hangs reaches this deadline.
const DEADLINE: Duration = Duration::from_secs(60);

/// Runs an example to its end, with only this service in its environment.
///
/// Returns whether it succeeded, its standard output and its standard error.
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

/// Returns the path of the example's program.
///
/// The program is next to the test's own, and must not be older than its source.
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

/// Returns when the example's source, a file or a folder of files, was last changed.
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
