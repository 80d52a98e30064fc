//! The crate in a Cloudflare Worker.
//!
//! The example runs in workerd, with pusher-js subscribed, and with services that misbehave.

mod upstream;
mod workerd;

pub(crate) use workerd::Worker;

use pusher_http::WebhookSignature;
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::stage::{AuthServer, Page, Stage};
use upstream::{Behaviour, Upstream, answer, nobody};
use workerd::cookie;

const OPERATOR: &str = "private-operator-7";
const STREAMER: &str = "private-encrypted-streamer-9";
const LOBBY: &str = "presence-lobby";

async fn stage() -> Stage {
    Stage::start_with(Page::Node, AuthServer::Worker).await
}

async fn connect(stage: &Stage, client: &str, cookie: &str) -> String {
    let auth = json!({"headers": {"Cookie": cookie}});
    stage.connect_with(client, auth).await.to_string()
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn notifies_both_parties_of_offer() {
    let stage = stage().await;
    let operator = connect(&stage, "operator", &cookie("operator-7")).await;
    connect(&stage, "streamer", &cookie("streamer-9")).await;
    stage.subscribe("operator", OPERATOR).await;
    stage.subscribe("streamer", STREAMER).await;
    stage
        .worker()
        .logged(&format!("channel_occupied {OPERATOR}"))
        .await;

    let response = stage.worker().offer(4_711).await;
    assert_eq!(response.status(), 201);
    assert_eq!(
        response.text().await.unwrap(),
        r#"{"id":4711,"notified":true}"#
    );
    let offer = json!({
        "id": 4_711, "from": "operator-7", "to": "streamer-9", "amount_cents": 25_000,
    });
    let made = stage.peer.event("operator", OPERATOR, "offer.made").await;
    assert_eq!(made["data"], offer);
    let received = stage
        .peer
        .event("streamer", STREAMER, "offer.received")
        .await;
    assert_eq!(received["data"], offer);
    if let Some(server) = stage.server.local() {
        let calls = server.calls();
        let batch = calls
            .iter()
            .find(|call| call.path.ends_with("/batch_events"));
        let body = &batch.unwrap().body;
        assert!(body.contains("ciphertext"), "{body}");
        // The operator's copy is not encrypted.
        assert_eq!(body.matches("25000").count(), 1, "{body}");
    }

    let from_the_operators_page = json!({"id": 2, "to": "streamer-9", "amount_cents": 1});
    stage
        .worker()
        .post("/offers")
        .header("cookie", cookie("operator-7"))
        .header("content-type", "application/json")
        .header("x-socket-id", operator)
        .body(from_the_operators_page.to_string())
        .send()
        .await
        .unwrap();
    let is_second = |event: &Value| event["from"] == "streamer" && event["data"]["id"] == 2;
    stage
        .peer
        .events
        .expect("the second offer", is_second)
        .await;
    assert_eq!(stage.peer.names("operator"), ["offer.made"]);
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn rejects_offer_to_user_whose_channel_exceeds_limits() {
    let stage = stage().await;
    let longest = "x".repeat(164 - "private-encrypted-".len());
    for (to, status) in [
        ("no one", 422),
        ("streamer:9", 422),
        (&format!("{longest}x"), 422),
        (&longest, 201),
    ] {
        let response = stage.worker().offer_to(1, to).await;
        assert_eq!(response.status(), status, "{to}");
    }
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn lobby_lists_members_as_they_join() {
    let stage = stage().await;
    connect(&stage, "operator", &cookie("operator-7")).await;
    let joined = stage.subscribe("operator", LOBBY).await;
    assert_eq!(joined["me"]["id"], "operator-7");
    connect(&stage, "streamer", &cookie("streamer-9")).await;
    let joined = stage.subscribe("streamer", LOBBY).await;
    let members = joined["members"].as_object().unwrap();
    assert!(members.keys().eq(["operator-7", "streamer-9"]), "{joined}");
    let added = stage
        .peer
        .event("operator", LOBBY, "pusher:member_added")
        .await;
    assert_eq!(added["data"]["id"], "streamer-9");

    let listed = stage
        .worker()
        .get("/lobby")
        .header("cookie", cookie("operator-7"));
    let listed = listed.send().await.unwrap().text().await.unwrap();
    let mut listed: Value = serde_json::from_str(&listed).unwrap();
    let users = listed["users"].as_array_mut().unwrap();
    users.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    assert_eq!(*users, ["operator-7", "streamer-9"]);
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn forged_cookie_is_403() {
    let stage = stage().await;
    let forged = cookie("operator-7").replace("operator-7", "streamer-9");
    connect(&stage, "forger", &forged).await;
    connect(&stage, "operator", &cookie("operator-7")).await;
    for (client, channel) in [
        ("forger", STREAMER),
        ("forger", LOBBY),
        // Another user's channel.
        ("operator", STREAMER),
        ("operator", "private-encrypted-cache-streamer-9"),
        ("operator", "presence-operator-7"),
    ] {
        let command = json!({"do": "subscribe", "client": client, "channel": channel});
        let error = stage.peer.try_do(command).await.unwrap_err();
        assert_eq!(error["type"], "AuthError", "{channel}: {error}");
        assert_eq!(error["status"], 403, "{channel}: {error}");
    }
    stage.subscribe("operator", OPERATOR).await;
    stage
        .subscribe("operator", "private-cache-operator-7")
        .await;

    for cookie in [&*forged, "session=operator-7", "theme=dark"] {
        let offer = stage.worker().post("/offers").header("cookie", cookie);
        assert_eq!(offer.send().await.unwrap().status(), 403, "{cookie}");
    }
    let of_a_foreign_form = stage
        .worker()
        .post("/offers")
        .header("cookie", cookie("operator-7"))
        .header("content-type", "text/plain")
        .body(r#"{"id": 1, "to": "streamer-9", "amount_cents": 1}"#);
    assert_eq!(of_a_foreign_form.send().await.unwrap().status(), 415);
    assert_eq!(
        stage.worker().get("/lobby").send().await.unwrap().status(),
        403
    );
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn verifies_webhooks() {
    let stage = stage().await;
    let body =
        r#"{"time_ms":1403175510755,"events":[{"name":"channel_vacated","channel":"news"}]}"#;
    let headers =
        WebhookSignature::new(stage.pusher.app().credentials(), body.as_bytes()).headers();
    let post = async |headers, body: &'static str| {
        let webhook = stage.worker().post("/pusher/webhook");
        let response = webhook.headers(headers).body(body).send().await.unwrap();
        response.status()
    };
    assert_eq!(post(headers.clone(), body).await, 200);
    stage.worker().logged("channel_vacated news").await;

    let forged =
        r#"{"time_ms":1403175510755,"events":[{"name":"channel_vacated","channel":"old"}]}"#;
    assert_eq!(post(headers, forged).await, 401);
    stage
        .worker()
        .logged("webhook rejected: the signature does not fit")
        .await;
    assert!(
        !stage
            .worker()
            .log
            .all()
            .contains(&"channel_vacated old".to_owned())
    );
}

/// Makes an offer whose notification fails; returns the line that the Worker logs about it.
async fn fail(behaviour: Behaviour) -> (Upstream, Worker, String) {
    let upstream = Upstream::start(behaviour).await;
    let worker = Worker::start(&upstream.url).await;
    let line = worker.fail_to_notify().await;
    assert!(upstream.requests.all()[0].starts_with("POST /apps/e2e-app/batch_events?"));
    // A trigger that may have arrived is not retried.
    assert_eq!(upstream.requests.all().len(), 1);
    still_serves(&worker).await;
    (upstream, worker, line)
}

/// Asserts that the Worker has not panicked, and has not logged a signature.
async fn still_serves(worker: &Worker) {
    let auth = worker
        .post("/pusher/auth")
        .header("cookie", cookie("operator-7"))
        .body("socket_id=1.2&channel_name=presence-lobby");
    assert_eq!(auth.send().await.unwrap().status(), 200);
    for line in worker.log.all() {
        for word in ["panicked", "unreachable", "Critical", "auth_signature"] {
            assert!(!line.contains(word), "{line}");
        }
    }
}

const UNKNOWN: &str = "offer 1: [Unknown, Unknown]: ";
const REJECTED: &str = "offer 1: [NotAccepted, NotAccepted]: ";

fn says(line: &str, outcome: &str, message: &str) {
    let said = line.strip_prefix(outcome);
    assert!(said.is_some_and(|said| said.starts_with(message)), "{line}");
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn unresponsive_service_times_out_and_request_is_cancelled() {
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{";
    for behaviour in [Behaviour::Silence, Behaviour::StopsAfter(head.to_owned())] {
        let (upstream, _worker, line) = fail(behaviour).await;
        says(&line, UNKNOWN, "no response within 2s; ");
        upstream.given_up.expect("the end", |()| true).await;
    }
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn rejection_status_is_enough_without_body() {
    let head = "HTTP/1.1 413 Too Large\r\nContent-Length: 9\r\n\r\n{".to_owned();
    let (_, _worker, line) = fail(Behaviour::StopsAfter(head)).await;
    says(&line, REJECTED, "");
    assert!(line.contains("413"), "{line}");
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn redirect_is_an_error_and_is_not_followed() {
    for status in ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"] {
        let ok = answer("200 OK", "", "{}");
        let target = Upstream::start(Behaviour::Answers(vec![ok])).await;
        let location = format!("Location: http://{}/elsewhere\r\n", target.address);
        let redirect = answer(status, &location, "");
        let (_, _worker, line) = fail(Behaviour::Answers(vec![redirect])).await;
        says(&line, REJECTED, "");
        assert!(line.contains(&status[..3]), "{line}");
        assert_eq!(target.requests.all(), [""; 0]);
    }
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn endless_response_is_an_error_and_is_cancelled() {
    let (upstream, _worker, line) = fail(Behaviour::Endless).await;
    says(&line, UNKNOWN, "the response is over 8388608 bytes");
    upstream.given_up.expect("the end", |()| true).await;
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn outcome_is_unknown_if_connection_fails_or_breaks() {
    let (_, worker, line) = fail(Behaviour::Close).await;
    says(&line, UNKNOWN, "the exchange broke off");
    worker.logged("offer 1: because ").await;

    // workerd throws the same error here.
    let worker = Worker::start(&nobody().await).await;
    let line = worker.fail_to_notify().await;
    says(&line, UNKNOWN, "the exchange broke off");
    worker.logged("offer 1: because ").await;
    still_serves(&worker).await;
}

/// Requests the lobby's users, which takes two requests to the service.
async fn ask(behaviour: Behaviour) -> (Worker, StatusCode, String) {
    let upstream = Upstream::start(behaviour).await;
    let worker = Worker::start(&upstream.url).await;
    let lobby = worker.get("/lobby").header("cookie", cookie("operator-7"));
    let lobby = lobby.send().await.unwrap();
    let status = lobby.status();
    assert_eq!(upstream.requests.all().len(), 2);
    still_serves(&worker).await;
    (worker, status, lobby.text().await.unwrap())
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn retries_query() {
    let unavailable = answer("503 Unavailable", "Retry-After: 1\r\n", "");
    let users = answer("200 OK", "", r#"{"users":[{"id":"streamer-9"}]}"#);
    for behaviour in [
        Behaviour::Answers(vec![unavailable, users.clone()]),
        Behaviour::OnceGivenUp(users),
    ] {
        let (_, status, lobby) = ask(behaviour).await;
        assert_eq!(status, 200);
        assert_eq!(lobby, r#"{"users":["streamer-9"]}"#);
    }
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn call_deadline_ends_last_attempt() {
    let (worker, status, _) = ask(Behaviour::Silence).await;
    assert_eq!(status, 502);
    let line = worker.logged("lobby: no response within ").await;
    // The first attempt had 2 seconds, and the deadline is 3 seconds.
    assert!(!line.contains("within 2s"), "{line}");
}
