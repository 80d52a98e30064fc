//! What the protocol costs without a network: time and allocations.
//!
//! `cargo bench --bench protocol`
#![allow(clippy::unwrap_used)] // A benchmark fails by panicking.

use divan::{AllocProfiler, Bencher, black_box};
use pusher_http::api::{Endpoint as _, Trigger, TriggerBatch};
use pusher_http::webhook::WebhookSignature;
use pusher_http::{App, ChannelName, Event, PresenceMember, SocketId, UserData};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

fn main() {
    divan::main();
}

fn app() -> App {
    App::builder("3", "278d425bdf160c739803", "7ad3773142a6692b25b8")
        .build()
        .unwrap()
}

fn socket_id() -> SocketId {
    SocketId::new("1234.5678").unwrap()
}

fn payload() -> Value {
    json!({"id": 4711, "kind": "offer", "amount_cents": 25_000, "note": "at your \"convenience\""})
}

#[divan::bench]
fn private_token(bencher: Bencher) {
    let (app, socket_id) = (app(), socket_id());
    let channel = ChannelName::new("private-operator-7").unwrap();
    bencher.bench_local(|| app.authorize_channel(black_box(&socket_id), black_box(&channel)));
}

#[divan::bench]
fn presence_token(bencher: Bencher) {
    let (app, socket_id) = (app(), socket_id());
    let channel = ChannelName::new("presence-room-1").unwrap();
    let info = json!({"name": "Ada"});
    bencher.bench_local(|| {
        let member = PresenceMember::new("42").info(black_box(&info)).unwrap();
        app.authorize_presence_channel(&socket_id, &channel, member)
    });
}

#[divan::bench]
fn user_token(bencher: Bencher) {
    let (app, socket_id) = (app(), socket_id());
    bencher.bench_local(|| app.authenticate_user(&socket_id, &UserData::new(black_box("42"))));
}

#[divan::bench]
fn webhook_of_one_kilobyte(bencher: Bencher) {
    let app = app();
    let events: Vec<_> = (0..12)
        .map(|id| json!({"name": "member_added", "channel": "presence-room-1", "user_id": id.to_string()}))
        .collect();
    let body = json!({"time_ms": 1_403_175_510_755_u64, "events": events}).to_string();
    let headers = WebhookSignature::new(app.token(), body.as_bytes()).headers();
    bencher.bench_local(|| app.webhook(&headers, black_box(body.as_bytes())));
}

#[divan::bench]
fn trigger_built_and_signed(bencher: Bencher) {
    let (app, payload) = (app(), payload());
    bencher.bench_local(|| {
        let trigger = Trigger::new("private-operator-7", "offer.received", black_box(&payload));
        app.sign(&trigger.unwrap().request(&app).unwrap(), 1_353_088_179)
    });
}

#[divan::bench]
fn batch_of_ten_built_and_signed(bencher: Bencher) {
    let (app, payload) = (app(), payload());
    let events: Vec<_> = (0..10)
        .map(|_| Event::new("private-operator-7", "offer.received", &payload).unwrap())
        .collect();
    bencher.bench_local(|| {
        let request = TriggerBatch::new(black_box(&events)).request(&app).unwrap();
        app.sign(&request, 1_353_088_179)
    });
}
