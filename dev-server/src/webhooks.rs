//! Webhooks: signed, batched, and sent again until they are accepted or their time is up.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use reqwest::redirect;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::sleep;
use url::Url;

use super::hub::WebhookFact;
use super::record::RecordedWebhook;
use super::settings::later;
use crate::app_state::AppState;
use crate::error::ConfigError;
use pusher_http::WebhookSignature;

const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// How long one attempt may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Posts the webhooks of all apps.
pub(super) struct Webhooks {
    /// `None` if there is no URL to post to.
    client: Option<reqwest::Client>,
}

impl Webhooks {
    /// Creates the client that can post to all of these URLs.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] if one of them is not a URL, or its scheme is neither `http` nor `https`.
    pub(super) fn new<'a>(urls: impl IntoIterator<Item = &'a String>) -> Result<Self, ConfigError> {
        let schemes: Vec<_> = urls
            .into_iter()
            .map(|url| scheme(url))
            .collect::<Result<_, _>>()?;
        if schemes.is_empty() {
            return Ok(Self { client: None });
        }
        let builder = if schemes.iter().any(|scheme| scheme == "https") {
            reqwest::Client::builder()
        } else {
            without_tls_roots()
        };
        // Requests go to the URL itself, without a proxy and without redirects.
        let client = builder
            .no_proxy()
            .http1_only()
            .redirect(redirect::Policy::none())
            .build()
            .map_err(|error| ConfigError::new("webhooks", whole_message(&error)))?;
        Ok(Self {
            client: Some(client),
        })
    }

    /// Starts posting an app's webhooks to all its URLs, in order for each URL, in `tasks`.
    pub(super) fn start(&self, tasks: &mut JoinSet<()>, app: &Arc<AppState>, urls: Vec<String>) {
        let mut queues = Vec::new();
        if let Some(client) = &self.client {
            for url in urls {
                let (queue, facts) = mpsc::unbounded_channel();
                tasks.spawn(post(app.clone(), client.clone(), url, facts));
                queues.push(queue);
            }
        }
        tasks.spawn(hand_out(app.clone(), queues));
    }
}

/// Returns the scheme of a URL, if webhooks can be posted to it.
///
/// The error does not quote the whole URL, since it may contain a password.
fn scheme(url: &str) -> Result<String, ConfigError> {
    let refused = |reason: String| ConfigError::new("webhooks", reason);
    let parsed = Url::parse(url).map_err(|error| refused(format!("one is no URL: {error}")))?;
    let can_tls = cfg!(feature = "rustls");
    match parsed.scheme() {
        "https" if !can_tls => {
            let reason = "`https` needs the feature `rustls` of pusher-dev-server";
            Err(refused(reason.to_owned()))
        }
        scheme @ ("http" | "https") => Ok(scheme.to_owned()),
        other => Err(refused(format!(
            "the scheme {other:?} is neither `http` nor `https`"
        ))),
    }
}

/// Returns the URL as it was given, but without a username and password.
fn without_password(url: &str) -> String {
    match Url::parse(url) {
        Ok(mut parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
            // This fails only for a URL that can't have a username or password.
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
            parsed.into()
        }
        _ => url.to_owned(),
    }
}

async fn hand_out(app: Arc<AppState>, queues: Vec<mpsc::UnboundedSender<WebhookFact>>) {
    loop {
        for fact in app.webhook_facts().await {
            for queue in &queues {
                // All these tasks end together, so a send fails only at the end.
                let _ = queue.send(fact.clone());
            }
        }
    }
}

async fn post(
    app: Arc<AppState>,
    client: reqwest::Client,
    url: String,
    mut facts: mpsc::UnboundedReceiver<WebhookFact>,
) {
    // Events that arrive while a webhook is being posted go into the next one.
    let mut batch = Vec::new();
    while facts.recv_many(&mut batch, usize::MAX).await > 0 {
        let time_ms = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let body = json!({
            "time_ms": u64::try_from(time_ms).unwrap_or(u64::MAX),
            "events": std::mem::take(&mut batch),
        });
        try_until_taken(&app, &client, &url, Bytes::from(body.to_string())).await;
    }
}

async fn try_until_taken(app: &AppState, client: &reqwest::Client, url: &str, body: Bytes) {
    // The service signs with an app's oldest credentials.
    let Some(token) = app.app.all_credentials().last() else {
        return;
    };
    let headers = WebhookSignature::new(token, &body).headers();
    let times = app.settings.times;
    let give_up_at = later(Instant::now(), times.webhook_retries);
    let mut back_off = times.webhook_back_off;
    for attempt in 1.. {
        let answer = client
            .post(url)
            .headers(headers.clone())
            .header("content-type", "application/json")
            .body(body.clone())
            .timeout(TIMEOUT)
            .send()
            .await;
        let is_taken = matches!(&answer, Ok(answer) if answer.status().is_success());
        app.records.webhook(RecordedWebhook {
            app_id: app.app.id().to_owned(),
            url: without_password(url),
            body: String::from_utf8_lossy(&body).into_owned(),
            attempt,
            status: answer.as_ref().ok().map(|answer| answer.status().as_u16()),
            error: answer.err().map(|error| whole_message(&error)),
        });
        if is_taken || later(Instant::now(), back_off) > give_up_at {
            return;
        }
        sleep(back_off).await;
        back_off = LONGEST_BACK_OFF.min(back_off.saturating_mul(2));
    }
}

/// Returns the builder of a client for plain HTTP, which loads no certificates.
///
/// Some machines have none, and loading them takes time.
fn without_tls_roots() -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder();
    #[cfg(feature = "rustls")]
    let builder = builder.tls_certs_only([]);
    builder
}

/// Returns an error's message and those of its sources.
fn whole_message(error: &dyn std::error::Error) -> String {
    let errors = std::iter::successors(Some(error), |error| error.source());
    let messages: Vec<_> = errors.map(ToString::to_string).collect();
    messages.join(": ")
}
