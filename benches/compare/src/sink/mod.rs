//! The other end of every call: a server in a process of its own, on a core of its own, that does
//! as little as HTTP/1.1 lets it, and responds with `{}`. It can check each request first.
//!
//! It is told on its standard input what to do, line by line, and responds to each line with a line:
//! `answer` to every request, or `prove` with the work that they belong to; and `report`.

mod check;
mod connection;
mod handle;

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap};
use std::io::{self, BufRead as _, ErrorKind, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::process::exit;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use mio::net::TcpListener;
use mio::{Events, Interest, Poll, Token};
use serde::{Deserialize, Serialize};

use crate::Failure;
use crate::machine::{self, Cores};
use crate::work::Work;
use check::Request;
use connection::{Answer, Connection};
pub(crate) use handle::Sink;

const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// What came since the last report.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    pub(crate) requests: usize,
    /// Those that were made anew.
    pub(crate) connections: usize,
    /// The first reason to reject a request.
    pub(crate) refused: Option<String>,
    /// The fields that nobody asked for.
    pub(crate) others: BTreeSet<String>,
}

#[derive(Default)]
struct State {
    prove: Option<Work>,
    report: Report,
}

/// Serves until the standard input ends.
pub(crate) fn main() -> Result<(), Failure> {
    if let Some(cores) = Cores::choose() {
        machine::stay_on(cores.sink);
    }
    let state = Arc::new(Mutex::new(State::default()));
    let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
    println!("{}", listener.local_addr()?);
    thread::spawn({
        let state = state.clone();
        move || exit(i32::from(obey(&state).is_err()))
    });
    serve(listener, &state)
}

fn obey(state: &Mutex<State>) -> Result<(), Failure> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let mut state = lock(state);
        let report = std::mem::take(&mut state.report);
        match line.split_once(' ') {
            Some(("prove", work)) => state.prove = Some(Work::of_key(work).ok_or("no such work")?),
            None if line == "answer" => state.prove = None,
            None if line == "report" => {}
            _ => return Err("no such command".into()),
        }
        let mut out = io::stdout().lock();
        writeln!(out, "{}", serde_json::to_string(&report)?)?;
        out.flush()?;
    }
    Ok(())
}

fn serve(mut listener: TcpListener, state: &Mutex<State>) -> Result<(), Failure> {
    const LISTENER: Token = Token(0);
    let mut poll = Poll::new()?;
    let mut events = Events::with_capacity(256);
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut connections = HashMap::new();
    let mut last = LISTENER.0;
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                while let Ok((mut stream, _)) = listener.accept() {
                    stream.set_nodelay(true)?;
                    last += 1;
                    poll.registry()
                        .register(&mut stream, Token(last), Interest::READABLE)?;
                    connections.insert(Token(last), Connection::new(stream));
                    lock(state).report.connections += 1;
                }
            } else if let Some(connection) = connections.get_mut(&event.token())
                && !connection.serve(&mut |request| answer(request, &mut lock(state)))
            {
                poll.registry().deregister(&mut connection.stream)?;
                connections.remove(&event.token());
            }
        }
    }
}

fn answer(request: &Request<'_>, state: &mut State) -> Answer {
    state.report.requests += 1;
    let Some(work) = state.prove else {
        return Cow::Borrowed(ANSWER);
    };
    match check::check(request, work) {
        Ok(others) => {
            state.report.others.extend(others);
            Cow::Borrowed(ANSWER)
        }
        Err(reason) => {
            let length = reason.len();
            let answer = format!(
                "HTTP/1.1 401 Unauthorized\r\ncontent-type: text/plain\r\ncontent-length: {length}\r\n\r\n{reason}",
            );
            state.report.refused.get_or_insert(reason);
            Cow::Owned(answer.into_bytes())
        }
    }
}

/// A thread that panicked here ends the process.
fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}
