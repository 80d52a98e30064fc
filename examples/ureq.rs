//! The API as data with ureq, on a thread, without async and without the crate's client.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID \
//! PUSHER_ENCRYPTION_MASTER_KEY_BASE64=$(openssl rand -base64 32) \
//!     cargo run --example ureq --no-default-features
//! ```

use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use pusher_http::api::{ChannelsQuery, Endpoint, Trigger, TriggerBatch};
use pusher_http::bytes::Bytes;
use pusher_http::encryption::NONCE_BYTES;
use pusher_http::http::{Request, Response};
use pusher_http::{App, Builder, Error, Event};
use serde_json::json;
use ureq::{Agent, Timeout};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The limit of a response's body. Responses of the API are far smaller.
const ANSWER_BYTES: u64 = 8 * 1024 * 1024;

struct Client {
    app: App,
    agent: Agent,
}

impl Client {
    fn new(app: App) -> Self {
        let config = Agent::config_builder()
            .http_status_as_error(false)
            // The signature is valid only for this URL.
            .max_redirects(0)
            .max_redirects_will_error(false)
            .timeout_connect(Some(TIMEOUT / 2))
            .timeout_global(Some(TIMEOUT))
            .build();
        let agent = config.into();
        Self { app, agent }
    }

    /// Calls any endpoint, and returns its typed response.
    ///
    /// Returns the same errors as the crate's client.
    fn call<E: Endpoint>(&self, endpoint: &E) -> Result<E::Response, Error> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let signed_at = now.unwrap_or_default().as_secs();
        let request = endpoint.request(&self.app)?;
        let request = self.app.sign(&request, signed_at)?.into_http();
        let answer = self.send(request).map_err(typed)?;
        endpoint.read(&answer, signed_at)
    }

    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let answer = if request.body().is_empty() {
            self.agent.run(request.map(drop))?
        } else {
            self.agent.run(request.map(Vec::from))?
        };
        let (head, mut body) = answer.into_parts();
        let body = body.with_config().limit(ANSWER_BYTES).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

/// Converts an error, depending on whether the service may have acted on the request.
fn typed(error: ureq::Error) -> Error {
    use std::io::ErrorKind::ConnectionRefused;

    match error {
        ureq::Error::HostNotFound
        | ureq::Error::ConnectionFailed
        | ureq::Error::Timeout(Timeout::Resolve | Timeout::Connect) => Error::connect(error),
        ureq::Error::Io(cause) if cause.kind() == ConnectionRefused => Error::connect(cause),
        ureq::Error::Timeout(_) => Error::timeout(TIMEOUT),
        other => Error::transport(other),
    }
}

/// Returns a nonce, which must be fresh and random for every event.
fn nonce() -> Result<[u8; NONCE_BYTES], getrandom::Error> {
    let mut nonce = [0; NONCE_BYTES];
    getrandom::fill(&mut nonce)?;
    Ok(nonce)
}

fn run() -> Result<(), Box<dyn std::error::Error>> {
    let app = Builder::from_vars(|name| std::env::var(name).ok())?.build_app()?;
    let client = Client::new(app);
    let app = &client.app;

    client.call(&Trigger::new("room-1", "message", "hello")?)?;
    println!("a message is sent");

    let secret = Trigger::new("private-encrypted-room-1", "message", "hush")?;
    client.call(&secret.encrypted(app.encryption_key()?, nonce()?)?)?;
    println!("an encrypted message is sent");

    // More events than fit into one request, some of them for an encrypted channel.
    let mut events = Vec::new();
    for number in 0..12 {
        let channel = ["room-1", "private-encrypted-room-1"][number % 2];
        let event = Event::new(channel, "number", json!({"number": number}))?;
        events.push(event.encrypted(app.encryption_key()?, nonce()?)?);
    }
    for events in events.chunks(app.limits().events_per_batch) {
        let response = client.call(&TriggerBatch::new(events))?;
        println!("a batch of {} is sent", response.counts.len());
    }

    let channels = client.call(&ChannelsQuery::new())?;
    println!("{} channels are occupied", channels.len());
    Ok(())
}

fn main() -> ExitCode {
    let Err(error) = run() else {
        return ExitCode::SUCCESS;
    };
    eprintln!("{error}");
    if let Some(error) = error.downcast_ref::<Error>() {
        let again = if error.is_retryable() {
            "may help"
        } else {
            "does not help"
        };
        eprintln!("{:?}, and trying again {again}", error.outcome());
    }
    ExitCode::FAILURE
}
