//! A request as it was sent, parsed without an HTTP library.

use std::ops::Range;
use std::time::{SystemTime, UNIX_EPOCH};

use http::Method;
use pusher_http::Credentials;
use pusher_http::api::verify;

use crate::common::{KEY, SECRET};

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

/// Returns the range of the body of the message at the start of these bytes, once the message is
/// complete. A message without a `content-length` has a body of 0 bytes.
pub fn body_of(bytes: &[u8]) -> Option<Range<usize>> {
    let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..head_end]).expect("the head is text");
    let length = head
        .split("\r\n")
        .find_map(|line| line.strip_prefix("content-length: "))
        .map_or(0, |length| length.parse().expect("a length"));
    let start = head_end + 4;
    (bytes.len() >= start + length).then_some(start..start + length)
}

impl Request {
    /// Returns the request at the start of these bytes and its length, once it is complete.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let body = body_of(bytes)?;
        let head = std::str::from_utf8(&bytes[..body.start - 4]).expect("the head is text");
        let mut lines = head.split("\r\n");
        let first: Vec<_> = lines.next().unwrap().split(' ').collect();
        let [method, target, "HTTP/1.1"] = first[..] else {
            panic!("a request line: {first:?}");
        };
        let (path, query) = target.split_once('?').expect("a signed target");
        let headers: Vec<_> = lines
            .map(|line| {
                let (name, value) = line.split_once(": ").expect("a header");
                (name.to_ascii_lowercase(), value.to_owned())
            })
            .collect();
        let request = Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body: bytes[body.clone()].to_vec(),
        };
        Some((request, body.end))
    }

    pub fn query(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map_or_else(
                || panic!("{name} in {}", self.query),
                |(_, value)| value.into_owned(),
            )
    }

    pub fn timestamp(&self) -> u64 {
        self.query("auth_timestamp").parse().unwrap()
    }

    /// Panics unless the signature is valid for this request and the current time.
    pub fn assert_is_signed(&self) {
        let credentials = Credentials::new(KEY, SECRET).unwrap();
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        let now = now.as_secs();
        verify(
            &[credentials],
            &self.method,
            &self.path,
            &self.query,
            &self.body,
            now,
        )
        .unwrap();
    }
}
