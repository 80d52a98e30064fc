//! Every endpoint: its exact request and its response.

use crate::*;

/// The expected values are from the documentation and the official libraries' own tests.
#[test]
fn signed_requests_match_known_signatures() {
    let trigger = Trigger::new("project-3", "foo", json!({"some": "data"})).unwrap();
    assert_eq!(
        signed(&app(), &trigger).uri(),
        "https://api-mt1.pusher.com/apps/3/events?auth_key=278d425bdf160c739803\
         &auth_timestamp=1353088179&auth_version=1.0&body_md5=ec365a775a4cd0599faeb73354201b6f\
         &auth_signature=da454824c97ba181a32ccc17a72625ba02771f50b50e1e7430e47a1f3f457e6c"
    );

    let app = App::builder("102015", "d41a439c438a100756f5", "4bf35003e819bb138249");
    let app = app.build_app().unwrap();
    let of = |query: &ChannelsQuery, timestamp| {
        let request = query.request(&app).unwrap();
        let request = app.sign(&request, timestamp).unwrap().into_http();
        split_signature(request.uri().query().unwrap()).1.to_owned()
    };
    let presence = || ChannelsQuery::new().prefix("presence-");
    assert_eq!(
        of(&presence().info(Info::USER_COUNT), 1_427_034_994),
        "4d8a02edcc8a758b0162cd6da690a9a45fb8ae326a276dca1e06a0bc42796c11"
    );
    assert_eq!(
        of(&presence(), 1_427_036_577),
        "b540383af4582af5fbb5df7be5472d54bd0838c9c2021c7743062568839e6f97"
    );
}

#[test]
fn trigger_request_and_response() {
    let trigger = Trigger::new(["private-a", "b"], "e", json!({"n": 1})).unwrap();
    let trigger = trigger
        .exclude(SocketId::new("1.2").unwrap())
        .info(Info::USER_COUNT | Info::SUBSCRIPTION_COUNT);
    assert_post(
        &signed(&app(), &trigger),
        "/apps/3/events",
        r#"{"name":"e","channels":["private-a","b"],"data":"{\"n\":1}","socket_id":"1.2","info":"user_count,subscription_count"}"#,
    );
    let body = r#"{"channels":{"private-a":{"subscription_count":2},"b":{}}}"#;
    let counts = trigger.read(&response(200, body), SIGNED_AT).unwrap();
    assert_eq!(counts.channels["private-a"].subscription_count, Some(2));
    assert_eq!(counts.channels["b"].subscription_count, None);
}

#[test]
fn trigger_to_user_request() {
    let trigger = Trigger::to_user("42", "e", EventData::raw("text")).unwrap();
    assert_post(
        &signed(&app(), &trigger),
        "/apps/3/events",
        r##"{"name":"e","channels":["#server-to-user-42"],"data":"text"}"##,
    );
}

#[test]
fn rejects_101_channels_and_splits_them_on_request() {
    let channels: Vec<_> = (0..101).map(|number| format!("c{number}")).collect();
    let trigger = Trigger::new(&channels, "e", 1).unwrap();
    let error = trigger.request(&app()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                actual: 101,
                max: 100,
                ..
            }
        ),
        "{error:?}"
    );
    let parts = trigger.split(app().limits().channels_per_trigger);
    let counts: Vec<_> = parts.iter().map(|part| part.channels().len()).collect();
    assert_eq!(counts, [100, 1]);
    let last = r#"{"name":"e","channels":["c100"],"data":"1"}"#;
    assert_post(&signed(&app(), &parts[1]), "/apps/3/events", last);
}

#[test]
fn batch_request_and_response() {
    let events = [
        Event::new("a", "e", 1)
            .unwrap()
            .info(Info::SUBSCRIPTION_COUNT),
        Event::new("b", "f", "x").unwrap(),
    ];
    let batch = TriggerBatch::new(&events);
    assert_post(
        &signed(&app(), &batch),
        "/apps/3/batch_events",
        r#"{"batch":[{"channel":"a","name":"e","data":"1","info":"subscription_count"},{"channel":"b","name":"f","data":"\"x\""}]}"#,
    );
    let body = r#"{"batch":[{"subscription_count":3},{}]}"#;
    let counts = batch.read(&response(200, body), SIGNED_AT).unwrap().counts;
    let subscribed: Vec<_> = counts
        .iter()
        .map(|count| count.subscription_count)
        .collect();
    assert_eq!(subscribed, [Some(3), None]);

    let eleven = vec![events[1].clone(); 11];
    let error = TriggerBatch::new(&eleven).request(&app()).unwrap_err();
    assert!(
        matches!(
            error,
            Error::Limit {
                actual: 11,
                max: 10,
                ..
            }
        ),
        "{error:?}"
    );
}

#[test]
fn channels_request_and_response() {
    assert_get(
        &signed(&app(), &ChannelsQuery::new()),
        "/apps/3/channels",
        "",
    );
    let query = ChannelsQuery::new()
        .prefix("presence-é&")
        .info(Info::USER_COUNT);
    assert_get(
        &signed(&app(), &query),
        "/apps/3/channels",
        "&filter_by_prefix=presence-%C3%A9%26&info=user_count",
    );
    let body = r#"{"channels":{"presence-a":{"user_count":2},"presence-b":{}}}"#;
    let channels = query.read(&response(200, body), SIGNED_AT).unwrap();
    let counts: BTreeMap<_, _> = channels
        .iter()
        .map(|(name, counts)| (name.as_str(), counts.user_count))
        .collect();
    let expected = BTreeMap::from([("presence-a", Some(2)), ("presence-b", None)]);
    assert_eq!(counts, expected);
}

#[test]
fn channel_request_and_response() {
    let query = ChannelQuery::new("cache-a,b;c@d=e").unwrap();
    let path = "/apps/3/channels/cache-a,b;c@d=e";
    assert_get(&signed(&app(), &query), path, "");
    let query = query.info(Info::SUBSCRIPTION_COUNT | Info::CACHE);
    assert_get(
        &signed(&app(), &query),
        path,
        "&info=subscription_count%2Ccache",
    );
    let body = r#"{"occupied":true,"subscription_count":2,"cache":{"data":"{}","ttl":60}}"#;
    let state = query.read(&response(200, body), SIGNED_AT).unwrap();
    assert_eq!(
        (state.occupied, state.user_count, state.subscription_count),
        (true, None, Some(2))
    );
    let cached = state.cache.unwrap();
    assert_eq!((&*cached.data, cached.ttl), ("{}", Some(60)));
}

#[test]
fn users_request_and_response() {
    let query = UsersQuery::new("presence-a").unwrap();
    assert_get(
        &signed(&app(), &query),
        "/apps/3/channels/presence-a/users",
        "",
    );
    let users = query.read(
        &response(200, r#"{"users":[{"id":"1"},{"id":"2"}]}"#),
        SIGNED_AT,
    );
    let ids: Vec<_> = users.unwrap().into_iter().map(|user| user.id).collect();
    assert_eq!(ids, ["1", "2"]);

    for name in ["a", "private-a", "private-encrypted-a"] {
        let error = UsersQuery::new(name).unwrap_err();
        assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    }
}

#[test]
fn terminate_connections_request_and_response() {
    let call = TerminateConnections::new("a@b;c").unwrap();
    let path = "/apps/3/users/a%40b%3Bc/terminate_connections";
    assert_post(&signed(&app(), &call), path, "{}");
    let limits = Limits::default().user_id_any_chars(true);
    let builder = App::builder("3", KEY, SECRET).limits(limits);
    let call = TerminateConnections::new("a/b c").unwrap();
    let path = "/apps/3/users/a%2Fb%20c/terminate_connections";
    assert_post(&signed(&builder.build_app().unwrap(), &call), path, "{}");
    call.read(&response(200, "{}"), SIGNED_AT).unwrap();
}

#[test]
fn generic_call_request_and_response() {
    let call = GenericCall::<Value>::get("/own")
        .and_then(|call| call.query("z", "1,2"))
        .and_then(|call| call.query("a", "b"))
        .unwrap();
    let request = signed(&app(), &call);
    assert_eq!(request.method(), Method::GET);
    let query = split_signature(request.uri().query().unwrap()).0;
    assert!(query.starts_with("a=b&auth_key="), "{query}");
    assert!(query.ends_with("&z=1%2C2"), "{query}");
    let call = GenericCall::<Value>::post("/own", json!([1])).unwrap();
    assert_post(&signed(&app(), &call), "/apps/3/own", "[1]");
    let value = call.read(&response(201, r#"{"a":1}"#), SIGNED_AT).unwrap();
    assert_eq!(value, json!({"a": 1}));
}
