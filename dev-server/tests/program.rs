//! The program serves its own address and the hosts named on the command line.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

#[path = "../../tests/common/raw_http.rs"]
mod raw_http;

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::Command;

use raw_http::RawRequest;

#[tokio::test]
async fn serves_its_address_and_named_hosts() {
    let mut example = Command::new(env!("CARGO_BIN_EXE_pusher-dev-server"))
        .args(["--port", "0", "--allow-host", "channels"])
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(example.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().expect("the address");
    let address = line.strip_prefix("listening on http://").unwrap();
    let address: SocketAddr = address.parse().unwrap();

    let unsigned = RawRequest {
        line: "GET /apps/app/channels",
        headers: "",
        body: "",
    };
    for (host, status) in [
        (&*address.to_string(), 401),
        ("channels:6001", 401),
        ("rebound.example", 421),
    ] {
        let response = unsigned.send(address, &[host]).await;
        assert_eq!(response.status, status, "{host}");
    }
}
