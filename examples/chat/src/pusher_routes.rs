//! Pusher's endpoints: channel authorization, and webhooks about who joined and left.

use axum::Router;
use axum::extract::State;
use axum::routing::post;
use pusher_http::{ChannelAuth, ChannelAuthRequest, PresenceMember, Webhook, WebhookEvent};
use serde_json::json;

use crate::failed::Failed;
use crate::session::User;
use crate::{Chat, rooms};

pub(crate) fn routes() -> Router<Chat> {
    Router::new()
        .route("/pusher/auth", post(authorize))
        .route("/pusher/webhook", post(webhook))
}

/// Authorizes members to join their room's channel; denies everything else.
async fn authorize(
    State(chat): State<Chat>,
    user: User,
    request: ChannelAuthRequest,
) -> Result<ChannelAuth, Failed> {
    let room_id = rooms::of_channel(request.channel_name.as_str()).ok_or(Failed::NoMember)?;
    let user_id = user.id;
    let member = chat
        .database
        .call(move |connection| rooms::check_member(connection, room_id, user_id));
    member.await?;
    let member = PresenceMember::new(user_id)?.user_info(json!({"name": user.name}))?;
    Ok(chat.pusher.authorize(&request, member)?)
}

/// Handles a webhook. A forged one does not reach this handler: the response is 401.
async fn webhook(webhook: Webhook) {
    for event in webhook.events {
        match event {
            WebhookEvent::MemberAdded {
                channel, user_id, ..
            } => println!("user {user_id} came to {channel}"),
            WebhookEvent::MemberRemoved {
                channel, user_id, ..
            } => println!("user {user_id} left {channel}"),
            _ => {}
        }
    }
}
