//! Tests the example against the local server.
//!
//! The server accepts the example's authorizations, and the example accepts the server's webhooks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

#[path = "../../../tests/examples/stage.rs"]
mod stage;

use serde_json::json;
use stage::Stage;
use tokio::process::Command;

fn example() -> Command {
    Command::new(env!("CARGO_BIN_EXE_pusher-http-actix-example"))
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tokens_are_taken_and_it_takes_the_webhooks() {
    let mut stage = Stage::start(example()).await;
    stage.subscribe("session-of-ada", "private-user-1").await;
    let line = stage.output.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some("channel_occupied on private-user-1"));

    let form = "socket_id=SOCKET&channel_name=private-cache-user-1";
    stage.token("/pusher/auth", "session-of-ada", form).await;

    let present = stage.subscribe("session-of-ada", "presence-room-1").await;
    assert_eq!(present["presence"]["hash"], json!({"1": {"name": "Ada"}}));
    // The first webhook is recorded before the next one is sent.
    let line = stage.output.next_line().await.unwrap().unwrap();
    assert!(line.ends_with(" on presence-room-1"), "{line}");

    let form = "socket_id=SOCKET&channel_name=private-encrypted-room-1";
    let token = stage.token("/pusher/auth", "session-of-ada", form).await;
    assert_eq!(token["shared_secret"].as_str().unwrap().len(), 44);

    let token = stage.token("/pusher/user-auth", "session-of-ada", "socket_id=SOCKET");
    let token = token.await;
    stage.send("pusher:signin", token).await;
    stage.event("pusher:signin_success").await;

    stage.webhooks_were_taken();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_denies_and_refuses() {
    let stage = Stage::start(example()).await;
    let ada = Some("session-of-ada");
    let large = format!("socket_id=SOCKET&channel_name={}", "x".repeat(70_000));
    for (session, form, expected) in [
        (
            None,
            "socket_id=SOCKET&channel_name=private-room-1",
            (403, "Forbidden"),
        ),
        (
            ada,
            "socket_id=SOCKET&channel_name=private-user-2",
            (403, "Forbidden"),
        ),
        (
            ada,
            "socket_id=SOCKET&channel_name=private-cache-user-2",
            (403, "Forbidden"),
        ),
        (
            ada,
            "socket_id=1.2:private-user-2&channel_name=private-room-1",
            (400, "Bad Request"),
        ),
        (ada, "socket_id=SOCKET", (400, "Bad Request")),
        (ada, &large, (413, "Payload Too Large")),
    ] {
        stage.answers("/pusher/auth", session, form, expected).await;
    }
    let forged = (401, "Unauthorized");
    stage.answers("/pusher/webhook", None, "{}", forged).await;
}
