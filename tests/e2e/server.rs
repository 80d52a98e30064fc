//! The Channels server of a test: Sockudo, or our own in this process.
//!
//! `E2E_SERVER` says which.

use std::process::Stdio;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use pusher_dev_server::{ConfigError, DevApp, DevLimits, DevServer};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use crate::inbox::DEADLINE;
use crate::stage::{APP_ID, KEY, MASTER_KEY, SECRET, limits};

pub(crate) enum Server {
    Sockudo {
        _process: Child,
    },
    Local {
        server: DevServer,
        webhook_url: String,
    },
}

impl Server {
    pub(crate) async fn start(port: u16, webhook_url: &str) -> Self {
        match required("E2E_SERVER").as_str() {
            "sockudo" => Self::Sockudo {
                _process: start_sockudo(port, webhook_url).await,
            },
            "local" => Self::Local {
                server: start_local(port, webhook_url).await.unwrap(),
                webhook_url: webhook_url.to_owned(),
            },
            other => panic!("E2E_SERVER is sockudo or local, not {other}"),
        }
    }

    /// Whether this is our server.
    ///
    /// It follows the documentation of the hosted service where Sockudo does not.
    pub(crate) fn is_local(&self) -> bool {
        self.local().is_some()
    }

    /// Returns our server, for calls that are possible only in this process.
    pub(crate) fn local(&self) -> Option<&DevServer> {
        match self {
            Self::Local { server, .. } => Some(server),
            Self::Sockudo { .. } => None,
        }
    }

    /// Stops our server, and starts another at the same address.
    pub(crate) async fn restart(self) -> Self {
        let Self::Local {
            server,
            webhook_url,
        } = self
        else {
            panic!("only the local server restarts");
        };
        let port = server.address().port();
        server.stop().await;
        let server = start_local(port, &webhook_url).await.unwrap();
        Self::Local {
            server,
            webhook_url,
        }
    }
}

/// Returns a port below the system's ephemeral range.
///
/// So no other process is assigned it between this check and the server's start.
pub(crate) async fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    loop {
        let of_this_process = u16::try_from(std::process::id() % 100).unwrap() * 100;
        let port = 20_000 + of_this_process + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).await.is_ok() {
            return port;
        }
    }
}

/// Returns an HTTP client that connects directly, regardless of any proxy in the environment.
pub(crate) fn http() -> reqwest::Client {
    let client = reqwest::Client::builder().no_proxy().timeout(DEADLINE);
    client.build().unwrap()
}

pub(crate) fn required(variable: &str) -> String {
    std::env::var(variable)
        .unwrap_or_else(|_| panic!("{variable} is not set: start with tests/e2e/run.sh"))
}

async fn start_local(port: u16, webhook_url: &str) -> Result<DevServer, ConfigError> {
    let app = DevApp::new(APP_ID, KEY, SECRET)
        .encryption_master_key_base64(MASTER_KEY)
        .webhook(webhook_url)
        .subscription_count_events(true);
    let limits = DevLimits {
        api: limits(),
        ..DevLimits::default()
    };
    DevServer::builder()
        .address(([127, 0, 0, 1], port).into())
        .app(app)
        .limits(limits)
        .start()
        .await
}

async fn start_sockudo(port: u16, webhook_url: &str) -> Child {
    let config = Command::new("node")
        .arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/e2e/sockudo-config.mjs"
        ))
        .args(["--port", &port.to_string(), "--app-id", APP_ID])
        .args(["--key", KEY, "--secret", SECRET])
        .args(["--webhook-url", webhook_url])
        .output()
        .await
        .unwrap();
    assert!(config.status.success(), "{config:?}");
    let path = format!("{}/sockudo-{port}.json", env!("CARGO_TARGET_TMPDIR"));
    std::fs::write(&path, config.stdout).unwrap();

    // Environment variables would override the configuration file.
    let server = Command::new(required("SOCKUDO"))
        .args(["--config", &path])
        .env_clear()
        .env("HOST", "127.0.0.1")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let ready = async {
        let (http, url) = (http(), format!("http://127.0.0.1:{port}/ready"));
        // Sockudo does not signal when it listens, so poll until it responds.
        while !http
            .get(&url)
            .send()
            .await
            .is_ok_and(|response| response.status() == 200)
        {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(DEADLINE, ready)
        .await
        .expect("Sockudo is ready");
    server
}
