//! The example `dual_notify`.

use pusher_dev_server::{DevServer, Fault};

use crate::program::run;
use crate::stage::app;
use crate::{calls, event, events};

const OFFER: &str = r#"{"id":1,"operator_id":7,"streamer_id":9,"amount_cents":25000}"#;

fn both() -> Vec<(String, String, String)> {
    vec![
        event("private-operator-7", "offer.made", OFFER),
        event("private-streamer-9", "offer.received", OFFER),
    ]
}

async fn server() -> DevServer {
    DevServer::builder().app(app()).start().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn both_parties_are_notified_in_one_call() {
    let server = server().await;
    let (success, output, errors) = run("dual_notify", &server.url()).await;
    assert_eq!((success, &*errors), (true, ""));
    assert_eq!(output, "offer 1 is made\n0 events are to be sent\n");
    assert_eq!(events(&server), both());
    assert_eq!(calls(&server).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn resends_events_with_unknown_outcome() {
    let server = server().await;
    server.fail_next(Fault::Status(503));
    let (success, output, errors) = run("dual_notify", &server.url()).await;
    assert!(success);
    assert_eq!(output, "offer 1 is made\n0 events are to be sent\n");
    assert_eq!(
        errors,
        "of 2 events 0 were accepted, 0 were not, 2 are unknown: status 503: the service is \
         unavailable: try again later (a fault that was asked for)\n\
         may have been sent: offer.made to private-operator-7\n\
         may have been sent: offer.received to private-streamer-9\n"
    );
    assert_eq!(events(&server), both());
    assert_eq!(calls(&server).len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn rejected_events_stay_in_the_outbox() {
    let server = server().await;
    server.fail_next(Fault::Status(403)).times(2);
    let (success, output, _) = run("dual_notify", &server.url()).await;
    assert!(success);
    assert_eq!(output, "offer 1 is made\n2 events are to be sent\n");
    assert_eq!(events(&server), []);
    assert_eq!(calls(&server).len(), 2);
}
