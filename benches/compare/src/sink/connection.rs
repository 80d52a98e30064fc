//! One connection of the sink: requests in as they come, responses out.

use std::borrow::Cow;
use std::io::{self, Read as _, Write as _};

use mio::net::TcpStream;

use super::check::Request;

const BUFFER_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 32;

/// The response to a request, head and body.
pub(super) type Answer = Cow<'static, [u8]>;

pub(super) struct Connection {
    pub(super) stream: TcpStream,
    buffer: Vec<u8>,
    filled: usize,
}

impl Connection {
    pub(super) fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            buffer: vec![0; BUFFER_BYTES],
            filled: 0,
        }
    }

    /// Responds to the requests that have come. `false` if the connection is over.
    pub(super) fn serve(&mut self, answer: &mut impl FnMut(&Request<'_>) -> Answer) -> bool {
        loop {
            if self.filled == self.buffer.len() {
                self.buffer.resize(2 * self.filled, 0);
            }
            let room = self.buffer.len() - self.filled;
            match self.stream.read(&mut self.buffer[self.filled..]) {
                Ok(0) => return false,
                Ok(read) => {
                    self.filled += read;
                    if self.answer_all(answer).is_err() {
                        return false;
                    }
                    // A read that leaves room has taken all there was: see epoll(7).
                    if read < room {
                        return true;
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return true,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(_) => return false,
            }
        }
    }

    fn answer_all(&mut self, answer: &mut impl FnMut(&Request<'_>) -> Answer) -> io::Result<()> {
        let mut start = 0;
        while let Some((request, bytes)) = complete(&self.buffer[start..self.filled])? {
            // A response of a few hundred bytes always has room, since the client waits for it.
            self.stream.write_all(&answer(&request))?;
            start += bytes;
        }
        self.buffer.copy_within(start..self.filled, 0);
        self.filled -= start;
        Ok(())
    }
}

/// The first request and its bytes, if all of it is there.
fn complete(bytes: &[u8]) -> io::Result<Option<(Request<'_>, usize)>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut head = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head_bytes) = head.parse(bytes).map_err(malformed)? else {
        return Ok(None);
    };
    let header = |name: &str| {
        let mut headers = head.headers.iter();
        let header = headers.find(|header| header.name.eq_ignore_ascii_case(name));
        header.and_then(|header| std::str::from_utf8(header.value).ok())
    };
    let body_bytes: usize = header("content-length")
        .and_then(|length| length.parse().ok())
        .ok_or_else(|| malformed("no content-length"))?;
    let end = head_bytes + body_bytes;
    let Some(body) = bytes.get(head_bytes..end) else {
        return Ok(None);
    };
    let request = Request {
        method: head.method.unwrap_or_default(),
        target: head.path.unwrap_or_default(),
        content_type: header("content-type").unwrap_or_default(),
        body,
    };
    Ok(Some((request, end)))
}

fn malformed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST /a?b HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}";

    #[test]
    fn a_request_is_taken_when_all_of_it_is_there() {
        for missing in 1..=REQUEST.len() {
            let part = &REQUEST[..REQUEST.len() - missing];
            assert!(complete(part).unwrap().is_none());
        }
        let two = [REQUEST, REQUEST].concat();
        let (request, bytes) = complete(&two).unwrap().unwrap();
        assert_eq!((request.method, request.target), ("POST", "/a?b"));
        assert_eq!((request.body, bytes), (&b"{}"[..], REQUEST.len()));
    }

    #[test]
    fn what_is_no_such_request_ends_the_connection() {
        assert!(complete(b"\x16\x03\x01").is_err());
        assert!(complete(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }
}
