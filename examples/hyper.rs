//! The API as data with plain hyper-util, without the crate's client.
//!
//! ```sh
//! PUSHER_URL=http://KEY:SECRET@api-eu.pusher.com/apps/ID \
//!     cargo run --example hyper --no-default-features
//! ```
//!
//! This example uses plain HTTP; for HTTPS, use a connector from hyper-rustls. The feature `hyper`
//! provides HTTPS, a connection pool and retries with `Pusher`.

use std::error::Error as StdError;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use pusher_http::api::{ChannelQuery, Endpoint, Trigger};
use pusher_http::bytes::Bytes;
use pusher_http::http::{Request, Response};
use pusher_http::{App, Builder, Error, Info};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The limit of a response's body. Responses of the API are far smaller.
const ANSWER_BYTES: usize = 8 * 1024 * 1024;

type HttpClient = Client<HttpConnector, Full<Bytes>>;

/// Calls any endpoint, and returns its typed response.
///
/// Returns the same errors as the crate's client.
async fn call<E: Endpoint>(http: &HttpClient, app: &App, call: &E) -> Result<E::Response, Error> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let signed_at = now.unwrap_or_default().as_secs();
    let request = app.sign(&call.request(app)?, signed_at)?.into_http();
    let answer = tokio::time::timeout(TIMEOUT, send(http, request));
    let answer = answer.await.map_err(|_| Error::timeout(TIMEOUT))??;
    call.read(&answer, signed_at)
}

async fn send(http: &HttpClient, request: Request<Bytes>) -> Result<Response<Bytes>, Error> {
    // Only if there was no connection is it certain that nothing was sent.
    let answer = http.request(request.map(Full::new)).await;
    let (head, body) = match answer {
        Ok(answer) => answer.into_parts(),
        Err(error) if error.is_connect() => return Err(Error::connect(error)),
        Err(error) => return Err(Error::transport(error)),
    };
    let body = Limited::new(body, ANSWER_BYTES).collect().await;
    let body = body.map_err(Error::transport)?.to_bytes();
    Ok(Response::from_parts(head, body))
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn StdError>> {
    let app = Builder::from_vars(|name| std::env::var(name).ok())?.build_app()?;
    let http = Client::builder(TokioExecutor::new()).build_http();

    let info = Info::SUBSCRIPTION_COUNT;
    let trigger = Trigger::new(["room-1", "room-2"], "message", "hello")?.info(info);
    for (name, counts) in call(&http, &app, &trigger).await?.channels {
        let listeners = counts.subscription_count.unwrap_or_default();
        println!("{name} has {listeners} listeners");
    }

    let query = ChannelQuery::new("room-1")?;
    let state = call(&http, &app, &query).await?;
    println!("room-1 is occupied: {}", state.occupied);
    Ok(())
}
