//! The accepted forms of arguments: names, ids, lists of them, and connections. The tests check the
//! exact request of each form.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.
#![allow(clippy::needless_borrows_for_generic_args)] // The tests cover these forms.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Arc, Mutex};

use pusher_http::api::{Endpoint, Trigger, TriggerBatch};
use pusher_http::bytes::Bytes;
use pusher_http::http::{Request, Response};
use pusher_http::{
    App, ChannelName, Error, Event, EventName, Outcome, PresenceMember, Pusher, SocketId, UserData,
    UserId,
};

/// Records the path and the body of each request. All requests succeed.
struct Recorder {
    pusher: Pusher,
    sent: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    fn new() -> Self {
        let sent = Arc::<Mutex<Vec<String>>>::default();
        let record = sent.clone();
        let client = move |request: Request<Bytes>| {
            let body = std::str::from_utf8(request.body()).unwrap();
            let request = format!("{} {body}", request.uri().path());
            record.lock().unwrap().push(request);
            let response = Bytes::from_static(br#"{"occupied":true,"users":[]}"#);
            async { Ok(Response::new(response)) }
        };
        let builder = Pusher::builder("3", "key", "secret").http_client(client);
        let pusher = builder.build().unwrap();
        Self { pusher, sent }
    }

    /// Returns the requests since the last call.
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.sent.lock().unwrap())
    }
}

fn app() -> App {
    App::builder("3", "key", "secret").build_app().unwrap()
}

fn body<E: Endpoint>(endpoint: &E) -> String {
    let request = endpoint.request(&app()).unwrap();
    String::from_utf8(request.body().to_vec()).unwrap()
}

fn socket_id() -> SocketId {
    SocketId::new("1.2").unwrap()
}

// === Application types ===

struct Room(u64);

impl TryFrom<&Room> for ChannelName {
    type Error = Error;

    fn try_from(room: &Room) -> Result<Self, Error> {
        // Room 0 does not exist, so it gives an invalid name.
        Self::new(match room.0 {
            0 => "no room".to_owned(),
            number => format!("presence-room-{number}"),
        })
    }
}

enum Place {
    First,
    Second,
}

impl From<Place> for ChannelName {
    fn from(place: Place) -> Self {
        match place {
            Place::First => const { Self::from_static("presence-room-1") },
            Place::Second => const { Self::from_static("presence-room-2") },
        }
    }
}

enum Notice {
    Offer,
}

impl From<Notice> for EventName {
    fn from(notice: Notice) -> Self {
        match notice {
            Notice::Offer => const { Self::from_static("offer.received") },
        }
    }
}

struct Versioned<'a>(&'a str);

impl TryFrom<&Versioned<'_>> for EventName {
    type Error = Error;

    fn try_from(event: &Versioned<'_>) -> Result<Self, Error> {
        Self::new(format!("{}.received", event.0))
    }
}

#[derive(Clone, Copy)]
struct Account(u64);

impl From<Account> for UserId {
    fn from(account: Account) -> Self {
        account.0.into()
    }
}

impl TryFrom<&Account> for UserId {
    type Error = Error;

    fn try_from(account: &Account) -> Result<Self, Error> {
        Self::new(account.0.to_string())
    }
}

// === One channel ===

const CHANNEL: &str = "presence-room-1";

/// Runs the check with every form of the channel.
macro_rules! with_each_channel {
    ($check:ident) => {
        let name = ChannelName::new(CHANNEL).unwrap();
        let text = CHANNEL.to_owned();
        $check!(CHANNEL);
        $check!(&CHANNEL);
        $check!(text.as_str());
        $check!(&text);
        $check!(text.clone());
        $check!(Cow::Borrowed(CHANNEL));
        $check!(Cow::<str>::Owned(text.clone()));
        $check!(Arc::<str>::from(CHANNEL));
        $check!(Box::<str>::from(CHANNEL));
        $check!(&name);
        $check!(name.clone());
        $check!(&Room(1));
        $check!(Place::First);
    };
}

#[tokio::test]
async fn trigger_takes_every_form_of_a_channel() {
    let recorder = Recorder::new();
    let expected = r#"/apps/3/events {"name":"message","channels":["presence-room-1"],"data":"1"}"#;
    macro_rules! check {
        ($form:expr) => {
            let call = recorder.pusher.trigger($form, "message", 1);
            call.await.unwrap();
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    with_each_channel!(check);
}

#[test]
fn event_takes_every_form_of_a_channel() {
    macro_rules! check {
        ($form:expr) => {
            let events = [Event::new($form, "message", 1).unwrap()];
            assert_eq!(
                body(&TriggerBatch::new(&events)),
                r#"{"batch":[{"channel":"presence-room-1","name":"message","data":"1"}]}"#,
                "{}",
                stringify!($form)
            );
        };
    }
    with_each_channel!(check);
}

#[tokio::test]
async fn channel_query_takes_every_form_of_a_channel() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr) => {
            let state = recorder.pusher.channel($form).await.unwrap();
            assert!(state.occupied);
            let expected = ["/apps/3/channels/presence-room-1 "];
            assert_eq!(recorder.take(), expected, "{}", stringify!($form));
        };
    }
    with_each_channel!(check);
}

#[tokio::test]
async fn users_query_takes_every_form_of_a_channel() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr) => {
            let users = recorder.pusher.users($form).await.unwrap();
            assert!(users.is_empty());
            let expected = ["/apps/3/channels/presence-room-1/users "];
            assert_eq!(recorder.take(), expected, "{}", stringify!($form));
        };
    }
    with_each_channel!(check);
}

#[tokio::test]
async fn conversion_error_of_application_type_is_returned_by_call() {
    let recorder = Recorder::new();
    let pusher = &recorder.pusher;
    for error in [
        pusher.trigger(&Room(0), "message", 1).await.unwrap_err(),
        pusher
            .trigger(&[Room(1), Room(0)], "message", 1)
            .await
            .unwrap_err(),
        pusher.channel(&Room(0)).await.unwrap_err(),
        pusher.users(&Room(0)).await.unwrap_err(),
        Event::new(&Room(0), "message", 1).unwrap_err(),
    ] {
        assert!(
            matches!(&error, Error::Invalid { what: "channel name", value, .. } if value == "no room"),
            "{error:?}"
        );
        assert_eq!(error.outcome(), Outcome::NotAccepted);
    }
    assert!(recorder.take().is_empty());
}

// === Lists of channels ===

#[tokio::test]
async fn trigger_takes_every_form_of_a_list_of_channels() {
    let recorder = Recorder::new();
    let expected = r#"/apps/3/events {"name":"message","channels":["presence-room-1","presence-room-2"],"data":"1"}"#;
    macro_rules! check {
        ($form:expr) => {
            let call = recorder.pusher.trigger($form, "message", 1);
            call.await.unwrap();
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    let texts = ["presence-room-1", "presence-room-2"];
    let strings = texts.map(str::to_owned);
    let names = texts.map(|text| ChannelName::new(text).unwrap());
    let rooms = vec![Room(1), Room(2)];

    check!(texts);
    check!(&texts);
    check!(&texts[..]);
    check!(texts.to_vec());
    check!(&texts.to_vec());
    check!(BTreeSet::from(texts));
    check!(&BTreeSet::from(texts));
    check!(texts.iter());

    check!(strings.clone());
    check!(&strings);
    check!(&strings[..]);
    check!(strings.to_vec());
    check!(&strings.to_vec());
    check!(BTreeSet::from(strings.clone()));
    check!(&BTreeSet::from(strings.clone()));
    check!(strings.iter().map(String::as_str));

    check!(names.clone());
    check!(&names);
    check!(&names[..]);
    check!(names.to_vec());
    check!(&names.to_vec());
    check!(BTreeSet::from(names.clone()));
    check!(&BTreeSet::from(names.clone()));

    check!(texts.map(Cow::Borrowed));
    check!(texts.map(Arc::<str>::from));
    check!(texts.map(Box::<str>::from));
    check!((1..=2).map(|number| format!("presence-room-{number}")));
    check!([Room(1), Room(2)].iter());
    check!(&rooms);
    check!(&rooms[..]);
    check!(vec![Place::First, Place::Second]);
    check!([Place::First, Place::Second]);
}

#[tokio::test]
async fn trigger_takes_a_list_of_one_channel() {
    let recorder = Recorder::new();
    let expected = r#"/apps/3/events {"name":"message","channels":["presence-room-1"],"data":"1"}"#;
    macro_rules! check {
        ($form:expr) => {
            let call = recorder.pusher.trigger($form, "message", 1);
            call.await.unwrap();
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    check!([CHANNEL]);
    check!(&[CHANNEL]);
    check!(vec![Place::First]);
    check!(&vec![Room(1)]);
    check!(HashSet::from([CHANNEL]));
    check!(&HashSet::from([CHANNEL.to_owned()]));
    check!(HashSet::from([ChannelName::new(CHANNEL).unwrap()]));
}

// === Event names ===

macro_rules! with_each_event_name {
    ($check:ident) => {
        let name = EventName::new("offer.received").unwrap();
        let text = "offer.received".to_owned();
        $check!("offer.received");
        $check!(&"offer.received");
        $check!(text.as_str());
        $check!(&text);
        $check!(text.clone());
        $check!(Cow::Borrowed("offer.received"));
        $check!(Cow::<str>::Owned(text.clone()));
        $check!(Arc::<str>::from("offer.received"));
        $check!(Box::<str>::from("offer.received"));
        $check!(&name);
        $check!(name.clone());
        $check!(Notice::Offer);
        $check!(&Versioned("offer"));
    };
}

#[tokio::test]
async fn trigger_takes_every_form_of_an_event_name() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr) => {
            let call = recorder.pusher.trigger("a", $form, 1);
            call.await.unwrap();
            let expected =
                [r#"/apps/3/events {"name":"offer.received","channels":["a"],"data":"1"}"#];
            assert_eq!(recorder.take(), expected, "{}", stringify!($form));
        };
    }
    with_each_event_name!(check);
}

#[test]
fn event_takes_every_form_of_an_event_name() {
    macro_rules! check {
        ($form:expr) => {
            let events = [Event::new("a", $form, 1).unwrap()];
            assert_eq!(
                body(&TriggerBatch::new(&events)),
                r#"{"batch":[{"channel":"a","name":"offer.received","data":"1"}]}"#,
                "{}",
                stringify!($form)
            );
        };
    }
    with_each_event_name!(check);
}

#[tokio::test]
async fn send_to_user_takes_every_form_of_an_event_name() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr) => {
            let call = recorder.pusher.send_to_user("42", $form, 1);
            call.await.unwrap();
            let expected = [
                r##"/apps/3/events {"name":"offer.received","channels":["#server-to-user-42"],"data":"1"}"##,
            ];
            assert_eq!(recorder.take(), expected, "{}", stringify!($form));
        };
    }
    with_each_event_name!(check);
}

// === User ids ===

#[cfg(feature = "uuid")]
const UUID: &str = "67e55044-10b1-426f-9247-bb680e5fe0c8";

/// Runs the check with every form of a user id and the id's text.
macro_rules! with_each_user_id {
    ($check:ident) => {
        let id = UserId::new("42").unwrap();
        let text = "42".to_owned();
        $check!("42", "42");
        $check!(&"42", "42");
        $check!(text.as_str(), "42");
        $check!(&text, "42");
        $check!(text.clone(), "42");
        $check!(Cow::Borrowed("42"), "42");
        $check!(Cow::<str>::Owned(text.clone()), "42");
        $check!(Arc::<str>::from("42"), "42");
        $check!(Box::<str>::from("42"), "42");
        $check!(&id, "42");
        $check!(id.clone(), "42");
        $check!(42, "42");
        $check!(42_u8, "42");
        $check!(42_u16, "42");
        $check!(42_u32, "42");
        $check!(u64::MAX, "18446744073709551615");
        $check!(u128::MAX, "340282366920938463463374607431768211455");
        $check!(42_usize, "42");
        $check!(-42_i8, "-42");
        $check!(-42_i16, "-42");
        $check!(-42_i32, "-42");
        $check!(i64::MIN, "-9223372036854775808");
        $check!(i128::MIN, "-170141183460469231731687303715884105728");
        $check!(-42_isize, "-42");
        $check!(Account(42), "42");
        $check!(&Account(42), "42");
        #[cfg(feature = "uuid")]
        {
            $check!(uuid::Uuid::parse_str(UUID).unwrap(), UUID);
        }
    };
}

#[tokio::test]
async fn send_to_user_takes_every_form_of_a_user_id() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr, $id:expr) => {
            let call = recorder.pusher.send_to_user($form, "message", 1);
            call.await.unwrap();
            let expected = format!(
                r##"/apps/3/events {{"name":"message","channels":["#server-to-user-{}"],"data":"1"}}"##,
                $id
            );
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    with_each_user_id!(check);
}

#[tokio::test]
async fn terminate_user_connections_takes_every_form_of_a_user_id() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr, $id:expr) => {
            let call = recorder.pusher.terminate_user_connections($form);
            call.await.unwrap();
            let expected = format!("/apps/3/users/{}/terminate_connections {{}}", $id);
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    with_each_user_id!(check);
}

#[test]
fn presence_member_takes_every_form_of_a_user_id() {
    let channel = ChannelName::new(CHANNEL).unwrap();
    macro_rules! check {
        ($form:expr, $id:expr) => {
            let member = PresenceMember::new($form).unwrap();
            let auth = app().authorize_presence_channel(&socket_id(), &channel, member);
            assert_eq!(
                auth.unwrap().channel_data(),
                Some(&*format!(r#"{{"user_id":"{}"}}"#, $id)),
                "{}",
                stringify!($form)
            );
        };
    }
    with_each_user_id!(check);
}

fn user_data(user: &UserData) -> String {
    let auth = app().authenticate_user(&socket_id(), user).unwrap();
    auth.user_data().to_owned()
}

#[test]
fn user_data_takes_every_form_of_a_user_id() {
    macro_rules! check {
        ($form:expr, $id:expr) => {
            assert_eq!(
                user_data(&UserData::new($form).unwrap()),
                format!(r#"{{"id":"{}"}}"#, $id),
                "{}",
                stringify!($form)
            );
        };
    }
    with_each_user_id!(check);
}

#[test]
fn watchlist_takes_every_form_of_a_user_id() {
    macro_rules! check {
        ($form:expr, $id:expr) => {
            let user = UserData::new("1").unwrap().watchlist([$form]).unwrap();
            assert_eq!(
                user_data(&user),
                format!(r#"{{"id":"1","watchlist":["{}"]}}"#, $id),
                "{}",
                stringify!($form)
            );
        };
    }
    with_each_user_id!(check);
}

#[test]
fn watchlist_takes_every_form_of_a_list() {
    macro_rules! check {
        ($form:expr) => {
            let user = UserData::new("1").unwrap().watchlist($form).unwrap();
            assert_eq!(
                user_data(&user),
                r#"{"id":"1","watchlist":["7","9"]}"#,
                "{}",
                stringify!($form)
            );
        };
    }
    let ids = [7, 9].map(UserId::from);
    check!(["7", "9"]);
    check!(&["7", "9"]);
    check!(vec![7_u64, 9]);
    check!(BTreeSet::from(["7".to_owned(), "9".to_owned()]));
    check!(&["7".to_owned(), "9".to_owned()][..]);
    check!(ids.clone());
    check!(&ids);
    check!([7, 9].map(Account));
    check!(&[7, 9].map(Account));
    check!((7..10).step_by(2));
}

// === The excluded connection ===

/// Runs the check with every form of the excluded connection, and whether there is one.
macro_rules! with_each_exclusion {
    ($check:ident) => {
        let id = socket_id();
        $check!(id.clone(), true);
        $check!(&id, true);
        $check!(Some(id.clone()), true);
        $check!(Some(&id), true);
        $check!(&Some(id.clone()), true);
        $check!(None::<SocketId>, false);
        $check!(None::<&SocketId>, false);
        $check!(&None::<SocketId>, false);
    };
}

fn field_of(is_excluded: bool) -> &'static str {
    if is_excluded {
        r#","socket_id":"1.2""#
    } else {
        ""
    }
}

#[tokio::test]
async fn trigger_takes_every_form_of_an_excluded_connection() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr, $is_excluded:expr) => {
            let field = field_of($is_excluded);
            let expected = format!(r#"{{"name":"e","channels":["a"],"data":"1"{field}}}"#);
            let trigger = Trigger::new("a", "e", 1).unwrap().exclude($form);
            assert_eq!(body(&trigger), expected, "{}", stringify!($form));
            assert_eq!(trigger.excluded().is_some(), $is_excluded);

            let call = recorder.pusher.trigger("a", "e", 1).exclude($form);
            call.await.unwrap();
            let expected = format!("/apps/3/events {expected}");
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    with_each_exclusion!(check);
}

#[test]
fn event_takes_every_form_of_an_excluded_connection() {
    macro_rules! check {
        ($form:expr, $is_excluded:expr) => {
            let field = field_of($is_excluded);
            let events = [Event::new("a", "e", 1).unwrap().exclude($form)];
            assert_eq!(
                body(&TriggerBatch::new(&events)),
                format!(r#"{{"batch":[{{"channel":"a","name":"e","data":"1"{field}}}]}}"#),
                "{}",
                stringify!($form)
            );
        };
    }
    with_each_exclusion!(check);
}

#[tokio::test]
async fn batch_takes_every_form_of_an_excluded_connection() {
    let recorder = Recorder::new();
    macro_rules! check {
        ($form:expr, $is_excluded:expr) => {
            let batch = recorder.pusher.trigger_batch([("a", "e", 1)]).exclude($form);
            batch.await.unwrap();
            let field = field_of($is_excluded);
            let expected = format!(
                r#"/apps/3/batch_events {{"batch":[{{"channel":"a","name":"e","data":"1"{field}}}]}}"#
            );
            assert_eq!(recorder.take(), [expected], "{}", stringify!($form));
        };
    }
    with_each_exclusion!(check);
}
