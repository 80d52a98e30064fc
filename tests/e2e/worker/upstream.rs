//! Servers in the place of the Channels service that don't behave as one.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::inbox::Inbox;
use crate::stage::{APP_ID, KEY, SECRET};

/// What becomes of a connection on which a request has come.
#[derive(Clone)]
pub(crate) enum Behaviour {
    /// Nothing, for ever.
    Silence,
    /// Nothing on the first connection, and this response on the second, once the first is ended by
    /// the other side.
    OnceGivenUp(String),
    /// These responses, one for each connection; the last one for all further ones.
    Answers(Vec<String>),
    /// This start of a response, and then silence.
    StopsAfter(String),
    /// A success response that goes on until it is no longer taken.
    Endless,
    /// It ends without a response.
    Close,
}

pub(crate) struct Upstream {
    pub(crate) url: String,
    pub(crate) address: String,
    /// The first line of each request.
    pub(crate) requests: Arc<Inbox<String>>,
    /// One for each connection that was ended by the other side before the response was complete.
    pub(crate) given_up: Arc<Inbox<()>>,
}

impl Upstream {
    pub(crate) async fn start(behaviour: Behaviour) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let requests = Arc::new(Inbox::new());
        let given_up = Arc::new(Inbox::new());
        let (seen, ended) = (requests.clone(), given_up.clone());
        tokio::spawn(async move {
            for connection in 0.. {
                let Ok((stream, _)) = listener.accept().await else {
                    return;
                };
                let (behaviour, seen, ended) = (behaviour.clone(), seen.clone(), ended.clone());
                tokio::spawn(async move {
                    let mut stream = BufReader::new(stream);
                    // The request's connection can also be ended before it has come.
                    if let Some(line) = request(&mut stream).await {
                        seen.put(line);
                        behaviour.play(connection, stream, &ended).await;
                    }
                });
            }
        });
        Self {
            url: url(&address),
            address,
            requests,
            given_up,
        }
    }
}

/// The service at an address at which nobody listens.
pub(crate) async fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    url(&listener.local_addr().unwrap().to_string())
}

fn url(address: &str) -> String {
    format!("http://{KEY}:{SECRET}@{address}/apps/{APP_ID}")
}

/// A response that ends with its connection.
pub(crate) fn answer(status: &str, headers: &str, body: &str) -> String {
    let bytes = body.len();
    format!(
        "HTTP/1.1 {status}\r\nContent-Length: {bytes}\r\nConnection: close\r\n{headers}\r\n{body}"
    )
}

impl Behaviour {
    async fn play(self, connection: usize, mut stream: BufReader<TcpStream>, given_up: &Inbox<()>) {
        match self {
            Self::OnceGivenUp(answer) if connection > 0 => {
                given_up.expect("the first's end", |()| true).await;
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
            Self::Silence | Self::OnceGivenUp(_) => {}
            Self::Answers(answers) => {
                let answer = answers.get(connection).or(answers.last()).unwrap();
                let _ = stream.write_all(answer.as_bytes()).await;
                return;
            }
            Self::StopsAfter(start) => {
                let _ = stream.write_all(start.as_bytes()).await;
            }
            Self::Endless => {
                let head = "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n";
                let mut written = stream.write_all(head.as_bytes()).await;
                while written.is_ok() {
                    written = stream.write_all(&[b' '; 8_192]).await;
                }
                return given_up.put(());
            }
            Self::Close => return,
        }
        let _ = stream.read(&mut [0]).await;
        given_up.put(());
    }
}

/// Reads a whole request, and gives its first line.
async fn request(stream: &mut BufReader<TcpStream>) -> Option<String> {
    let mut first = String::new();
    stream.read_line(&mut first).await.ok()?;
    let mut body_bytes = 0;
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        let line = line.trim_end().to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(bytes) = line.strip_prefix("content-length:") {
            body_bytes = bytes.trim().parse().unwrap();
        }
    }
    stream.read_exact(&mut vec![0; body_bytes]).await.ok()?;
    Some(first.trim_end().to_owned())
}
