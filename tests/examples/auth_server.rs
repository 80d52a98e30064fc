//! The example `auth_server`, tested against the dev server.
//!
//! The server accepts its authorizations, and it accepts the server's webhooks.

use serde_json::{Value, json};
use tokio::process::Command;

use crate::program::path_of;
use crate::stage::Stage;

fn example() -> Command {
    Command::new(path_of("auth_server"))
}

#[tokio::test(flavor = "multi_thread")]
async fn authorizes_channels_and_accepts_webhooks() {
    let mut stage = Stage::start(example()).await;
    stage.subscribe("session-of-ada", "private-user-1").await;
    let line = stage.output.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some("private-user-1 is occupied"));

    let form = "socket_id=SOCKET&channel_name=private-cache-user-1";
    stage.token("/pusher/auth", "session-of-ada", form).await;

    let present = stage.subscribe("session-of-ada", "presence-room-1").await;
    assert_eq!(present["presence"]["hash"], json!({"1": {"name": "Ada"}}));
    let mut lines = [const { String::new() }; 2];
    for line in &mut lines {
        *line = stage.output.next_line().await.unwrap().unwrap();
    }
    lines.sort_unstable();
    let expected = ["1 joined presence-room-1", "presence-room-1 is occupied"];
    assert_eq!(lines, expected);

    let form = "socket_id=SOCKET&channel_name=private-encrypted-room-1";
    let token = stage.token("/pusher/auth", "session-of-ada", form).await;
    assert_eq!(token["shared_secret"].as_str().unwrap().len(), 44);

    let token = stage.token("/pusher/user-auth", "session-of-ada", "socket_id=SOCKET");
    let token = token.await;
    stage.send("pusher:signin", token).await;
    let signed_in = stage.event("pusher:signin_success").await;
    let user: Value = serde_json::from_str(signed_in["user_data"].as_str().unwrap()).unwrap();
    let expected = json!({"id": "1", "user_info": {"name": "Ada"}, "watchlist": ["2"]});
    assert_eq!(user, expected);

    stage.webhooks_were_taken();
}

#[tokio::test(flavor = "multi_thread")]
async fn denies_unauthorized_and_rejects_malformed_requests() {
    let stage = Stage::start(example()).await;
    let wanted = "socket_id=SOCKET&channel_name=private-staff-room";
    for (session, form, expected) in [
        (None, wanted, (403, "")),
        (Some("session-of-nobody"), wanted, (403, "")),
        (Some("session-of-bob"), wanted, (403, "")),
        (
            Some("session-of-bob"),
            "socket_id=SOCKET&channel_name=private-cache-user-1",
            (403, ""),
        ),
        (
            Some("session-of-bob"),
            "socket_id=SOCKET",
            (400, "Bad Request"),
        ),
        (
            Some("session-of-bob"),
            "socket_id=1.2:private-staff-room&channel_name=private-room-1",
            (400, "Bad Request"),
        ),
    ] {
        stage.answers("/pusher/auth", session, form, expected).await;
    }
    let forged = (401, "Unauthorized");
    stage.answers("/pusher/webhook", None, "{}", forged).await;
}
