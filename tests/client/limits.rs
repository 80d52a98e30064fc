//! Names and ids that the hosted service does not accept. They are rejected before sending, and
//! accepted with the limits of another server.

use std::future::IntoFuture;

use pusher_http::{
    ChannelAuthRequest, ChannelName, Error, Event, Limits, Outcome, PresenceMember, Pusher,
    SocketId, UserData,
};

use crate::common::{MASTER_KEY, ScriptedServer};

/// A response body that every call accepts.
const RESPONSE_BODY: &str = r#"{"occupied":true,"users":[]}"#;

/// A client with the limits of the hosted service, and one with the widest limits.
struct Clients {
    server: ScriptedServer,
    hosted: Pusher,
    wide: Pusher,
}

impl Clients {
    async fn start() -> Self {
        let server = ScriptedServer::start().await;
        let wide = Limits::default()
            .channel_name_chars(ChannelName::MAX_CHARS)
            .channel_name_colons(true)
            .user_id_any_chars(true);
        let build = |limits: Limits| {
            let builder = server.builder().limits(limits);
            let builder = builder.encryption_master_key_base64(MASTER_KEY);
            builder.build().unwrap()
        };
        Self {
            hosted: build(Limits::default()),
            wide: build(wide),
            server,
        }
    }

    /// Asserts that only the client with wide limits sends the call.
    async fn only_wide_sends<C, T, E>(&self, what: &str, call: impl Fn(&Pusher) -> C)
    where
        C: IntoFuture<Output = Result<T, E>>,
        E: Into<Error> + std::fmt::Debug,
    {
        let before = self.server.recorded().len();
        let error = call(&self.hosted).await.err().expect(what).into();
        assert_rejected(what, &error);
        assert_eq!(self.server.recorded().len(), before, "{what}");
        self.server.will_respond(200, RESPONSE_BODY);
        call(&self.wide).await.expect(what);
        assert_eq!(self.server.recorded().len(), before + 1, "{what}");
    }

    fn only_wide_signs<T>(&self, what: &str, sign: impl Fn(&Pusher) -> Result<T, Error>) {
        assert_rejected(what, &sign(&self.hosted).err().expect(what));
        assert!(sign(&self.wide).is_ok(), "{what}");
    }
}

fn assert_rejected(what: &str, error: &Error) {
    assert!(
        matches!(
            error,
            Error::Invalid {
                what: "channel name" | "user id",
                ..
            }
        ),
        "{what}: {error:?}"
    );
    assert_eq!(error.outcome(), Outcome::NotAccepted, "{what}");
}

/// Returns names with this prefix that only other servers accept.
fn names_with(prefix: &str) -> [ChannelName; 3] {
    let name_of = |chars: usize| format!("{prefix}{}", "x".repeat(chars - prefix.len()));
    [format!("{prefix}a:b"), name_of(165), name_of(200)].map(|name| ChannelName::new(name).unwrap())
}

/// Valid ids that the hosted service does not accept for a user who signs in.
const IDS: [&str; 6] = ["auth0|7", "a:b", "a b", "a/b", "é", "\""];

fn socket_id() -> SocketId {
    SocketId::new("1.2").unwrap()
}

#[tokio::test]
async fn trigger_rejects_names_over_limits() {
    let clients = Clients::start().await;
    for prefix in ["", "private-", "private-encrypted-", "presence-"] {
        for name in &names_with(prefix) {
            clients
                .only_wide_sends(name.as_str(), |pusher| pusher.trigger(name, "e", 1))
                .await;
        }
    }
    for name in &names_with("") {
        let channels = [ChannelName::from_static("a"), name.clone()];
        clients
            .only_wide_sends("the second of two", |pusher| {
                pusher.trigger(&channels, "e", 1)
            })
            .await;
    }
}

#[tokio::test]
async fn batch_rejects_names_over_limits() {
    let clients = Clients::start().await;
    for name in &names_with("private-") {
        let items = || [("a".to_owned(), "e", 1), (name.to_string(), "e", 2)];
        clients
            .only_wide_sends("tuples", |pusher| pusher.trigger_batch(items()))
            .await;
        let event = Event::new(name, "e", 1).unwrap();
        clients
            .only_wide_sends("an event", |pusher| pusher.trigger_batch([event.clone()]))
            .await;
    }
}

#[tokio::test]
async fn queries_reject_names_over_limits() {
    let clients = Clients::start().await;
    for name in &names_with("presence-") {
        clients
            .only_wide_sends("its state", |pusher| pusher.channel(name))
            .await;
        clients
            .only_wide_sends("its users", |pusher| pusher.users(name))
            .await;
    }
}

#[tokio::test]
async fn user_calls_reject_ids_outside_limits() {
    let clients = Clients::start().await;
    for id in IDS {
        clients
            .only_wide_sends(id, |pusher| pusher.send_to_user(id, "e", 1))
            .await;
        clients
            .only_wide_sends(id, |pusher| pusher.terminate_user_connections(id))
            .await;
        let user = UserData::new(id).unwrap();
        clients.only_wide_signs(id, |pusher| pusher.authenticate_user(&socket_id(), &user));
        let watching = UserData::new(1).unwrap().watchlist(["2", id]).unwrap();
        clients.only_wide_signs(id, |pusher| {
            pusher.authenticate_user(&socket_id(), &watching)
        });
    }
}

#[tokio::test]
async fn channel_authorization_rejects_names_over_limits() {
    let clients = Clients::start().await;
    for prefix in ["private-", "private-encrypted-", "presence-"] {
        for name in &names_with(prefix) {
            let member = PresenceMember::new(1).unwrap();
            clients.only_wide_signs(name.as_str(), |pusher| match prefix {
                "presence-" => pusher.authorize_presence_channel(&socket_id(), name, &member),
                _ => pusher.authorize_channel(&socket_id(), name),
            });
            let form = format!("socket_id=1.2&channel_name={name}");
            let request = ChannelAuthRequest::from_form(form.as_bytes()).unwrap();
            clients.only_wide_signs(name.as_str(), |pusher| pusher.authorize(&request, &member));
        }
    }
}

/// A name of 164 characters is within the limit. The tests above reject one of 165.
#[tokio::test]
async fn accepts_names_and_ids_within_limits() {
    let clients = Clients::start().await;
    let pusher = &clients.hosted;
    let longest = |prefix: &str| {
        let name = format!("{prefix}{}", "x".repeat(164 - prefix.len()));
        ChannelName::new(name).unwrap()
    };
    for _ in 0..6 {
        clients.server.will_respond(200, RESPONSE_BODY);
    }
    pusher.trigger(longest(""), "e", 1).await.unwrap();
    pusher.channel(longest("private-")).await.unwrap();
    pusher.users(longest("presence-")).await.unwrap();
    let batch = [(longest("presence-"), "e", 1)];
    pusher.trigger_batch(batch).await.unwrap();
    let id = "aZ09_-=@,.;";
    pusher.send_to_user(id, "e", 1).await.unwrap();
    pusher.terminate_user_connections(id).await.unwrap();
    assert_eq!(clients.server.recorded().len(), 6);

    let (socket_id, user) = (socket_id(), UserData::new(id).unwrap());
    pusher.authenticate_user(&socket_id, &user).unwrap();
    let channel = longest("private-");
    pusher.authorize_channel(&socket_id, &channel).unwrap();
    // The id of a presence member may contain any character.
    let channel = longest("presence-");
    for id in IDS {
        let member = PresenceMember::new(id).unwrap();
        let auth = pusher.authorize_presence_channel(&socket_id, &channel, member);
        let data = serde_json::json!({"user_id": id}).to_string();
        assert_eq!(auth.unwrap().channel_data(), Some(data.as_str()));
    }
}
