//! A page with pusher-js, in Node or in Chromium, driven by lines of JSON.

use std::collections::HashMap;
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::oneshot;

use crate::inbox::{DEADLINE, Inbox};

/// A Node program in this folder that executes commands and reports events.
pub(crate) struct Peer {
    stdin: tokio::sync::Mutex<ChildStdin>,
    next_id: AtomicU64,
    waiting: Arc<Mutex<HashMap<u64, oneshot::Sender<Value>>>>,
    pub(crate) events: Arc<Inbox<Value>>,
    _process: Child,
}

impl Peer {
    pub(crate) fn start(program: &str, arguments: &[&str]) -> Self {
        let mut process = Command::new("node")
            .arg(format!(
                "{}/tests/e2e/{program}",
                env!("CARGO_MANIFEST_DIR")
            ))
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("node starts");
        let stdin = process.stdin.take().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let waiting = Arc::new(Mutex::new(HashMap::<u64, oneshot::Sender<Value>>::new()));
        let events = Arc::new(Inbox::new());
        let (to, inbox) = (waiting.clone(), events.clone());
        tokio::spawn(async move {
            while let Ok(Some(line)) = lines.next_line().await {
                let mut message: Value = serde_json::from_str(&line).expect("a line of JSON");
                if let Some(event) = message.get_mut("emit") {
                    inbox.put(event.take());
                } else if let Some(id) = message["id"].as_u64()
                    && let Some(reply) = to.lock().unwrap().remove(&id)
                {
                    let _ = reply.send(message);
                }
            }
        });
        Self {
            stdin: stdin.into(),
            next_id: AtomicU64::new(1),
            waiting,
            events,
            _process: process,
        }
    }

    /// Runs a command; returns its result or error.
    pub(crate) async fn try_do(&self, mut command: Value) -> Result<Value, Value> {
        let id = self.next_id.fetch_add(1, Ordering::Relaxed);
        command["id"] = json!(id);
        let (reply, replied) = oneshot::channel();
        self.waiting.lock().unwrap().insert(id, reply);
        let line = format!("{command}\n");
        self.stdin
            .lock()
            .await
            .write_all(line.as_bytes())
            .await
            .unwrap();
        let mut reply = tokio::time::timeout(DEADLINE, replied)
            .await
            .unwrap_or_else(|_| panic!("no reply to {command}"))
            .unwrap_or_else(|_| panic!("the peer ended before it replied to {command}"));
        match reply.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(reply["ok"].take()),
        }
    }

    pub(crate) async fn r#do(&self, command: Value) -> Value {
        self.try_do(command.clone())
            .await
            .unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Waits for the event of this name that reaches a client on a channel.
    pub(crate) async fn event(&self, client: &str, channel: &str, event: &str) -> Value {
        self.events
            .expect(&format!("{event} on {channel} for {client}"), |arrived| {
                arrived["from"] == client
                    && arrived["channel"] == channel
                    && arrived["event"] == event
            })
            .await
    }

    /// Returns the names of the test's own events that have reached a client, in order.
    pub(crate) fn names(&self, client: &str) -> Vec<String> {
        let is_ours = |name: &str| !name.contains(':') && name != "state_change";
        self.events
            .all()
            .iter()
            .filter(|event| event["from"] == client)
            .filter_map(|event| event["event"].as_str())
            .filter(|name| is_ours(name))
            .map(str::to_owned)
            .collect()
    }
}
