//! Presence: the members that the page and the server's queries report, and denied access.

use pusher_http::Info;
use serde_json::json;

use crate::stage::{AuthServer, Page, Stage, in_both_pages};

in_both_pages!(
    page_sees_members_join_and_leave,
    queries_return_channels_users_and_counts,
    denies_users_who_may_not_join,
);

async fn page_sees_members_join_and_leave(page: Page) {
    let stage = Stage::start(page).await;
    let room = "presence-room-1";
    stage.connect("a", "session-of-ada").await;
    let joined = stage.subscribe("a", room).await;
    assert_eq!(joined["members"], json!({"1": {"name": "Ada"}}));
    assert_eq!(joined["me"], json!({"id": "1", "info": {"name": "Ada"}}));

    stage.connect("b", "session-of-bob").await;
    stage.subscribe("b", room).await;
    let added = stage.peer.event("a", room, "pusher:member_added").await;
    assert_eq!(added["data"], json!({"id": "2", "info": {"name": "Bob"}}));
    let disconnect = json!({"do": "disconnect", "client": "b"});
    stage.peer.r#do(disconnect).await;
    let removed = stage.peer.event("a", room, "pusher:member_removed").await;
    assert_eq!(removed["data"]["id"], "2");
}

async fn queries_return_channels_users_and_counts(page: Page) {
    let stage = Stage::start(page).await;
    for (client, session) in [
        ("a", "session-of-ada"),
        ("b", "session-of-ada"),
        ("c", "session-of-bob"),
    ] {
        stage.connect(client, session).await;
        stage.subscribe(client, "presence-room-1").await;
    }
    stage.subscribe("a", "news,1;2@3=4.5_6").await;
    let pusher = &stage.pusher;

    let channels = pusher.channels().await.unwrap();
    let names: Vec<_> = channels.keys().map(String::as_str).collect();
    assert_eq!(names, ["news,1;2@3=4.5_6", "presence-room-1"]);

    let rooms = pusher.channels().prefix("presence-").info(Info::USER_COUNT);
    let rooms = rooms.await.unwrap();
    assert_eq!(rooms.len(), 1);
    assert_eq!(rooms["presence-room-1"].user_count, Some(2));

    let room = pusher.channel("presence-room-1").info(Info::USER_COUNT);
    let room = room.await.unwrap();
    assert!(room.occupied);
    assert_eq!(room.user_count, Some(2));

    let news = pusher.channel("news,1;2@3=4.5_6");
    let news = news.info(Info::SUBSCRIPTION_COUNT).await.unwrap();
    assert_eq!((news.occupied, news.subscription_count), (true, Some(1)));
    assert!(!pusher.channel("empty").await.unwrap().occupied);

    let users = pusher.users("presence-room-1").await.unwrap();
    let mut ids: Vec<_> = users.iter().map(|user| user.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(ids, ["1", "2"]);
    assert!(pusher.users("presence-empty").await.unwrap().is_empty());
}

async fn denies_users_who_may_not_join(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("bob", "session-of-bob").await;
    stage.connect("stranger", "session-of-nobody").await;
    for (client, channel) in [
        ("bob", "private-user-1"),
        ("bob", "private-staff-1"),
        ("bob", "private-encrypted-staff-1"),
        ("bob", "presence-staff-1"),
        ("stranger", "private-room-1"),
        ("stranger", "presence-room-1"),
    ] {
        let command = json!({"do": "subscribe", "client": client, "channel": channel});
        let error = stage.peer.try_do(command).await.unwrap_err();
        assert_eq!(error["type"], "AuthError", "{channel}: {error}");
        assert_eq!(error["status"], 403, "{channel}: {error}");
    }
    stage.subscribe("bob", "private-user-2").await;
}

#[tokio::test]
#[ignore = "tests/e2e/run.sh starts what it needs"]
async fn page_on_jsonp_transport_joins() {
    let stage = Stage::start_with(Page::Chromium, AuthServer::Own).await;
    let auth = json!({"transport": "jsonp", "params": {"room_key": "a b"}});
    stage.connect_with("a", auth).await;
    stage.subscribe("a", "private-room-1").await;
    let joined = stage.subscribe("a", "presence-room-1").await;
    assert_eq!(joined["me"]["id"], "1");
    stage
        .pusher
        .trigger("private-room-1", "e", 1)
        .await
        .unwrap();
    stage.peer.event("a", "private-room-1", "e").await;
}
