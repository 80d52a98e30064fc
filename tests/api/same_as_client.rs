//! Sending an endpoint with `Pusher` gives the same responses and errors as calling its `request`
//! and `read` directly.

use std::fmt::Debug;

use pusher_http::{Pusher, RetryPolicy};

use crate::*;

/// Compares the endpoint's result with the client's, for several responses.
async fn compare<E: Endpoint<Response: Debug> + Sync>(endpoint: E, whole: &'static str) {
    for (status, body) in [
        (200, whole),
        (200, "<html>"),
        (303, ""),
        (401, "wrong"),
        (429, "slowly"),
        (503, "later"),
    ] {
        let stub = move |_: Request<Bytes>| async move { Ok(response(status, body)) };
        let pusher = Pusher::builder("3", KEY, SECRET)
            .http_client(stub)
            .retry(RetryPolicy::never())
            .build()
            .unwrap();
        let by_client = pusher.send(&endpoint).await;
        let by_endpoint = endpoint.read(&response(status, body), SIGNED_AT);
        assert_eq!(by_endpoint.is_ok(), body == whole, "{status} {body}");
        assert_eq!(format!("{by_client:?}"), format!("{by_endpoint:?}"));
    }
}

#[tokio::test]
async fn endpoint_and_client_give_the_same_result() {
    let trigger = Trigger::new("a", "e", 1).unwrap();
    compare(trigger, r#"{"channels":{"a":{"subscription_count":1}}}"#).await;
    let events = [Event::new("a", "e", 1).unwrap()];
    compare(
        TriggerBatch::new(&events),
        r#"{"batch":[{"user_count":1}]}"#,
    )
    .await;
    compare(ChannelsQuery::new(), r#"{"channels":{"a":{}}}"#).await;
    let state = ChannelQuery::new("a").unwrap();
    compare(state, r#"{"occupied":true}"#).await;
    let users = UsersQuery::new("presence-a").unwrap();
    compare(users, r#"{"users":[{"id":"1"}]}"#).await;
    let terminate = TerminateConnections::new("1").unwrap();
    compare(terminate, "{}").await;
    let own = GenericCall::<Value>::get("/own").unwrap();
    compare(own, "[1]").await;
}
