//! The three endpoints that a backend with Pusher has, on axum: who may join a channel, who is
//! signed in, and what the service tells.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID \
//!     cargo run --example auth_server -- 127.0.0.1:3001
//! ```
//!
//! pusher-js asks with `channelAuthorization: {endpoint: "/pusher/auth", headers: {Authorization:
//! "Bearer session-of-ada"}}`, and the same for `userAuthentication`.

use axum::body::Bytes;
use axum::extract::{Form, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use pusher_http::{
    ChannelAuth, ChannelAuthRequest, ChannelKind, ChannelName, Error, PresenceMember, Pusher,
    SocketId, UserAuthRequest, UserData, WebhookEvent,
};
use serde_json::json;

struct User {
    session: &'static str,
    id: &'static str,
    name: &'static str,
    is_staff: bool,
}

/// What a session store and a user table are in a real application.
const USERS: [User; 2] = [
    User {
        session: "session-of-ada",
        id: "1",
        name: "Ada",
        is_staff: true,
    },
    User {
        session: "session-of-bob",
        id: "2",
        name: "Bob",
        is_staff: false,
    },
];

/// The rule of who may join what: users their own channels, staff the staff's, everybody who is
/// signed in the rooms, and nobody anything else.
fn may_join(user: &User, channel: &ChannelName) -> bool {
    let name = channel.as_str();
    let after_prefix = name
        .strip_prefix("private-encrypted-")
        .or_else(|| name.strip_prefix("private-"))
        .or_else(|| name.strip_prefix("presence-"))
        .map(|rest| rest.strip_prefix("cache-").unwrap_or(rest));
    match after_prefix.and_then(|rest| rest.split_once('-')) {
        Some(("user", id)) => id == user.id,
        Some(("staff", _)) => user.is_staff,
        Some(("room", _)) => true,
        _ => false,
    }
}

fn authorize(
    pusher: &Pusher,
    user: &User,
    socket_id: &SocketId,
    channel: &ChannelName,
) -> Result<ChannelAuth, Denied> {
    if !may_join(user, channel) {
        return Err(Denied::Forbidden);
    }
    let auth = if channel.kind() == ChannelKind::Presence {
        let member = PresenceMember::new(user.id).info(json!({"name": user.name}))?;
        pusher.authorize_presence_channel(socket_id, channel, member)?
    } else {
        pusher.authorize_channel(socket_id, channel)?
    };
    Ok(auth)
}

async fn channel_auth(
    State(pusher): State<Pusher>,
    headers: HeaderMap,
    Form(request): Form<ChannelAuthRequest>,
) -> Result<impl IntoResponse, Denied> {
    let user = user_of(bearer(&headers))?;
    let auth = authorize(&pusher, user, &request.socket_id, &request.channel_name)?;
    Ok(Json(auth))
}

async fn user_auth(
    State(pusher): State<Pusher>,
    headers: HeaderMap,
    Form(request): Form<UserAuthRequest>,
) -> Result<impl IntoResponse, Denied> {
    let user = user_of(bearer(&headers))?;
    let others = USERS
        .iter()
        .map(|other| other.id)
        .filter(|id| *id != user.id);
    let user_data = UserData::new(user.id)
        .info(json!({"name": user.name}))?
        .watchlist(others);
    let auth = pusher.authenticate_user(&request.socket_id, &user_data)?;
    Ok(Json(auth))
}

async fn webhook(
    State(pusher): State<Pusher>,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Denied> {
    for event in pusher.webhook(&headers, &body)?.events {
        match event {
            WebhookEvent::ChannelOccupied { channel, .. } => println!("{channel} is occupied"),
            WebhookEvent::ChannelVacated { channel, .. } => println!("{channel} is vacated"),
            WebhookEvent::MemberAdded {
                channel, user_id, ..
            } => println!("{user_id} joined {channel}"),
            WebhookEvent::MemberRemoved {
                channel, user_id, ..
            } => println!("{user_id} left {channel}"),
            other => println!("{} on {:?}", other.name(), other.channel()),
        }
    }
    Ok(StatusCode::OK)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    headers
        .get(header::AUTHORIZATION)?
        .to_str()
        .ok()?
        .strip_prefix("Bearer ")
}

fn user_of(session: Option<&str>) -> Result<&'static User, Denied> {
    let session = session.ok_or(Denied::Forbidden)?;
    USERS
        .iter()
        .find(|user| user.session == session)
        .ok_or(Denied::Forbidden)
}

enum Denied {
    /// pusher-js takes a 403 as a denial.
    Forbidden,
    /// The library refused; its words are for the log.
    Refused(Error),
}

impl From<Error> for Denied {
    fn from(error: Error) -> Self {
        Self::Refused(error)
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> Response {
        match self {
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::Refused(error) => {
                eprintln!("{error}");
                match error {
                    Error::Webhook(_) => StatusCode::UNAUTHORIZED,
                    Error::Invalid { .. } => StatusCode::BAD_REQUEST,
                    _ => StatusCode::INTERNAL_SERVER_ERROR,
                }
            }
        }
        .into_response()
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:3001");
    let router = Router::new()
        .route("/pusher/auth", post(channel_auth))
        .route("/pusher/user-auth", post(user_auth))
        .route("/pusher/webhook", post(webhook))
        .with_state(Pusher::from_env()?);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
