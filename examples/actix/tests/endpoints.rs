//! The tokens of the example are taken by the crate's local server, and it takes the server's webhooks.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

#[path = "../../../tests/examples/stage.rs"]
mod stage;

use std::process::Stdio;

use pusher_http::{App, AppBuilder};
use reqwest::StatusCode;
use serde_json::json;
use stage::Stage;
use tokio::process::Command;

const MASTER_KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";

fn app() -> AppBuilder {
    App::builder("examples", "key", "secret").encryption_master_key_base64(MASTER_KEY)
}

fn example() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pusher-http-actix-example"));
    command
        .env_clear()
        .env("PUSHER_URL", "http://key:secret@127.0.0.1:1/apps/examples")
        .env("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true);
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn its_tokens_are_taken_and_it_takes_the_webhooks() {
    let mut stage = Stage::start(example(), app()).await;
    stage.subscribe("session-of-ada", "private-user-1").await;
    let line = stage.output.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some("channel_occupied on private-user-1"));

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

    let webhooks = stage.server.webhooks();
    assert!(!webhooks.is_empty());
    assert!(
        webhooks.iter().all(|webhook| webhook.status == Some(200)),
        "{webhooks:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn it_denies_and_refuses() {
    let stage = Stage::start(example(), app()).await;
    let ada = Some("session-of-ada");
    let large = format!("socket_id=SOCKET&channel_name={}", "x".repeat(70_000));
    for (session, form, status, body) in [
        (
            None,
            "socket_id=SOCKET&channel_name=private-room-1",
            403,
            "Forbidden",
        ),
        (
            ada,
            "socket_id=SOCKET&channel_name=private-user-2",
            403,
            "Forbidden",
        ),
        (
            ada,
            "socket_id=1.2:private-user-2&channel_name=private-room-1",
            400,
            "Bad Request",
        ),
        (ada, "socket_id=SOCKET", 400, "Bad Request"),
        (ada, &large, 413, "Payload Too Large"),
    ] {
        let answer = stage.ask("/pusher/auth", session, form).await;
        assert_eq!(
            answer,
            (StatusCode::from_u16(status).unwrap(), body.to_owned())
        );
    }
    let forged = stage.ask("/pusher/webhook", None, "{}").await;
    assert_eq!(
        forged,
        (StatusCode::UNAUTHORIZED, "Unauthorized".to_owned())
    );
}
