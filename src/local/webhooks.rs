//! Webhooks: signed, batched, and tried again until they are taken or their time is up.

use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use serde_json::json;
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::app::LocalAppState;
use super::hub::WebhookFact;
use crate::error::Error;
use crate::webhook::WebhookSignature;

const LONGEST_BACK_OFF: Duration = Duration::from_secs(30);
/// How long one try may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A client that goes to the address itself, as it stands.
pub(super) fn client() -> Result<reqwest::Client, Error> {
    reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| Error::config("webhooks", error.to_string()))
}

/// Starts to post an app's webhooks to all its addresses, to each in order, in these tasks.
pub(super) fn start(
    tasks: &mut JoinSet<()>,
    app: &Arc<LocalAppState>,
    client: &reqwest::Client,
    urls: Vec<String>,
) {
    let queues: Vec<_> = urls
        .into_iter()
        .map(|url| {
            let (queue, facts) = mpsc::unbounded_channel();
            tasks.spawn(post(app.clone(), client.clone(), url, facts));
            queue
        })
        .collect();
    tasks.spawn(hand_out(app.clone(), queues));
}

async fn hand_out(app: Arc<LocalAppState>, queues: Vec<mpsc::UnboundedSender<WebhookFact>>) {
    loop {
        for fact in app.webhook_facts().await {
            for queue in &queues {
                // All these tasks end together.
                let _ = queue.send(fact.clone());
            }
        }
    }
}

async fn post(
    app: Arc<LocalAppState>,
    client: reqwest::Client,
    url: String,
    mut facts: mpsc::UnboundedReceiver<WebhookFact>,
) {
    // Whatever has come while a webhook was under way goes into the next.
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

async fn try_until_taken(app: &LocalAppState, client: &reqwest::Client, url: &str, body: Bytes) {
    // The service signs with an app's oldest token.
    let Some(token) = app.app.tokens().last() else {
        return;
    };
    let headers = WebhookSignature::new(token, &body).headers();
    let times = app.settings.times;
    let give_up_at = Instant::now() + times.webhook_retries;
    let mut back_off = times.webhook_back_off;
    loop {
        let answer = client
            .post(url)
            .headers(headers.clone())
            .header("content-type", "application/json")
            .body(body.clone())
            .timeout(TIMEOUT)
            .send()
            .await;
        let is_taken = answer.is_ok_and(|answer| answer.status().is_success());
        if is_taken || Instant::now() + back_off > give_up_at {
            return;
        }
        sleep(back_off).await;
        back_off = LONGEST_BACK_OFF.min(back_off * 2);
    }
}
