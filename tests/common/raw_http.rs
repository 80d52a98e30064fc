//! HTTP requests as raw bytes, with any number of `Host` headers.
#![allow(dead_code, unreachable_pub)] // Each test crate uses only a part.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Only a broken server comes near this limit.
const DEADLINE: Duration = Duration::from_secs(20);

/// A request without its `Host` header.
pub struct RawRequest<'a> {
    /// Method and target, such as `GET /`.
    pub line: &'a str,
    /// The header lines, each with its line ending.
    pub headers: &'a str,
    pub body: &'a str,
}

pub struct RawResponse {
    pub status: u16,
    pub content_type: Option<String>,
    pub body: String,
}

impl RawRequest<'_> {
    pub async fn send(&self, address: SocketAddr, hosts: &[&str]) -> RawResponse {
        timeout(DEADLINE, self.exchange(address, hosts))
            .await
            .unwrap()
    }

    async fn exchange(&self, address: SocketAddr, hosts: &[&str]) -> RawResponse {
        let hosts: String = hosts
            .iter()
            .flat_map(|host| ["host: ", host, "\r\n"])
            .collect();
        let request = format!(
            "{} HTTP/1.1\r\n{hosts}{}content-length: {}\r\n\r\n{}",
            self.line,
            self.headers,
            self.body.len(),
            self.body
        );
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();

        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.unwrap());
        }
        let head = String::from_utf8(head).unwrap();
        let header = |name: &str| {
            let mut lines = head.lines().filter_map(|line| line.split_once(": "));
            lines
                .find(|(key, _)| *key == name)
                .map(|(_, value)| value.to_owned())
        };
        let length = header("content-length").map_or(0, |length| length.parse().unwrap());
        let mut body = vec![0; length];
        stream.read_exact(&mut body).await.unwrap();
        RawResponse {
            status: head["HTTP/1.1 ".len()..][..3].parse().unwrap(),
            content_type: header("content-type"),
            body: String::from_utf8(body).unwrap(),
        }
    }
}
