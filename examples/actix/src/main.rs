//! The three endpoints of a backend that uses Pusher, on actix-web.
//!
//! They are channel authorization, user authentication and webhooks, built with the crate's plain
//! types. The backend sends nothing, so an `App` is enough, and the crate's HTTP client is not
//! built.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID \
//!     cargo run --manifest-path examples/actix/Cargo.toml -- 127.0.0.1:3001
//! ```
//!
//! Configure pusher-js with `channelAuthorization: {endpoint: "/pusher/auth", headers:
//! {Authorization: "Bearer session-of-ada"}}`. Configure `userAuthentication` in the same way.

use std::fmt;
use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{AUTHORIZATION, CACHE_CONTROL};
use actix_web::web::{Bytes, Data, PayloadConfig};
use actix_web::{
    App as Site, FromRequest, HttpRequest, HttpResponse, HttpServer, ResponseError, post,
};
use pusher_http::{
    App, Builder, ChannelAuthRequest, ChannelName, Error, PresenceMember, UserAuthRequest, UserData,
};
use serde_json::json;

struct User {
    session: &'static str,
    id: u64,
    name: &'static str,
}

/// Stands in for the session store and user table of a real application.
static USERS: [User; 2] = [
    User {
        session: "session-of-ada",
        id: 1,
        name: "Ada",
    },
    User {
        session: "session-of-bob",
        id: 2,
        name: "Bob",
    },
];

/// Returns whether the user may join the channel.
///
/// Users may join their own channels, every signed-in user may join rooms, and all other channels
/// are denied.
fn may_join(user: &User, channel: &ChannelName) -> bool {
    match channel.without_prefixes().split_once('-') {
        Some(("user", id)) => id == user.id.to_string(),
        Some(("room", _)) => true,
        _ => false,
    }
}

#[post("/pusher/auth")]
async fn channel_auth(
    app: Data<App>,
    Session(user): Session,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, Refused> {
    let request = ChannelAuthRequest::from_form(&body?)?;
    if !may_join(user, &request.channel_name) {
        return Err(Refused::Denied);
    }
    let member = PresenceMember::new(user.id)?.user_info(json!({"name": user.name}))?;
    Ok(token().json(app.authorize(&request, member)?))
}

#[post("/pusher/user-auth")]
async fn user_auth(
    app: Data<App>,
    Session(user): Session,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, Refused> {
    let request = UserAuthRequest::from_form(&body?)?;
    let user = UserData::new(user.id)?.user_info(json!({"name": user.name}))?;
    let auth = app.authenticate_user(&request.socket_id, &user)?;
    Ok(token().json(auth))
}

/// Verifies the raw body, because that is what is signed.
///
/// The headers are passed one by one, because actix-web has its own header map.
#[post("/pusher/webhook")]
async fn webhook(
    app: Data<App>,
    request: HttpRequest,
    body: Bytes,
) -> Result<&'static str, Refused> {
    let header = |name| request.headers().get(name)?.to_str().ok();
    let (key, signature) = (header("x-pusher-key"), header("x-pusher-signature"));
    for event in app.webhook_from_parts(key, signature, &body)?.events {
        println!("{} on {}", event.name(), event.channel().unwrap_or("none"));
    }
    Ok("")
}

/// Starts a response with an authorization, which is secret, so no cache may store it.
fn token() -> actix_web::HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer.insert_header((CACHE_CONTROL, "no-store"));
    answer
}

/// The user who sent the request, identified by the session that the page sends.
struct Session(&'static User);

impl FromRequest for Session {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = request.headers().get(AUTHORIZATION);
        let session = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        let user = USERS.iter().find(|user| Some(user.session) == session);
        ready(user.map(Self).ok_or(Refused::Denied))
    }
}

#[derive(Debug)]
enum Refused {
    /// pusher-js treats a 403 as a denial.
    Denied,
    /// The body could not be read. actix-web's own message would quote the request.
    Unread(StatusCode),
    /// An error of the library. Its message goes to the log, not into the response.
    Error(Error),
}

impl From<actix_web::Error> for Refused {
    fn from(error: actix_web::Error) -> Self {
        Self::Unread(error.as_response_error().status_code())
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        eprintln!("{error}");
        Self::Error(error)
    }
}

/// The text of the response.
impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let status = self.status_code();
        f.write_str(status.canonical_reason().unwrap_or_default())
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Denied => StatusCode::FORBIDDEN,
            Self::Unread(status) => *status,
            Self::Error(Error::Webhook(_)) => StatusCode::UNAUTHORIZED,
            Self::Error(Error::Invalid { .. }) => StatusCode::BAD_REQUEST,
            Self::Error(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:3001");
    let app = Builder::from_vars(|name| std::env::var(name).ok())?.build_app()?;
    let app = Data::new(app);
    let server = HttpServer::new(move || {
        Site::new()
            .app_data(app.clone())
            .app_data(PayloadConfig::new(64 * 1024))
            .service(channel_auth)
            .service(user_auth)
            .service(webhook)
    });
    let server = server.workers(1).bind(address)?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    server.run().await?;
    Ok(())
}
