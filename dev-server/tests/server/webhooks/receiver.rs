//! A receiver of webhooks, which responds as a test specifies and returns what it received.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use pusher_dev_server::{DevApp, DevServer, DevTimes};
use serde_json::Value;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;

pub(crate) struct Receiver {
    pub(crate) url: String,
    posts: mpsc::UnboundedReceiver<Post>,
    /// Events of the last post that have not been requested yet.
    waiting: VecDeque<Value>,
    statuses: Arc<Mutex<VecDeque<StatusCode>>>,
    task: JoinHandle<()>,
}

pub(super) struct Post {
    pub(super) path: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Post {
    pub(super) fn events(&self) -> Vec<Value> {
        let body: Value = serde_json::from_slice(&self.body).unwrap();
        body["events"].as_array().unwrap().clone()
    }
}

#[derive(Clone)]
struct Inbox {
    posts: mpsc::UnboundedSender<Post>,
    statuses: Arc<Mutex<VecDeque<StatusCode>>>,
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/webhook", listener.local_addr().unwrap());
        let (sender, posts) = mpsc::unbounded_channel();
        let statuses = Arc::new(Mutex::new(VecDeque::new()));
        let inbox = Inbox {
            posts: sender,
            statuses: statuses.clone(),
        };
        let router = Router::new().fallback(receive).with_state(inbox);
        let task = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        Self {
            url,
            posts,
            waiting: VecDeque::new(),
            statuses,
            task,
        }
    }

    /// Queues a status for the next post; posts without a queued status get 200.
    pub(super) fn will_respond(&self, status: u16) {
        let status = StatusCode::from_u16(status).unwrap();
        self.statuses.lock().unwrap().push_back(status);
    }

    pub(super) async fn post(&mut self) -> Post {
        assert!(self.waiting.is_empty(), "{:?}", self.waiting);
        self.next_post().await
    }

    async fn next_post(&mut self) -> Post {
        let post = timeout(Duration::from_secs(20), self.posts.recv()).await;
        post.expect("no webhook comes").unwrap()
    }

    /// Returns the next event, from the current or the next post.
    pub(crate) async fn event(&mut self) -> Value {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return event;
            }
            self.waiting = self.next_post().await.events().into();
        }
    }

    pub(crate) async fn expect(&mut self, events: impl IntoIterator<Item = Value>) {
        for event in events {
            assert_eq!(self.event().await, event);
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn receive(
    State(inbox): State<Inbox>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let post = Post {
        path: uri.path().to_owned(),
        headers,
        body,
    };
    // The test may have ended.
    let _ = inbox.posts.send(post);
    let status = inbox.statuses.lock().unwrap().pop_front();
    let location = [("location", "/elsewhere")];
    (status.unwrap_or(StatusCode::OK), location).into_response()
}

/// Returns an app that posts all types of webhook events to the receiver.
pub(super) fn app_with_webhooks(receiver: &Receiver) -> DevApp {
    DevApp::new("app", "key", "secret")
        .subscription_count_events(true)
        .webhook(&receiver.url)
}

/// Starts a server that posts all webhook events to the receiver.
///
/// It reports departures after the grace period.
pub(super) async fn server_with_webhooks(
    receiver: &Receiver,
    webhook_grace: Duration,
) -> DevServer {
    let times = DevTimes {
        webhook_grace,
        ..DevTimes::default()
    };
    DevServer::builder()
        .app(app_with_webhooks(receiver))
        .times(times)
        .start()
        .await
        .unwrap()
}
