//! The `Host` header, which protects against pages of other sites.
//!
//! If another site's name resolves to the server's address, its page still sends that name.

use pusher_dev_server::{DevServer, Fault};

use crate::raw_http::RawRequest;

const CALL: RawRequest<'_> = RawRequest {
    line: "GET /apps/local-app/channels",
    headers: "",
    body: "",
};

const WEBSOCKET: RawRequest<'_> = RawRequest {
    line: "GET /app/local-key?protocol=7",
    headers: "connection: upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n\
              sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
    body: "",
};

const ICON: RawRequest<'_> = RawRequest {
    line: "GET /favicon.ico",
    headers: "",
    body: "",
};

/// Each kind of path, with its status if the host is allowed.
const PATHS: [(RawRequest<'_>, u16); 3] = [(CALL, 401), (WEBSOCKET, 101), (ICON, 404)];

fn not_allowed(host: &str) -> String {
    format!(
        "the host {host:?} is not allowed: if it is a name of this server, allow it by \
         DevServerBuilder::allowed_host, or by --allow-host of an example"
    )
}

async fn assert_rejected(server: &DevServer, hosts: &[&str], status: u16, message: &str) {
    for (request, _) in PATHS {
        let response = request.send(server.address(), hosts).await;
        let got = (response.status, &*response.body);
        assert_eq!(got, (status, message), "{hosts:?} {}", request.line);
        let text = Some("text/plain; charset=utf-8");
        assert_eq!(response.content_type.as_deref(), text);
    }
}

async fn assert_allowed(server: &DevServer, host: &str) {
    for (request, status) in PATHS {
        let response = request.send(server.address(), &[host]).await;
        assert_eq!(response.status, status, "{host} {}", request.line);
    }
}

#[tokio::test]
async fn rejects_name_of_another_site() {
    let server = DevServer::start().await.unwrap();
    let port = server.address().port();
    for host in [
        "rebound.example".to_owned(),
        format!("rebound.example:{port}"),
        format!("127.0.0.1.rebound.example:{port}"),
        format!("localhost.rebound.example:{port}"),
        format!("127.0.0.1@rebound.example:{port}"),
        format!("rebound.example@127.0.0.1:{port}"),
        // A browser does not write an address this way.
        format!("2130706433:{port}"),
        format!("::1:{port}"),
        "127.0.0.1:".to_owned(),
        "127.0.0.1:x".to_owned(),
        String::new(),
    ] {
        assert_rejected(&server, &[&host], 421, &not_allowed(&host)).await;
    }
}

#[tokio::test]
async fn rejects_missing_or_duplicate_host() {
    let server = DevServer::start().await.unwrap();
    let address = &*server.address().to_string();
    let message = "a request has one Host header";
    for hosts in [
        &[] as &[&str],
        &[address, address],
        &[address, "rebound.example"],
    ] {
        assert_rejected(&server, hosts, 400, message).await;
    }
}

#[tokio::test]
async fn allows_addresses_and_localhost_at_any_port() {
    let server = DevServer::start().await.unwrap();
    let port = server.address().port();
    for host in [
        "127.0.0.1",
        "localhost",
        "LocalHost",
        "[::1]",
        "192.0.2.7",
        "[2001:db8::7]",
    ] {
        assert_allowed(&server, host).await;
        assert_allowed(&server, &format!("{host}:{port}")).await;
        // A container's port may be published under another number.
        assert_allowed(&server, &format!("{host}:1")).await;
    }
}

#[tokio::test]
async fn allows_named_hosts() {
    let builder = DevServer::builder().allowed_host("channels");
    let builder = builder.allowed_host("a_b.tunnel.example");
    let server = builder.start().await.unwrap();
    for host in [
        "channels",
        "channels:6001",
        "Channels",
        "a_b.tunnel.example",
    ] {
        assert_allowed(&server, host).await;
    }
    assert_allowed(&server, &server.address().to_string()).await;
    for host in ["channels.rebound.example", "tunnel.example", "channels."] {
        assert_rejected(&server, &[host], 421, &not_allowed(host)).await;
    }
}

#[tokio::test]
async fn does_not_start_with_malformed_allowed_host() {
    for name in [
        "",
        "channels:6001",
        "http://channels",
        "channels/",
        "*",
        "é",
    ] {
        let builder = DevServer::builder().allowed_host(name);
        let error = builder.start().await.unwrap_err();
        let expected = format!("{name:?} is not a host name only, without scheme, port and path");
        assert_eq!(
            (error.setting(), error.reason()),
            ("allowed host", &*expected)
        );
    }
}

#[tokio::test]
async fn records_rejected_call_and_plays_no_fault_on_it() {
    let builder = DevServer::builder().path_prefix("/realtime");
    let server = builder.start().await.unwrap();
    server.fail_next(Fault::Status(503));
    let call = RawRequest {
        line: "GET /realtime/apps/local-app/channels?a=b&auth_signature=c",
        ..CALL
    };
    call.send(server.address(), &["rebound.example"]).await;
    WEBSOCKET.send(server.address(), &["rebound.example"]).await;

    let [call] = server.calls().try_into().unwrap();
    assert_eq!(call.app_id, "local-app");
    assert_eq!(
        (&*call.path, &*call.query),
        ("/apps/local-app/channels", "a=b")
    );
    assert_eq!(call.status, Some(421));
    assert_eq!(call.refusal, Some(not_allowed("rebound.example")));
    assert_eq!(call.fault, None);
}
