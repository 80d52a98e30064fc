//! Events are recorded in the order in which they are delivered.

use pusher_dev_server::DevServer;
use serde_json::json;

use crate::client::Clients as _;
use crate::socket::Socket;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn records_events_in_delivery_order() {
    const AT_ONCE: usize = 20;
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    socket.subscribe("room").await;
    for round in 0..60 {
        let calls: Vec<_> = (0..AT_ONCE)
            .map(|number| server.pusher().trigger("room", "e", number).into_future())
            .map(tokio::spawn)
            .collect();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        let mut delivered = Vec::new();
        for _ in 0..AT_ONCE {
            delivered.push(socket.expect("e").await);
        }
        let recorded: Vec<_> = server.events()[round * AT_ONCE..]
            .iter()
            .map(|event| event.json::<serde_json::Value>().unwrap())
            .collect();
        assert_eq!(recorded, delivered, "round {round}");
        let mut sorted = delivered;
        sorted.sort_by_key(serde_json::Value::as_u64);
        assert_eq!(json!(sorted), json!((0..AT_ONCE).collect::<Vec<_>>()));
    }
}
