//! Signing in, events for a user, and terminating a user's connections.

use serde_json::{Value, json};

use crate::stage::{AuthServer, Page, Stage, in_both_pages, odd_user_id};

in_both_pages!(
    user_signs_in_and_gets_only_their_own_events,
    terminates_connections_of_user,
    user_id_with_special_characters_works,
    watcher_is_notified_when_user_comes_online,
);

async fn sign_in(stage: &Stage, client: &str) -> Value {
    let command = json!({"do": "signin", "client": client});
    stage.peer.r#do(command).await["user_data"].clone()
}

async fn disconnected(stage: &Stage, client: &str) {
    stage
        .peer
        .events
        .expect(&format!("the end of {client}"), |event| {
            event["from"] == client
                && event["event"] == "state_change"
                && event["data"]["previous"] == "connected"
        })
        .await;
}

async fn user_signs_in_and_gets_only_their_own_events(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("ada", "session-of-ada").await;
    stage.connect("bob", "session-of-bob").await;
    let user = sign_in(&stage, "ada").await;
    assert_eq!(
        user,
        json!({"id": "1", "user_info": {"name": "Ada"}, "watchlist": ["2"]})
    );
    sign_in(&stage, "bob").await;

    let pusher = &stage.pusher;
    pusher
        .send_to_user(1, "for-ada", json!({"n": 1}))
        .await
        .unwrap();
    pusher.send_to_user(2, "for-bob", 2).await.unwrap();
    let for_ada = stage
        .peer
        .event("ada", "#server-to-user-1", "for-ada")
        .await;
    assert_eq!(for_ada["data"], json!({"n": 1}));
    stage
        .peer
        .event("bob", "#server-to-user-2", "for-bob")
        .await;
    assert!(!stage.peer.names("bob").contains(&"for-ada".to_owned()));

    let rejected = json!({"do": "signin", "client": "nobody"});
    stage.connect("nobody", "session-of-nobody").await;
    let error = stage.peer.try_do(rejected).await.unwrap_err();
    assert_eq!(error["status"], 403, "{error}");
}

async fn terminates_connections_of_user(page: Page) {
    let stage = Stage::start(page).await;
    for (client, session) in [("ada", "session-of-ada"), ("bob", "session-of-bob")] {
        stage.connect(client, session).await;
        sign_in(&stage, client).await;
    }
    stage.pusher.terminate_user_connections(1).await.unwrap();
    disconnected(&stage, "ada").await;
    let state = stage
        .peer
        .r#do(json!({"do": "state", "client": "bob"}))
        .await;
    assert_eq!(state["state"], "connected");
}

async fn user_id_with_special_characters_works(page: Page) {
    let stage = Stage::start_with(page, AuthServer::Own).await;
    stage.connect("odd", "any").await;
    let id = odd_user_id();
    let user = sign_in(&stage, "odd").await;
    assert_eq!(user, json!({"id": id}));

    let pusher = &stage.pusher;
    pusher.send_to_user(id, "hello", 1).await.unwrap();
    let channel = format!("#server-to-user-{id}");
    stage.peer.event("odd", &channel, "hello").await;

    let other = format!("{id}x");
    pusher.terminate_user_connections(other).await.unwrap();
    pusher.send_to_user(id, "still-here", 1).await.unwrap();
    stage.peer.event("odd", &channel, "still-here").await;
    pusher.terminate_user_connections(id).await.unwrap();
    disconnected(&stage, "odd").await;

    // No user can sign in to Sockudo with this ID, but the signature must be valid anyway.
    let odder = "a/b c?é&+%\"";
    pusher.terminate_user_connections(odder).await.unwrap();
}

async fn watcher_is_notified_when_user_comes_online(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("ada", "session-of-ada").await;
    sign_in(&stage, "ada").await;
    stage.connect("bob", "session-of-bob").await;
    sign_in(&stage, "bob").await;
    stage
        .peer
        .events
        .expect("Bob online for Ada", |event| {
            event["from"] == "ada"
                && event["event"] == "online"
                && event["data"]["user_ids"] == json!(["2"])
        })
        .await;
}
