//! The example `quickstart`: a page of another site cannot use its console.
//!
//! It cannot use it even if the name of that site resolves to this machine.

use std::net::SocketAddr;
use std::process::Stdio;

use pusher_dev_server::DevServer;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::program::path_of;
use crate::raw_http::RawRequest;
use crate::stage::app;

const FORM: &str = "content-type: application/x-www-form-urlencoded\r\n";
const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";
const TEXT: &str = "text/plain; charset=utf-8";

/// Each path of the console, with the content type of the response if the host is allowed.
const PATHS: [(RawRequest<'_>, Option<&str>); 5] = [
    (
        RawRequest {
            line: "GET /",
            headers: "",
            body: "",
        },
        Some(HTML),
    ),
    (
        RawRequest {
            line: "GET /config",
            headers: "",
            body: "",
        },
        Some(JSON),
    ),
    (
        RawRequest {
            line: "POST /state",
            headers: FORM,
            body: "wanted=room-1",
        },
        Some(JSON),
    ),
    (
        RawRequest {
            line: "POST /trigger",
            headers: "content-type: application/json\r\n",
            body: r#"{"channel":"room-1","event":"hello","data":"1"}"#,
        },
        None,
    ),
    (
        RawRequest {
            line: "POST /pusher/auth",
            headers: FORM,
            body: "socket_id=1.2&channel_name=private-room-1",
        },
        Some(JSON),
    ),
];

struct Console {
    address: SocketAddr,
    server: DevServer,
    _example: Child,
}

impl Console {
    /// Starts a console for an app on its own server, set by `PUSHER_URL` in the environment.
    async fn start(arguments: &[&str]) -> Self {
        let server = DevServer::builder().app(app()).start().await.unwrap();
        let mut example = Command::new(path_of("quickstart"))
            .arg("127.0.0.1:0")
            .args(arguments)
            .env_clear()
            .env("PUSHER_URL", server.url())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(example.stdout.take().unwrap()).lines();
        let address = loop {
            let line = lines.next_line().await.unwrap().expect("the address");
            if let Some(address) = line.strip_prefix("open http://") {
                break address.parse().unwrap();
            }
        };
        Self {
            address,
            server,
            _example: example,
        }
    }

    async fn assert_allowed(&self, host: &str) {
        for (request, content_type) in PATHS {
            let response = request.send(self.address, &[host]).await;
            let got = (response.status, response.content_type.as_deref());
            assert_eq!(got, (200, content_type), "{host} {}", request.line);
        }
    }

    async fn assert_rejected(&self, hosts: &[&str], status: u16, message: &str) {
        let nowhere = RawRequest {
            line: "GET /nowhere",
            headers: "",
            body: "",
        };
        let requests = PATHS.into_iter().map(|(request, _)| request);
        for request in requests.chain([nowhere]) {
            let response = request.send(self.address, hosts).await;
            assert_eq!(response.status, status, "{hosts:?} {}", request.line);
            assert_eq!(response.body, message);
            assert_eq!(response.content_type.as_deref(), Some(TEXT));
        }
    }

    /// Returns how many `hello` events were triggered, one for each allowed request.
    fn hellos(&self) -> usize {
        let events = self.server.events().into_iter();
        events.filter(|event| event.name == "hello").count()
    }
}

fn not_allowed(host: &str) -> String {
    format!(
        "the host {host:?} is not allowed: if it is a name of this server, allow it by \
         DevServerBuilder::allowed_host, or by --allow-host of an example"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn rejects_host_of_another_site() {
    let console = Console::start(&[]).await;
    let address = &*console.address.to_string();
    let port = console.address.port();
    for host in ["rebound.example", &format!("rebound.example:{port}")] {
        console
            .assert_rejected(&[host], 421, &not_allowed(host))
            .await;
    }
    for hosts in [&[] as &[&str], &[address, address]] {
        let message = "a request has one Host header";
        console.assert_rejected(hosts, 400, message).await;
    }
    assert_eq!(console.hellos(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn allows_its_address_and_localhost() {
    let console = Console::start(&[]).await;
    let port = console.address.port();
    for host in ["127.0.0.1", "localhost", "[::1]"] {
        console.assert_allowed(&format!("{host}:{port}")).await;
    }
    assert_eq!(console.hellos(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn allows_named_hosts() {
    let arguments = [
        "--allow-host",
        "console",
        "--allow-host",
        "a.tunnel.example",
    ];
    let console = Console::start(&arguments).await;
    console.assert_allowed("console:8080").await;
    console.assert_allowed("a.tunnel.example").await;
    let host = "tunnel.example";
    console
        .assert_rejected(&[host], 421, &not_allowed(host))
        .await;
}
