//! The page: its files, and the address of its connection.

use std::io;
use std::path::Path;

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use pusher_http::App;
use serde::Serialize;

use crate::Chat;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The page's own files are compiled into the program.
const FILES: [(&str, &str, &str); 8] = [
    ("/chat.css", CSS, include_str!("../page/chat.css")),
    ("/chat.js", SCRIPT, include_str!("../page/chat.js")),
    ("/element.js", SCRIPT, include_str!("../page/element.js")),
    ("/newest.js", SCRIPT, include_str!("../page/newest.js")),
    ("/room.js", SCRIPT, include_str!("../page/room.js")),
    ("/server.js", SCRIPT, include_str!("../page/server.js")),
    ("/timeline.js", SCRIPT, include_str!("../page/timeline.js")),
    ("/typing.js", SCRIPT, include_str!("../page/typing.js")),
];

/// The page, with pusher-js as installed by npm.
#[derive(Clone)]
pub struct Page {
    pusher_js: Bytes,
}

impl Page {
    /// Reads what the page needs from `node_modules`.
    pub fn open(node_modules: &Path) -> io::Result<Self> {
        let path = node_modules.join("pusher-js/dist/web/pusher.min.js");
        let script = std::fs::read(&path).map_err(|error| {
            let words = format!("{}: {error}; `npm ci` installs it", path.display());
            io::Error::new(error.kind(), words)
        })?;
        Ok(Self::new(script))
    }

    /// Creates a page with this script instead of pusher-js.
    pub fn new(pusher_js: impl Into<Bytes>) -> Self {
        Self {
            pusher_js: pusher_js.into(),
        }
    }
}

pub(crate) fn routes() -> Router<Chat> {
    let mut routes = Router::new()
        .route("/", get(index))
        .route("/pusher.js", get(pusher_js));
    for (path, content_type, text) in FILES {
        routes = routes.route(path, get(async move || served(content_type, text)));
    }
    routes
}

/// Serves the page. Its policy runs no script from text that became markup by mistake.
async fn index(State(chat): State<Chat>) -> Response {
    let policy = format!(
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self' {}; \
        img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        Connect::to(chat.pusher.app()).origin(),
    );
    let headers = [(CONTENT_SECURITY_POLICY, policy)];
    (headers, served(HTML, include_str!("../page/index.html"))).into_response()
}

async fn pusher_js(State(chat): State<Chat>) -> Response {
    served(SCRIPT, chat.page.pusher_js)
}

fn served(content_type: &'static str, body: impl IntoResponse) -> Response {
    let headers = [
        (CONTENT_TYPE, content_type),
        (CACHE_CONTROL, "no-cache"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
    ];
    (headers, body).into_response()
}

/// Where the page's WebSocket connects to, as options of pusher-js.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Connect {
    key: String,
    #[serde(rename = "forceTLS")]
    force_tls: bool,
    ws_host: String,
    port: Option<u16>,
    ws_path: String,
}

impl Connect {
    pub(crate) fn to(app: &App) -> Self {
        let url = app.base_url();
        // The hosted service has separate hosts for the API and the WebSocket; a self-hosted server
        // has one host for both.
        let host = url.host_str().unwrap_or_default();
        let ws_host = match host.strip_prefix("api-") {
            Some(rest) if host.ends_with(".pusher.com") => format!("ws-{rest}"),
            _ => host.to_owned(),
        };
        Self {
            key: app.credentials().key().to_owned(),
            force_tls: url.scheme() == "https",
            ws_host,
            port: url.port_or_known_default(),
            ws_path: url.path().trim_end_matches('/').to_owned(),
        }
    }

    fn origin(&self) -> String {
        let scheme = if self.force_tls { "wss" } else { "ws" };
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        format!("{scheme}://{}{port}", self.ws_host)
    }
}
