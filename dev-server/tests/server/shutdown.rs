//! Shutdown of a server and of all its connections.

use std::time::Duration;

use pusher_dev_server::{DevApp, DevServer, Fault};
use pusher_http::api::Request;
use pusher_http::{Error, PresenceMember, RetryPolicy};
use serde_json::json;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::client::Clients as _;
use crate::raw_peer::{RawPeer, overfill, roomy};
use crate::socket::Socket;
use crate::until::until;

async fn stop(server: DevServer) {
    let stopping = timeout(Duration::from_secs(20), server.stop());
    stopping.await.expect("the server does not stop");
}

#[tokio::test]
async fn disconnect_all_makes_clients_reconnect_at_once() {
    let server = DevServer::start().await.unwrap();
    let mut sockets = Vec::new();
    for id in 0..3 {
        let mut socket = Socket::connect(&server).await;
        let member = PresenceMember::new(id).unwrap();
        socket.join("presence-room", member).await;
        sockets.push(socket);
    }
    server.disconnect_all();
    for socket in &mut sockets {
        assert_eq!(socket.close_code().await, 4200);
    }
    // The server keeps running.
    let mut back = Socket::connect(&server).await;
    let told = back
        .join("presence-room", PresenceMember::new("0").unwrap())
        .await;
    assert_eq!(told["presence"]["count"], 1);
}

#[tokio::test]
async fn close_code_arrives_while_client_is_sending() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    server.disconnect_all();
    for _ in 0..100 {
        socket.send(json!({"event": "pusher:ping"})).await;
    }
    assert_eq!(socket.close_code().await, 4200);
    socket.assert_ends_cleanly().await;
}

#[tokio::test]
async fn dropping_server_closes_its_connections() {
    let server = DevServer::start().await.unwrap();
    let mut socket = Socket::connect(&server).await;
    drop(server);
    assert_eq!(socket.close_code().await, 1001);
}

#[tokio::test]
async fn dropping_server_frees_its_port() {
    let server = DevServer::start().await.unwrap();
    let (address, pusher) = (server.address(), server.pusher());
    pusher.trigger("room", "e", 1).await.unwrap();
    let open = Socket::connect(&server).await;
    drop(server);
    let again = async {
        loop {
            let starting = DevServer::builder().address(address).start();
            match starting.await {
                Ok(server) => return server,
                // The listening task may take a moment to end.
                Err(_) => tokio::task::yield_now().await,
            }
        }
    };
    let server = timeout(Duration::from_secs(20), again).await.unwrap();
    assert_eq!(server.address(), address);
    Socket::connect(&server).await;
    // The old client works with the new server, which has no earlier state.
    pusher.trigger("room", "e", 2).await.unwrap();
    assert_eq!(server.events().len(), 1);
    drop(open);
}

#[tokio::test]
async fn dropping_server_aborts_call_in_progress() {
    let server = DevServer::start().await.unwrap();
    server.fail_next(Fault::Delay(Duration::from_secs(3_600)));
    let call = tokio::spawn(server.pusher().trigger("room", "e", 1).into_future());
    until(|| !server.calls().is_empty()).await;
    drop(server);
    let error = call.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
}

/// Returns a correctly signed trigger in two parts.
fn in_parts(server: &DevServer) -> (String, String) {
    let body = r#"{"name":"e","channels":["room"],"data":"1"}"#;
    let request = Request::post("/events", body).unwrap();
    let signed = server.app().sign(&request, crate::api::now()).unwrap();
    let url = signed.uri();
    let head = format!(
        "POST {}?{} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n",
        url.path(),
        url.query().unwrap(),
        body.len()
    );
    (head, format!("\r\n{body}"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ignores_request_completed_after_shutdown() {
    for _ in 0..30 {
        let server = DevServer::start().await.unwrap();
        let (head, rest) = in_parts(&server);
        let mut stream = TcpStream::connect(server.address()).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        // The connection has been accepted: a later call has already completed.
        server.pusher().channels().await.unwrap();
        drop(server);
        // The connection may already have ended.
        let _ = stream.write_all(rest.as_bytes()).await;
        let mut response = Vec::new();
        let reading = stream.read_to_end(&mut response);
        let _ = timeout(Duration::from_secs(20), reading).await.unwrap();
        assert_eq!(String::from_utf8_lossy(&response), "");
    }
}

#[tokio::test]
async fn dropping_server_closes_incomplete_requests() {
    let server = DevServer::start().await.unwrap();
    let (head, _) = in_parts(&server);
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut idle = TcpStream::connect(server.address()).await.unwrap();
    server.pusher().channels().await.unwrap();
    drop(server);
    for stream in [&mut stream, &mut idle] {
        let mut response = Vec::new();
        let reading = stream.read_to_end(&mut response);
        let _ = timeout(Duration::from_secs(20), reading).await.unwrap();
        assert_eq!(response, b"");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn accepts_no_calls_after_shutdown() {
    for _ in 0..50 {
        let server = DevServer::start().await.unwrap();
        let pusher = server.pusher();
        pusher.trigger("room", "e", 1).await.unwrap();
        drop(server);
        let again = pusher.trigger("room", "e", 2).retry(RetryPolicy::never());
        again.await.unwrap_err();
    }
}

#[tokio::test]
async fn address_can_be_reused_immediately_after_stop() {
    let mut server = DevServer::start().await.unwrap();
    let address = server.address();
    let mut left = Vec::new();
    for round in 0..20 {
        // Connections that a test may leave open: half a request (accepted before the following
        // calls, so it has arrived), a page, and an idle connection.
        let mut half = TcpStream::connect(address).await.unwrap();
        half.write_all(b"POST /apps/local-app/ev").await.unwrap();
        let mut page = Socket::connect(&server).await;
        page.subscribe("private-room").await;
        let pusher = server.pusher();
        pusher.trigger("private-room", "e", round).await.unwrap();
        page.expect("e").await;

        stop(server).await;
        let restarted = DevServer::builder().address(address).start().await;
        server = restarted.unwrap_or_else(|error| panic!("round {round}: {error}"));
        assert!(server.events().is_empty());
        left.push((page, pusher, half));
    }
    for (mut page, _, mut half) in left {
        assert_eq!(page.close_code().await, 1001);
        // It may end with a reset, because its request was not read completely.
        let _ = half.read_to_end(&mut Vec::new()).await;
    }
}

#[tokio::test]
async fn stop_aborts_calls_and_unread_connections() {
    let builder = DevServer::builder().limits(roomy());
    let server = builder.start().await.unwrap();
    let _deaf = RawPeer::subscribed(&server, "room").await;
    overfill(&server, "room").await;
    server.fail_next(Fault::Delay(Duration::from_secs(3_600)));
    let calls = server.calls().len();
    let call = tokio::spawn(server.pusher().trigger("room", "late", 1).into_future());
    until(|| server.calls().len() > calls).await;
    stop(server).await;
    let error = call.await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Transport { .. }), "{error}");
}

#[tokio::test]
async fn stop_ends_all_tasks() {
    let tasks = || {
        tokio::runtime::Handle::current()
            .metrics()
            .num_alive_tasks()
    };
    assert_eq!(tasks(), 0);
    // No server receives its webhooks.
    let app = DevApp::default().webhook("http://127.0.0.1:9/");
    let server = DevServer::builder().app(app).start().await.unwrap();
    let mut page = Socket::connect(&server).await;
    page.subscribe("room").await;
    let mut idle = TcpStream::connect(server.address()).await.unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n")
        .await
        .unwrap();
    let mut response = [0; 12];
    idle.read_exact(&mut response).await.unwrap();
    assert_eq!(&response, b"HTTP/1.1 404");
    assert!(tasks() >= 4, "{}", tasks());
    stop(server).await;
    assert_eq!(tasks(), 0);
}

#[tokio::test]
async fn occupied_port_is_an_address_error() {
    let server = DevServer::start().await.unwrap();
    let error = DevServer::builder()
        .address(server.address())
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.setting(), "address");
}
