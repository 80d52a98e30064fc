//! A server that follows a script. It records every request and sends the next prepared response,
//! or `200 {}` if there is none.
#![allow(dead_code, unreachable_pub)] // Each test crate uses only a part.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, Method, Response, Uri};
use pusher_http::{Builder, Pusher};
use serde_json::Value;

pub const KEY: &str = "278d425bdf160c739803";
pub const SECRET: &str = "7ad3773142a6692b25b8";
pub const MASTER_KEY: &str = "zyrm8pvV2C9fJcBfhyXzvxbJVN/H7QLmbe0xJi1GhPU=";

/// Returns a port of this machine that nothing listens on.
pub fn closed_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[derive(Debug, Clone)]
pub struct Recorded {
    pub method: Method,
    pub uri: Uri,
    pub headers: HeaderMap,
    pub body: String,
    pub peer: SocketAddr,
}

impl Recorded {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("the body is JSON")
    }

    /// Returns a query parameter, decoded.
    pub fn query(&self, name: &str) -> Option<String> {
        url::form_urlencoded::parse(self.uri.query().unwrap_or_default().as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
    }
}

#[derive(Default)]
struct Shared {
    script: Mutex<VecDeque<Response<Body>>>,
    recorded: Mutex<Vec<Recorded>>,
}

pub struct ScriptedServer {
    pub address: SocketAddr,
    shared: Arc<Shared>,
    task: tokio::task::JoinHandle<()>,
}

impl ScriptedServer {
    pub async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Shared::default());
        let router = Router::new().fallback(respond).with_state(shared.clone());
        let task = tokio::spawn(async move {
            axum::serve(
                listener,
                router.into_make_service_with_connect_info::<SocketAddr>(),
            )
            .await
            .unwrap();
        });
        Self {
            address,
            shared,
            task,
        }
    }

    pub fn will_respond(&self, status: u16, body: impl Into<Body>) -> &Self {
        self.will_respond_with(
            Response::builder()
                .status(status)
                .body(body.into())
                .unwrap(),
        )
    }

    pub fn will_respond_with(&self, response: Response<Body>) -> &Self {
        self.shared.script.lock().unwrap().push_back(response);
        self
    }

    pub fn recorded(&self) -> Vec<Recorded> {
        self.shared.recorded.lock().unwrap().clone()
    }

    /// Returns the only request so far.
    pub fn request(&self) -> Recorded {
        let mut recorded = self.recorded();
        assert_eq!(recorded.len(), 1, "{recorded:#?}");
        recorded.remove(0)
    }

    pub fn builder(&self) -> Builder {
        Pusher::builder("3", KEY, SECRET)
            .host(self.address.ip().to_string())
            .port(self.address.port())
            .tls(false)
            .no_proxy()
    }

    pub fn encrypting_pusher(&self) -> Pusher {
        self.builder()
            .encryption_master_key_base64(MASTER_KEY)
            .build()
            .unwrap()
    }

    pub fn pusher(&self) -> Pusher {
        self.builder().build().unwrap()
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn respond(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    shared.recorded.lock().unwrap().push(Recorded {
        method,
        uri,
        headers,
        body: String::from_utf8(body.to_vec()).expect("the body is UTF-8"),
        peer,
    });
    let next = shared.script.lock().unwrap().pop_front();
    next.unwrap_or_else(|| Response::new(Body::from("{}")))
}
