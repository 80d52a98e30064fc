//! Statuses other than success.

use pusher_http::ApiErrorKind as Kind;
use pusher_http::Outcome::{NotAccepted, Unknown};

use super::Expected::Api;
use super::Received::{Part, Whole};
use super::play::play;
use super::{Row, responds, response, sends, sends_and_closes};
use crate::peer::Step::{AwaitClose, Keep, Respond, Send, Take, TakeRequest};

const PAGE: &str = "<html><title>502 Bad Gateway</title><body>nginx</body></html>";

#[rustfmt::skip] // A table.
#[tokio::test]
async fn maps_client_error_statuses() {
    play(vec![
        Row::new("400", responds("400 Bad Request", "words"), Whole, Api(400, Kind::BadRequest), NotAccepted, [1, 1, 1]),
        Row::new("401", responds("401 Unauthorized", "words"), Whole, Api(401, Kind::Authentication), NotAccepted, [1, 1, 1]),
        Row::new("401 that quotes the signed request",
            vec![TakeRequest, Respond(|request| response("401 Unauthorized", &request.query)), Keep],
            Whole, Api(401, Kind::Authentication), NotAccepted, [1, 1, 1]),
        Row::new("403", responds("403 Forbidden", "words"), Whole, Api(403, Kind::Quota), NotAccepted, [1, 1, 1]),
        Row::new("404", responds("404 Not Found", "words"), Whole, Api(404, Kind::NotFound), NotAccepted, [1, 1, 1]),
        Row::new("413", responds("413 Content Too Large", "words"), Whole, Api(413, Kind::TooLarge), NotAccepted, [1, 1, 1]),
        Row::new("413 mid-request",
            vec![Take(100), Send(response("413 Content Too Large\r\nconnection: close", "words")), AwaitClose],
            Part, Api(413, Kind::TooLarge), NotAccepted, [1, 1, 1]).large(),
        Row::new("429", responds("429 Too Many Requests", "words"), Whole, Api(429, Kind::RateLimited), NotAccepted, [3, 1, 3]),
        Row::new("403, half its words",
            sends_and_closes("HTTP/1.1 403 Forbidden\r\ncontent-length: 99\r\n\r\nwords"),
            Whole, Api(403, Kind::Quota), NotAccepted, [1, 1, 1]),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn does_not_follow_redirects() {
    let redirect = |status| responds(&format!("{status} Elsewhere\r\nlocation: /elsewhere"), "");
    let api = |status| Api(status, Kind::Redirect);
    play(vec![
        Row::new("301", redirect(301), Whole, api(301), NotAccepted, [1, 1, 1]),
        Row::new("302", redirect(302), Whole, api(302), NotAccepted, [1, 1, 1]),
        Row::new("303, which answers a POST that was acted on", redirect(303), Whole, api(303), Unknown, [1, 1, 1]),
        Row::new("307", redirect(307), Whole, api(307), NotAccepted, [1, 1, 1]),
        Row::new("308", redirect(308), Whole, api(308), NotAccepted, [1, 1, 1]),
    ])
    .await;
}

#[rustfmt::skip] // A table.
#[tokio::test]
async fn reports_unknown_outcome_if_status_does_not_tell_it() {
    play(vec![
        Row::new("101", sends("HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n"),
            Whole, Api(101, Kind::Other), Unknown, [1, 1, 1]),
        Row::new("408", responds("408 Request Timeout", ""), Whole, Api(408, Kind::Unavailable), Unknown, [3, 1, 3]),
        Row::new("418", responds("418 I'm a teapot", ""), Whole, Api(418, Kind::Other), Unknown, [1, 1, 1]),
        Row::new("500", responds("500 Internal Server Error", "words"), Whole, Api(500, Kind::Unavailable), Unknown, [3, 1, 3]),
        Row::new("502, a proxy's page", responds("502 Bad Gateway\r\ncontent-type: text/html", PAGE),
            Whole, Api(502, Kind::Unavailable), Unknown, [3, 1, 3]),
        Row::new("503", responds("503 Service Unavailable", "words"), Whole, Api(503, Kind::Unavailable), Unknown, [3, 1, 3]),
        Row::new("503, half its words",
            sends_and_closes("HTTP/1.1 503 Service Unavailable\r\ncontent-length: 99\r\n\r\nwords"),
            Whole, Api(503, Kind::Unavailable), Unknown, [3, 1, 3]),
        Row::new("504", responds("504 Gateway Timeout", ""), Whole, Api(504, Kind::Unavailable), Unknown, [3, 1, 3]),
        Row::new("999", responds("999 Request denied", ""), Whole, Api(999, Kind::Other), Unknown, [1, 1, 1]),
    ])
    .await;
}
