//! A request as it stood on the wire, read without an HTTP library.

use http::Method;
use pusher_http::Token;
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

impl Request {
    /// The request that these bytes begin with and its length, once all of it is there.
    pub fn read(bytes: &[u8]) -> Option<(Self, usize)> {
        let head_end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
        let head = std::str::from_utf8(&bytes[..head_end]).expect("the head is text");
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
        let length = headers
            .iter()
            .find(|(name, _)| name == "content-length")
            .map_or(0, |(_, length)| length.parse().expect("a length"));
        let body_start = head_end + 4;
        let body = bytes.get(body_start..body_start + length)?.to_vec();
        let request = Self {
            method: method.parse().unwrap(),
            path: path.to_owned(),
            query: query.to_owned(),
            headers,
            body,
        };
        Some((request, body_start + length))
    }

    pub fn query(&self, name: &str) -> String {
        url::form_urlencoded::parse(self.query.as_bytes())
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_else(|| panic!("{name} in {}", self.query))
    }

    pub fn timestamp(&self) -> u64 {
        self.query("auth_timestamp").parse().unwrap()
    }

    /// Panics unless the signature is that of this very request.
    pub fn assert_is_signed(&self) {
        let token = Token::new(KEY, SECRET).unwrap();
        verify(
            &[token],
            &self.method,
            &self.path,
            &self.query,
            &self.body,
            self.timestamp(),
        )
        .unwrap();
    }
}
