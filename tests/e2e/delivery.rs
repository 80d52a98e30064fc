//! Delivery of events to the page: every type of channel, exclusion, batches, caches.

use pusher_http::{Event, EventData, Info};
use serde_json::{Value, json};

use crate::stage::{Page, Stage, in_both_pages};

in_both_pages!(
    delivers_on_every_channel_type,
    delivers_to_several_channels_in_one_trigger,
    does_not_deliver_to_excluded_socket,
    delivers_batch_of_25_complete_and_in_order,
    cache_channels_replay_the_last_event,
    delivers_raw_text_byte_for_byte,
    trigger_and_batch_return_info_counts,
);

const ADA: &str = "session-of-ada";

async fn delivers_on_every_channel_type(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("a", ADA).await;
    for channel in [
        "news",
        "private-room-1",
        "presence-room-1",
        "private-encrypted-room-1",
        "cache-news",
        "private-cache-room-1",
        "private-encrypted-cache-room-1",
        "private-user-1",
    ]
    .into_iter()
    // Sockudo does not let pusher-js join these.
    .chain(stage.server.is_local().then_some("presence-cache-room-1"))
    {
        stage.subscribe("a", channel).await;
        let data = json!({"channel": channel, "text": "\"é☃\"\n", "list": [1, null]});
        stage.pusher.trigger(channel, "offer", &data).await.unwrap();
        let event = stage.peer.event("a", channel, "offer").await;
        assert_eq!(event["data"], data, "{channel}");
    }
}

async fn delivers_to_several_channels_in_one_trigger(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("a", ADA).await;
    let channels = ["news", "private-room-1", "presence-room-1"];
    for channel in channels {
        stage.subscribe("a", channel).await;
    }
    stage.pusher.trigger(channels, "offer", 1).await.unwrap();
    for channel in channels {
        assert_eq!(stage.peer.event("a", channel, "offer").await["data"], 1);
    }
}

async fn does_not_deliver_to_excluded_socket(page: Page) {
    let stage = Stage::start(page).await;
    let socket_id = stage.connect("a", ADA).await;
    stage.connect("b", ADA).await;
    for client in ["a", "b"] {
        stage.subscribe(client, "news").await;
        stage.subscribe(client, "private-room-1").await;
    }
    let pusher = &stage.pusher;
    pusher
        .trigger(["news", "private-room-1"], "for-others", 1)
        .exclude(&socket_id)
        .await
        .unwrap();
    let event = Event::new("news", "for-others-in-a-batch", 1).unwrap();
    let event = event.exclude(&socket_id);
    pusher.trigger_batch([event]).await.unwrap();
    for channel in ["news", "private-room-1"] {
        pusher.trigger(channel, "for-all", 1).await.unwrap();
    }

    for channel in ["news", "private-room-1"] {
        stage.peer.event("b", channel, "for-others").await;
        // This event to all subscribers comes after the one that excluded this socket.
        stage.peer.event("a", channel, "for-all").await;
    }
    stage.peer.event("b", "news", "for-others-in-a-batch").await;
    assert_eq!(stage.peer.names("a"), ["for-all", "for-all"]);
}

async fn delivers_batch_of_25_complete_and_in_order(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("a", ADA).await;
    let channels = ["news", "private-room-1", "private-encrypted-room-1"];
    for channel in channels {
        stage.subscribe("a", channel).await;
    }
    let events =
        (0..25).map(|number: usize| Event::new(channels[number % 3], "batch", number).unwrap());
    let response = stage.pusher.trigger_batch(events).await.unwrap();
    assert_eq!(response.counts.len(), 25);

    stage
        .peer
        .events
        .expect("the last event", |event| event["data"] == 24)
        .await;
    for (place, channel) in channels.iter().enumerate() {
        let arrived: Vec<Value> = stage
            .peer
            .events
            .all()
            .into_iter()
            .filter(|event| event["channel"] == *channel && event["event"] == "batch")
            .map(|event| event["data"].clone())
            .collect();
        let expected: Vec<usize> = (place..25).step_by(3).collect();
        assert_eq!(json!(arrived), json!(expected), "{channel}");
    }
}

async fn cache_channels_replay_the_last_event(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("a", ADA).await;
    for channel in [
        "cache-news",
        "private-cache-room-1",
        "private-encrypted-cache-room-1",
    ] {
        for text in ["first", "last"] {
            stage.pusher.trigger(channel, text, text).await.unwrap();
        }
        stage.subscribe("a", channel).await;
        let event = stage.peer.event("a", channel, "last").await;
        assert_eq!(event["data"], "last", "{channel}");
        assert!(!stage.peer.names("a").contains(&"first".to_owned()));
    }

    let state = stage.pusher.channel("cache-news").info(Info::CACHE);
    let cached = state.await.unwrap().cache.unwrap();
    if stage.server.is_local() {
        assert_eq!(cached.data, "\"last\"");
    } else {
        // Sockudo caches the whole event, but the hosted service caches only its data.
        assert!(cached.data.contains("last"), "{}", cached.data);
    }
    let ttl = cached.ttl.unwrap();
    assert!((1..=1_800).contains(&ttl), "{ttl}");
    let state = stage.pusher.channel("cache-empty").info(Info::CACHE);
    assert_eq!(state.await.unwrap().cache, None);

    stage.subscribe("a", "cache-empty").await;
    stage
        .peer
        .event("a", "cache-empty", "pusher:cache_miss")
        .await;
}

async fn delivers_raw_text_byte_for_byte(page: Page) {
    let stage = Stage::start(page).await;
    stage.connect("a", ADA).await;
    for channel in ["news", "private-encrypted-room-1"] {
        stage.subscribe("a", channel).await;
        let text = "not JSON: é \"☃\" \\ \u{7}";
        let call = stage.pusher.trigger(channel, "raw", EventData::raw(text));
        call.await.unwrap();
        let event = stage.peer.event("a", channel, "raw").await;
        assert_eq!(event["data"], text, "{channel}");
    }
}

async fn trigger_and_batch_return_info_counts(page: Page) {
    let stage = Stage::start(page).await;
    for (client, session) in [("a", ADA), ("b", ADA), ("c", "session-of-bob")] {
        stage.connect(client, session).await;
        stage.subscribe(client, "presence-room-1").await;
    }
    stage.subscribe("a", "news").await;

    let info = Info::USER_COUNT | Info::SUBSCRIPTION_COUNT;
    let response = stage
        .pusher
        .trigger(["news", "presence-room-1", "empty"], "offer", 1)
        .info(info)
        .await
        .unwrap();
    assert_eq!(response.channels["news"].subscription_count, Some(1));
    assert_eq!(response.channels["presence-room-1"].user_count, Some(2));
    assert_eq!(response.channels["empty"].subscription_count, Some(0));

    let response = stage
        .pusher
        .trigger_batch([
            Event::new("news", "offer", 1)
                .unwrap()
                .info(Info::SUBSCRIPTION_COUNT),
            Event::new("news", "offer", 2).unwrap(),
            Event::new("presence-room-1", "offer", 3)
                .unwrap()
                .info(Info::USER_COUNT),
        ])
        .await
        .unwrap();
    let counts = |index: usize| {
        let counts = response.counts[index];
        (counts.user_count, counts.subscription_count)
    };
    assert_eq!(counts(0), (None, Some(1)));
    assert_eq!(counts(1), (None, None));
    assert_eq!(counts(2), (Some(2), None));
}
