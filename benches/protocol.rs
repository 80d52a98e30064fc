//! The cost of the protocol without a network: time and allocations.
//!
//! `cargo bench --bench protocol`
#![allow(clippy::unwrap_used)] // A benchmark fails by panicking.

use divan::counter::{BytesCount, ItemsCount};
use divan::{AllocProfiler, Bencher, black_box};
use pusher_http::api::{
    ChannelQuery, ChannelsQuery, Endpoint, SignedRequest, TerminateConnections, Trigger,
    TriggerBatch, UsersQuery,
};
use pusher_http::encryption::MasterKey;
use pusher_http::webhook::WebhookSignature;
use pusher_http::{
    App, Builder, ChannelName, Event, Info, Limits, PresenceMember, SocketId, UserData, UserId,
};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

/// Unix seconds.
const SIGNED_AT: u64 = 1_353_088_179;

fn builder() -> Builder {
    App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
}

fn app() -> App {
    builder().build_app().unwrap()
}

fn socket_id() -> SocketId {
    SocketId::new("1234.5678").unwrap()
}

fn payload() -> Value {
    json!({"id": 4711, "kind": "offer", "amount_cents": 25_000, "note": "at your \"convenience\""})
}

#[divan::bench]
fn private_channel_authorization(bencher: Bencher) {
    let (app, socket_id) = (app(), socket_id());
    let channel = ChannelName::new("private-operator-7").unwrap();
    bencher.bench_local(|| app.authorize_channel(black_box(&socket_id), black_box(&channel)));
}

#[divan::bench]
fn presence_channel_authorization(bencher: Bencher) {
    let (app, socket_id) = (app(), socket_id());
    let channel = ChannelName::new("presence-room-1").unwrap();
    let info = json!({"name": "Ada"});
    bencher.bench_local(|| {
        let member = PresenceMember::new("42").unwrap();
        let member = member.user_info(black_box(&info)).unwrap();
        app.authorize_presence_channel(&socket_id, &channel, member)
    });
}

#[divan::bench]
fn user_authentication(bencher: Bencher) {
    let (app, socket_id) = (app(), socket_id());
    bencher.bench_local(|| {
        app.authenticate_user(&socket_id, &UserData::new(black_box("42")).unwrap())
    });
}

#[divan::bench]
fn one_kilobyte_webhook(bencher: Bencher) {
    let app = app();
    let events: Vec<_> = (0..12)
        .map(|id| json!({"name": "member_added", "channel": "presence-room-1", "user_id": id.to_string()}))
        .collect();
    let body = json!({"time_ms": 1_403_175_510_755_u64, "events": events}).to_string();
    let headers = WebhookSignature::new(app.credentials(), body.as_bytes()).headers();
    bencher
        .counter(BytesCount::of_str(&body))
        .bench_local(|| app.webhook(&headers, black_box(body.as_bytes())));
}

/// Bytes of an event's data: a small notification, and nearly the most that the service accepts.
const DATA_BYTES: [usize; 2] = [100, 9_000];

/// Returns JSON with a typical number of quotes, and a text of about this many bytes.
fn payload_of(bytes: usize) -> Value {
    let entry = json!({"id": 4711, "kind": "offer", "note": "at your \"convenience\""});
    Value::Array(vec![entry; bytes.div_ceil(60)])
}

fn events(count: usize) -> Vec<Event> {
    let payload = payload();
    let event = |_| Event::new("private-operator-7", "offer.received", &payload).unwrap();
    (0..count).map(event).collect()
}

/// Measures building and signing one request.
fn bench_request<E: Endpoint>(bencher: Bencher, endpoint: impl Fn() -> E) {
    let app = app();
    bencher.bench_local(|| {
        app.sign(&endpoint().request(&app).unwrap(), SIGNED_AT)
            .unwrap()
    });
}

#[divan::bench(args = DATA_BYTES)]
fn trigger_built_and_signed(bencher: Bencher, data_bytes: usize) {
    let (app, payload) = (app(), payload_of(data_bytes));
    let bytes = serde_json::to_string(&payload).unwrap().len();
    bencher.counter(BytesCount::new(bytes)).bench_local(|| {
        let trigger = Trigger::new("private-operator-7", "offer.received", black_box(&payload));
        let request = trigger.unwrap().request(&app).unwrap();
        app.sign(&request, SIGNED_AT).unwrap()
    });
}

#[divan::bench]
fn trigger_as_url(bencher: Bencher) {
    let app = app();
    let trigger = Trigger::new("private-operator-7", "offer.received", payload()).unwrap();
    let signed = app
        .sign(&trigger.request(&app).unwrap(), SIGNED_AT)
        .unwrap();
    bencher.bench_local(|| black_box(&signed).uri());
}

#[divan::bench]
fn trigger_as_http(bencher: Bencher) {
    let app = app();
    let trigger = Trigger::new("private-operator-7", "offer.received", payload()).unwrap();
    let signed = app
        .sign(&trigger.request(&app).unwrap(), SIGNED_AT)
        .unwrap();
    bencher
        .with_inputs(|| signed.clone())
        .bench_local_values(SignedRequest::into_http);
}

/// Whole batches, larger than the hosted service accepts in one request. The cost of an event must
/// not grow with the number of events.
#[divan::bench(args = [10, 100, 10_000])]
fn batch_built_and_signed(bencher: Bencher, count: usize) {
    let limits = Limits::default().events_per_batch(count);
    let app = builder().limits(limits).build_app().unwrap();
    let events = events(count);
    bencher.counter(ItemsCount::new(count)).bench_local(|| {
        let request = TriggerBatch::new(black_box(&events)).request(&app).unwrap();
        app.sign(&request, SIGNED_AT).unwrap()
    });
}

#[divan::bench]
fn event_created(bencher: Bencher) {
    let payload = payload();
    bencher.bench_local(|| Event::new("private-operator-7", "offer.received", black_box(&payload)));
}

#[divan::bench]
fn channels_built_and_signed(bencher: Bencher) {
    bench_request(bencher, || {
        ChannelsQuery::new()
            .prefix("presence-")
            .info(Info::USER_COUNT)
    });
}

#[divan::bench]
fn channel_built_and_signed(bencher: Bencher) {
    let channel = ChannelName::new("cache-news").unwrap();
    bench_request(bencher, || {
        let query = ChannelQuery::new(&channel).unwrap();
        query.info(Info::SUBSCRIPTION_COUNT | Info::CACHE)
    });
}

#[divan::bench]
fn users_built_and_signed(bencher: Bencher) {
    let channel = ChannelName::new("presence-room-1").unwrap();
    bench_request(bencher, || UsersQuery::new(&channel).unwrap());
}

#[divan::bench]
fn terminate_built_and_signed(bencher: Bencher) {
    let user_id = UserId::new("42").unwrap();
    bench_request(bencher, || TerminateConnections::new(&user_id).unwrap());
}

#[divan::bench]
fn send_to_user_built_and_signed(bencher: Bencher) {
    let payload = payload();
    bench_request(bencher, || {
        Trigger::to_user("42", "notification", &payload).unwrap()
    });
}

#[divan::bench(args = DATA_BYTES)]
fn event_data_encrypted(bencher: Bencher, data_bytes: usize) {
    let text = payload_of(data_bytes).to_string();
    let channel = ChannelName::new("private-encrypted-room").unwrap();
    let secret = MasterKey::new([7; 32]).shared_secret(&channel);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench_local(|| secret.seal(black_box(&text), [7; 24]));
}
