//! Times: slow requests and responses, `Retry-After`, and deadlines.

use std::time::Duration;

use pusher_http::ApiErrorKind as Kind;
use pusher_http::Outcome::{NotAccepted, Unknown};

use super::Expected::{Api, Deadline, Timeout};
use super::Received::{Nothing, Part, Whole};
use super::play::play;
use super::{PeerBehavior, Row, responds};
use crate::peer::Script;
use crate::peer::Step::{AwaitClose, Drip, Hold, Keep, Send, Take, TakeRequest};

const CHUNKED: &str = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n";

/// Sends these bytes, and then a space every 50 ms.
fn drips(beginning: &str) -> Script {
    let drip = Drip(b" ".to_vec(), Duration::from_millis(50));
    vec![TakeRequest, Send(beginning.into()), drip]
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn times_out_if_peer_is_silent_or_slow() {
    let short = Duration::from_secs(2);
    play(vec![
        Row::new("accepts, silence", vec![Hold], Nothing, Timeout, Unknown, [3, 1, 3]).each_times_out(short),
        Row::new("half a request, silence", vec![Take(10), Hold], Part, Timeout, Unknown, [3, 1, 3])
            .each_times_out(short),
        Row::new("a request, silence", vec![TakeRequest, AwaitClose], Whole, Timeout, Unknown, [3, 1, 3])
            .each_times_out(short),
        Row::new("a head that drips", drips("HTTP/1.1 200 "), Whole, Timeout, Unknown, [3, 1, 3])
            .each_times_out(short),
        Row::new("a body that drips", drips("HTTP/1.1 200 OK\r\n\r\n{"), Whole, Timeout, Unknown, [3, 1, 3])
            .each_times_out(short),
        Row::new("503, words that drip", drips("HTTP/1.1 503 Service Unavailable\r\n\r\nwords"),
            Whole, Api(503, Kind::Unavailable), Unknown, [3, 1, 3]).each_times_out(short),
        Row::new("403, words that drip", drips("HTTP/1.1 403 Forbidden\r\n\r\nwords"),
            Whole, Api(403, Kind::Quota), NotAccepted, [1, 1, 1]).each_times_out(short),
        // The client keeps none of these bytes, so only the timeout ends the attempt.
        Row::new("1xx without end",
            vec![TakeRequest, Drip("HTTP/1.1 100 Continue\r\n\r\n".repeat(10).into(), Duration::from_millis(5))],
            Whole, Timeout, Unknown, [3, 1, 3]).each_times_out(short),
        Row::new("a chunk's size without end",
            vec![TakeRequest, Send(CHUNKED.into()), Drip("0".repeat(100).into(), Duration::from_millis(5))],
            Whole, Timeout, Unknown, [3, 1, 3]).each_times_out(short),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn waits_as_long_as_retry_after_says() {
    let busy = |headers: &str| responds(&format!("503 Service Unavailable\r\n{headers}"), "");
    let limited = |headers: &str| responds(&format!("429 Too Many Requests\r\n{headers}"), "");
    let (unavailable, rate) = (Api(503, Kind::Unavailable), Api(429, Kind::RateLimited));
    let seconds = Duration::from_secs;
    let date = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:38 GMT";
    let past = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sun, 06 Nov 1994 08:49:36 GMT";
    let far = "date: Sun, 06 Nov 1994 08:49:37 GMT\r\nretry-after: Sat, 06 Nov 2094 08:49:37 GMT";
    play(vec![
        Row::new("503, retry after 1 s", busy("retry-after: 1"), Whole, unavailable, Unknown, [3, 1, 3])
            .waits(seconds(1)),
        Row::new("429, retry after 1 s", limited("retry-after: 1"), Whole, rate, NotAccepted, [3, 1, 3])
            .waits(seconds(1)),
        Row::new("503, retry at a date, 1 s on", busy(date), Whole, unavailable, Unknown, [3, 1, 3])
            .waits(seconds(1)),
        Row::new("429, retry at a date, 1 s on", limited(date), Whole, rate, NotAccepted, [3, 1, 3])
            .waits(seconds(1)),
        Row::new("503, retry at a date that is past", busy(past), Whole, unavailable, Unknown, [3, 1, 3]),
        Row::new("503, retry after 0 s", busy("retry-after: 0"), Whole, unavailable, Unknown, [3, 1, 3]),
        // The client does not wait beyond the deadline, which is 120 s in this table.
        Row::new("503, retry after an hour", busy("retry-after: 3600"), Whole, unavailable, Unknown, [1, 1, 1]),
        Row::new("429, retry after an hour", limited("retry-after: 3600"), Whole, rate, NotAccepted, [1, 1, 1]),
        Row::new("503, retry in a hundred years", busy(far), Whole, unavailable, Unknown, [1, 1, 1]),
        Row::new("503, retry after 2^64 - 1 s", busy("retry-after: 18446744073709551615"),
            Whole, unavailable, Unknown, [1, 1, 1]),
        Row::new("503, retry after 1 s, then after an hour",
            PeerBehavior::Scripts(vec![busy("retry-after: 1"), busy("retry-after: 3600")]),
            Whole, unavailable, Unknown, [2, 1, 2]).waits(seconds(1)),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn ignores_malformed_retry_after() {
    let busy = |header: &[u8]| {
        let response = [b"HTTP/1.1 503 Busy\r\ncontent-length: 0\r\nretry-after: ", header, b"\r\n\r\n"].concat();
        vec![TakeRequest, Send(response), Keep]
    };
    let unavailable = Api(503, Kind::Unavailable);
    let row = |fault, header: &[u8]| Row::new(fault, busy(header), Whole, unavailable, Unknown, [3, 1, 3]);
    play(vec![
        row("retry after nothing", b""),
        row("retry after 2^64", b"18446744073709551616"),
        row("retry after -1", b"-1"),
        row("retry after 1e9", b"1e9"),
        row("retry after 0x10", b"0x10"),
        row("retry after soon", b"soon"),
        row("retry after 3600, 3600", b"3600, 3600"),
        row("retry after no UTF-8", b"\xff\xfe3600"),
        row("retry at a date that is none", b"Sun, 99 Nov 2094 08:49:37 GMT"),
        row("retry after nothing, and a header injected", b"\r\nx-injected: 3600\r\nretry: 3600"),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn stops_at_deadline() {
    let (short, none) = (Duration::from_secs(1), Duration::ZERO);
    play(vec![
        Row::new("silence up to the deadline", vec![TakeRequest, AwaitClose], Whole, Timeout, Unknown, [1, 1, 1])
            .deadline(short).each_takes(short),
        Row::new("a deadline that has passed", vec![], Nothing, Deadline, NotAccepted, [0, 0, 0]).deadline(none),
        Row::new("a deadline that has passed, nobody there", PeerBehavior::ClosedPort, Nothing, Deadline, NotAccepted, [0, 0, 0])
            .deadline(none),
    ])
    .await;
}
