//! The example `cloudflare-worker` in workerd.

use std::process::Stdio;
use std::sync::Arc;

use pusher_http::Credentials;
use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncRead, BufReader};
use tokio::process::{Child, Command};

use crate::inbox::Inbox;
use crate::server::{http, required};
use crate::stage::MASTER_KEY;

const SESSION_SECRET: &str = "e2e-session-secret";

pub(crate) struct Worker {
    pub(crate) origin: String,
    /// What it logs, line by line.
    pub(crate) log: Arc<Inbox<String>>,
    http: reqwest::Client,
    _process: Child,
}

impl Worker {
    /// The Worker on a free port, with the server at this URL as its Channels service.
    pub(crate) async fn start(pusher_url: &str) -> Self {
        let mut process = Command::new(required("WORKERD"))
            .args(["serve", "--socket-addr", "http=127.0.0.1:0"])
            .arg("--control-fd=1")
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/examples/cloudflare-worker/worker.capnp"
            ))
            .env("PUSHER_URL", pusher_url)
            .env("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", MASTER_KEY)
            .env("SESSION_SECRET", SESSION_SECRET)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let log = Arc::new(Inbox::new());
        keep_lines(process.stderr.take().unwrap(), log.clone());
        // workerd's control messages come between the lines of the log.
        keep_lines(process.stdout.take().unwrap(), log.clone());
        let listening = log
            .expect("workerd's port", |line| line.contains(r#""listen""#))
            .await;
        let listening: Value = serde_json::from_str(&listening).unwrap();
        Self {
            origin: format!("http://127.0.0.1:{}", listening["port"]),
            log,
            http: http(),
            _process: process,
        }
    }

    /// The line of the log that begins so, waited for.
    pub(crate) async fn logged(&self, start: &str) -> String {
        let line = |line: &String| line.starts_with(start);
        self.log.expect(&format!("the line {start:?}"), line).await
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.http.get(format!("{}{path}", self.origin))
    }

    pub(crate) fn post(&self, path: &str) -> RequestBuilder {
        self.http.post(format!("{}{path}", self.origin))
    }

    /// Makes `streamer-9` an offer as `operator-7`.
    pub(crate) async fn offer(&self, id: u64) -> Response {
        self.offer_to(id, "streamer-9").await
    }

    /// Makes this user an offer as `operator-7`.
    pub(crate) async fn offer_to(&self, id: u64, to: &str) -> Response {
        let offer = json!({"id": id, "to": to, "amount_cents": 25_000});
        self.post("/offers")
            .header("cookie", cookie("operator-7"))
            .header("content-type", "application/json")
            .body(offer.to_string())
            .send()
            .await
            .unwrap()
    }

    /// Makes an offer of which nobody hears, and gives the line that the Worker logs about it.
    pub(crate) async fn fail_to_notify(&self) -> String {
        let answer = self.offer(1).await;
        assert_eq!(answer.status(), 201);
        assert_eq!(answer.text().await.unwrap(), r#"{"id":1,"notified":false}"#);
        self.logged("offer 1: [").await
    }
}

/// A session cookie as the backend's sign-in would set it.
pub(crate) fn cookie(user: &str) -> String {
    let signature = Credentials::new("session", SESSION_SECRET)
        .unwrap()
        .sign(&[user]);
    format!("theme=dark; session={user}.{signature}")
}

fn keep_lines(from: impl AsyncRead + Send + Unpin + 'static, to: Arc<Inbox<String>>) {
    tokio::spawn(async move {
        let mut lines = BufReader::new(from).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            to.put(line);
        }
    });
}
