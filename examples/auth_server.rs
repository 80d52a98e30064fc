//! The three endpoints of a backend that uses Pusher, on axum.
//!
//! They are channel authorization, user authentication and webhooks.
//!
//! ```sh
//! PUSHER_URL=https://KEY:SECRET@api-eu.pusher.com/apps/ID \
//!     cargo run --example auth_server --features axum -- 127.0.0.1:3001
//! ```
//!
//! Configure pusher-js with `channelAuthorization: {endpoint: "/pusher/auth", headers:
//! {Authorization: "Bearer session-of-ada"}}`. Configure `userAuthentication` in the same way.

use std::sync::Arc;

use axum::Router;
use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Response, Result};
use axum::routing::post;
use pusher_http::{
    ChannelAuth, ChannelAuthRequest, ChannelName, Error, PresenceMember, Pusher, UserAuth,
    UserAuthRequest, UserData, Webhook, WebhookEvent,
};
use serde_json::json;

struct User {
    session: &'static str,
    id: u64,
    name: &'static str,
    is_staff: bool,
}

/// Stands in for the session store and user table of a real application.
static USERS: [User; 2] = [
    User {
        session: "session-of-ada",
        id: 1,
        name: "Ada",
        is_staff: true,
    },
    User {
        session: "session-of-bob",
        id: 2,
        name: "Bob",
        is_staff: false,
    },
];

/// Returns whether the user may join the channel.
///
/// Users may join their own channels, staff may join staff channels, every signed-in user may join
/// rooms, and all other channels are denied.
fn may_join(user: &User, channel: &ChannelName) -> bool {
    match channel.without_prefixes().split_once('-') {
        Some(("user", id)) => id == user.id.to_string(),
        Some(("staff", _)) => user.is_staff,
        Some(("room", _)) => true,
        _ => false,
    }
}

async fn channel_auth(
    State(pusher): State<Pusher>,
    user: &'static User,
    request: ChannelAuthRequest,
) -> Result<ChannelAuth> {
    if !may_join(user, &request.channel_name) {
        // pusher-js treats a 403 as a denial.
        return Err(StatusCode::FORBIDDEN.into());
    }
    let member = PresenceMember::new(user.id)?.user_info(json!({"name": user.name}))?;
    Ok(pusher.authorize(&request, member)?)
}

async fn user_auth(
    State(pusher): State<Pusher>,
    user: &'static User,
    request: UserAuthRequest,
) -> Result<UserAuth> {
    let ids = USERS.iter().map(|other| other.id);
    let user_data = UserData::new(user.id)?
        .user_info(json!({"name": user.name}))?
        .watchlist(ids.filter(|id| *id != user.id))?;
    Ok(pusher.authenticate_user(&request.socket_id, &user_data)?)
}

async fn webhook(webhook: Webhook) {
    for event in webhook.events {
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
}

/// The user who sent the request, identified by the session that the page sends.
impl<S: Send + Sync> FromRequestParts<S> for &'static User {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let header = parts.headers.get(header::AUTHORIZATION);
        let session = header
            .and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "))
            .ok_or(StatusCode::FORBIDDEN)?;
        let mut users = USERS.iter();
        users
            .find(|user| user.session == session)
            .ok_or(StatusCode::FORBIDDEN)
    }
}

/// Logs the library's error message, which is not part of the response.
async fn log(response: Response) -> Response {
    if let Some(error) = response.extensions().get::<Arc<Error>>() {
        eprintln!("{error}");
    }
    response
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let address = std::env::args().nth(1);
    let address = address.as_deref().unwrap_or("127.0.0.1:3001");
    let router = Router::new()
        .route("/pusher/auth", post(channel_auth))
        .route("/pusher/user-auth", post(user_auth))
        .route("/pusher/webhook", post(webhook))
        .layer(map_response(log))
        .with_state(Pusher::from_env()?);
    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("listening on http://{}", listener.local_addr()?);
    axum::serve(listener, router).await?;
    Ok(())
}
