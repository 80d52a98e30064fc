//! The environment of a test, started for it and ended with it.
//!
//! It is the Channels server, the `auth_server` example, the test's own server, and a peer.

use std::process::Stdio;
use std::sync::Arc;

use axum::http::StatusCode;
use pusher_http::{Builder, Limits, Pusher, SocketId, WebhookEvent};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::inbox::Inbox;
use crate::own_server::OwnServer;
use crate::peer::Peer;
use crate::server::{Server, free_port, required};
use crate::worker::Worker;

pub(crate) const APP_ID: &str = "e2e-app";
pub(crate) const KEY: &str = "e2e-key";
pub(crate) const SECRET: &str = "e2e-secret";
pub(crate) const MASTER_KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";

/// Returns a user ID with characters that are special in paths, queries or JSON.
///
/// Sockudo lets users sign in only with the characters that channel names may have.
pub(crate) fn odd_user_id() -> &'static str {
    match required("E2E_SERVER").as_str() {
        "sockudo" => "a=b@c,d;e.f",
        _ => "a/b c?é&=+%\"",
    }
}

/// Returns limits that are disabled on our side, so that the server's own limits apply.
pub(crate) fn no_limits() -> Limits {
    Limits::default()
        .event_data_bytes(usize::MAX)
        .channels_per_trigger(usize::MAX)
        .events_per_batch(usize::MAX)
        .presence_member_bytes(usize::MAX)
        .watchlist_ids(usize::MAX)
        .channel_name_chars(usize::MAX)
        .channel_name_colons(true)
        .user_id_any_chars(true)
}

/// Returns the limits of the hosted service, but with [any user ID](odd_user_id) allowed.
pub(crate) fn limits() -> Limits {
    Limits::default().user_id_any_chars(true)
}

#[derive(Clone, Copy)]
pub(crate) enum Page {
    Node,
    Chromium,
}

pub(crate) struct Stage {
    pub(crate) pusher: Pusher,
    pub(crate) webhooks: Arc<Inbox<WebhookEvent>>,
    /// The statuses of `auth_server`'s responses to the same webhooks.
    pub(crate) example_statuses: Arc<Inbox<StatusCode>>,
    pub(crate) peer: Peer,
    port: u16,
    pub(crate) server: Server,
    worker: Option<Worker>,
    _example: Child,
}

/// Which server handles the page's `/pusher/auth` requests.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum AuthServer {
    /// The example `auth_server`.
    Example,
    /// A server in this process.
    ///
    /// It treats every user as the one with the odd ID, and serves pages on the `jsonp` transport.
    Own,
    /// The example for Cloudflare Workers, which also receives the webhooks.
    Worker,
}

impl Stage {
    pub(crate) async fn start(page: Page) -> Self {
        Self::start_with(page, AuthServer::Example).await
    }

    pub(crate) async fn start_with(page: Page, auth_server: AuthServer) -> Self {
        let port = free_port().await;
        let pusher = client(port).build().unwrap();
        let (example, example_origin) = start_example(port).await;

        let webhooks = Arc::new(Inbox::new());
        let example_statuses = Arc::new(Inbox::new());
        let own_server = OwnServer {
            pusher: pusher.clone(),
            webhooks: webhooks.clone(),
            example_webhook: format!("{example_origin}/pusher/webhook"),
            example_statuses: example_statuses.clone(),
        };
        let own_origin = own_server.start().await;

        let worker = match auth_server {
            AuthServer::Worker => Some(Worker::start(&url(port)).await),
            AuthServer::Example | AuthServer::Own => None,
        };
        let worker_origin = worker.as_ref().map(|worker| &worker.origin);
        let webhook_origin = worker_origin.unwrap_or(&own_origin);
        let server = Server::start(port, &format!("{webhook_origin}/pusher/webhook")).await;
        let origin = match auth_server {
            AuthServer::Example => &example_origin,
            AuthServer::Own => &own_origin,
            AuthServer::Worker => webhook_origin,
        };
        let page = match page {
            Page::Node => "node",
            Page::Chromium => "chromium",
        };
        Self {
            pusher,
            webhooks,
            example_statuses,
            peer: Peer::start("peer.mjs", &[page, "--auth-origin", origin]),
            port,
            server,
            worker,
            _example: example,
        }
    }

    /// Returns a builder of a client of the same server, for other settings.
    pub(crate) fn client(&self) -> Builder {
        client(self.port)
    }

    /// Returns the Worker, if it is the auth server.
    pub(crate) fn worker(&self) -> &Worker {
        self.worker
            .as_ref()
            .expect("started with AuthServer::Worker")
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Connects a client of the page as the user of this session; returns its socket ID.
    pub(crate) async fn connect(&self, client: &str, session: &str) -> SocketId {
        self.connect_with(
            client,
            json!({"headers": {"Authorization": format!("Bearer {session}")}}),
        )
        .await
    }

    pub(crate) async fn connect_with(&self, client: &str, mut auth: Value) -> SocketId {
        auth["channel_endpoint"] = json!("/pusher/auth");
        auth["user_endpoint"] = json!("/pusher/user-auth");
        let connected = self
            .peer
            .r#do(json!({
                "do": "connect", "client": client, "key": KEY, "host": "127.0.0.1",
                "port": self.port, "auth": auth,
            }))
            .await;
        connected["socket_id"].as_str().unwrap().parse().unwrap()
    }

    pub(crate) async fn subscribe(&self, client: &str, channel: &str) -> Value {
        let command = json!({"do": "subscribe", "client": client, "channel": channel});
        self.peer.r#do(command).await
    }

    pub(crate) async fn webhook(&self, name: &str, channel: &str) -> WebhookEvent {
        self.webhooks
            .expect(&format!("webhook {name} of {channel}"), |event| {
                event.name() == name && event.channel() == Some(channel)
            })
            .await
    }
}

fn client(port: u16) -> Builder {
    Pusher::builder(APP_ID, KEY, SECRET)
        .host("127.0.0.1")
        .port(port)
        .tls(false)
        .no_proxy()
        .limits(limits())
        .encryption_master_key_base64(MASTER_KEY)
}

fn url(port: u16) -> String {
    format!("http://{KEY}:{SECRET}@127.0.0.1:{port}/apps/{APP_ID}")
}

/// Starts the example on a free port; returns it and its origin.
async fn start_example(port: u16) -> (Child, String) {
    let mut example = Command::new(required("AUTH_SERVER"))
        .arg("127.0.0.1:0")
        .env("PUSHER_URL", url(port))
        .env("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(example.stdout.take().unwrap()).lines();
    let first = lines.next_line().await.unwrap().expect("a first line");
    let origin = first.strip_prefix("listening on ").unwrap().to_owned();
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (example, origin)
}

/// Makes a test in Node and a test in Chromium of each of these scenarios.
macro_rules! in_both_pages {
    ($($scenario:ident),* $(,)?) => {
        mod node {
            $(#[tokio::test]
            #[ignore = "tests/e2e/run.sh starts what it needs"]
            async fn $scenario() {
                super::$scenario($crate::stage::Page::Node).await;
            })*
        }

        mod chromium {
            $(#[tokio::test]
            #[ignore = "tests/e2e/run.sh starts what it needs"]
            async fn $scenario() {
                super::$scenario($crate::stage::Page::Chromium).await;
            })*
        }
    };
}

pub(crate) use in_both_pages;
