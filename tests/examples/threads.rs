//! The example `blocking`.

use pusher_dev_server::DevServer;

use crate::program::run;
use crate::stage::app;
use crate::{calls, event, events};

#[tokio::test(flavor = "multi_thread")]
async fn threads_notify_about_their_jobs() {
    let server = DevServer::builder().app(app()).start().await.unwrap();
    let (success, output, errors) = run("blocking", &server.url()).await;
    assert_eq!((success, &*errors), (true, ""));

    let mut lines: Vec<_> = output.lines().collect();
    lines[..4].sort_unstable(); // The threads' own order.
    assert_eq!(
        lines,
        [
            "job 1 is told",
            "job 2 is told",
            "job 3 is told",
            "job 4 is told",
            "the overview is told",
            "0 of these channels are listened to",
        ]
    );
    let mut arrived = events(&server);
    arrived[..4].sort_unstable();
    let data = |job: u32| format!(r#"{{"job":{job}}}"#);
    let told = (1..=4).map(|job| event(&format!("private-job-{job}"), "job.done", data(job)));
    let overview = (1..=4).map(|job| event("private-jobs", "job.done", data(job)));
    assert_eq!(arrived, told.chain(overview).collect::<Vec<_>>());
    let calls = calls(&server);
    assert_eq!(calls.len(), 4 + 1 + 1);
    assert!(
        calls.iter().all(|(_, status)| *status == Some(200)),
        "{calls:?}"
    );
}
