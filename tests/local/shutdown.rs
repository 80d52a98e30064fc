//! The end of a server, and of all its connections.

use pusher_http::local::{Fault, LocalServer};
use pusher_http::{Error, PresenceMember};
use serde_json::json;
use std::time::Duration;
use tokio::time::timeout;

use crate::socket::Socket;

#[tokio::test]
async fn disconnect_all_has_clients_come_back_at_once() {
    let server = LocalServer::start().await.unwrap();
    let mut sockets = Vec::new();
    for id in 0..3 {
        let mut socket = Socket::connect(&server).await;
        let member = PresenceMember::new(id.to_string());
        socket.join("presence-room", member).await;
        sockets.push(socket);
    }
    server.disconnect_all();
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, 4200);
    }
    // The server goes on.
    let mut back = Socket::connect(&server).await;
    let told = back.join("presence-room", PresenceMember::new("0")).await;
    assert_eq!(told["presence"]["count"], 1);
}

#[tokio::test]
async fn a_close_code_arrives_though_the_client_is_talking() {
    let server = LocalServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    server.disconnect_all();
    for _ in 0..100 {
        socket.send(json!({"event": "pusher:ping"})).await;
    }
    assert_eq!(socket.close_code().await, 4200);
    socket.assert_ends_cleanly().await;
}

#[tokio::test]
async fn dropping_the_server_ends_its_connections() {
    let server = LocalServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    drop(server);
    assert_eq!(socket.close_code().await, 1001);
}

#[tokio::test]
async fn dropping_the_server_frees_its_port() {
    let server = LocalServer::start().await.unwrap();
    let (address, pusher) = (server.address(), server.pusher());
    pusher.trigger("room", "e", 1).await.unwrap();
    let open = Socket::connect(&server).await;
    drop(server);
    let again = async {
        loop {
            let starting = LocalServer::builder().address(address).start();
            match starting.await {
                Ok(server) => return server,
                // The task that listens ends in its own time.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let server = timeout(Duration::from_secs(20), again).await.unwrap();
    assert_eq!(server.address(), address);
    Socket::connect(&server).await;
    // The old client goes on with the new server, which knows nothing of before.
    pusher.trigger("room", "e", 2).await.unwrap();
    assert_eq!(server.events().len(), 1);
    drop(open);
}

#[tokio::test]
async fn a_call_under_way_ends_with_the_server() {
    let server = LocalServer::start().await.unwrap();
    server.fail_next(Fault::Delay(Duration::from_secs(3_600)));
    let call = tokio::spawn(server.pusher().trigger("room", "e", 1).into_future());
    while server.calls().is_empty() {
        tokio::task::yield_now().await;
    }
    drop(server);
    let error = call.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_named() {
    let server = LocalServer::start().await.unwrap();
    let error = LocalServer::builder()
        .address(server.address())
        .start()
        .await
        .unwrap_err();
    assert!(
        matches!(&error, Error::Config { name, .. } if name == "address"),
        "{error}"
    );
}
