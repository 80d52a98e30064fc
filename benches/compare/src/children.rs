//! The official Node and Python libraries: child processes that take their turns as everybody
//! else does, by lines of JSON, and time themselves.
//!
//! The first line is what they need; they respond with their name. Each line after that asks for
//! some `times` of a `work` after some to `warm_up`, or for a `sample` of it.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::Failure;
use crate::candidates::{Candidate, Role};
use crate::fixtures::{
    APP_ID, CATALOGUE, CHANNEL, CHANNELS, EVENT, KEY, MEMBER, OFFER, PRESENCE_CHANNEL,
    PRIVATE_CHANNEL, SECRET, SOCKET_ID, WEBHOOK,
};
use crate::machine::Cost;
use crate::work::{AT_ONCE, BULK_IN_FLIGHT, Work};

/// Those that are installed. Says which are not.
pub(crate) fn start(sink: SocketAddr) -> Vec<Box<dyn Candidate>> {
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    let (node, python) = (peers.join("node"), peers.join("python"));
    let venv = python.join("venv/bin/python");
    let mut started: Vec<Box<dyn Candidate>> = Vec::new();
    for (language, installed, interpreter, program) in [
        (
            "Node",
            &node.join("node_modules/pusher"),
            Path::new("node"),
            node.join("peer.mjs"),
        ),
        ("Python", &venv, &*venv, python.join("peer.py")),
    ] {
        if !installed.exists() {
            eprintln!("{language} is left out: peers/install.sh has not installed its library");
            continue;
        }
        match Peer::start(Command::new(interpreter).arg(program), sink) {
            Ok(peer) => started.push(Box::new(peer)),
            Err(failure) => eprintln!("{language} is left out: {failure}"),
        }
    }
    started
}

struct Peer {
    name: String,
    process: Child,
    questions: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// The response of a child; for a failure its own message.
#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer<T> {
    Done(T),
    Failed(String),
}

#[derive(Deserialize)]
struct Nanoseconds {
    wall: u64,
    cpu: u64,
}

impl Peer {
    fn start(command: &mut Command, sink: SocketAddr) -> Result<Self, Failure> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            // A proxy would be between it and the sink.
            .env("NO_PROXY", "127.0.0.1")
            .env("no_proxy", "127.0.0.1")
            .spawn()?;
        let (Some(questions), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err("it has no pipes".into());
        };
        let mut peer = Self {
            name: String::new(),
            process,
            questions,
            answers: BufReader::new(answers),
        };
        peer.name = peer.ask(&json!({
            "host": sink.ip(), "port": sink.port(), "app_id": APP_ID, "key": KEY, "secret": SECRET,
            "event": EVENT, "channel": CHANNEL, "channels": CHANNELS, "offer": OFFER,
            "catalogue": *CATALOGUE, "at_once": AT_ONCE, "bulk_in_flight": BULK_IN_FLIGHT, "socket_id": SOCKET_ID,
            "private_channel": PRIVATE_CHANNEL, "presence_channel": PRESENCE_CHANNEL,
            "member": MEMBER,
            "webhook": {"body": WEBHOOK.body, "signature": WEBHOOK.signature},
        }))?;
        Ok(peer)
    }

    fn ask<T: DeserializeOwned>(&mut self, question: &Value) -> Result<T, Failure> {
        writeln!(self.questions, "{question}")?;
        let mut answer = String::new();
        if self.answers.read_line(&mut answer)? == 0 {
            return Err("it has ended".into());
        }
        match serde_json::from_str(&answer)? {
            Answer::Done(answer) => Ok(answer),
            Answer::Failed(words) => Err(words.into()),
        }
    }
}

impl Candidate for Peer {
    fn name(&self) -> &str {
        &self.name
    }

    fn role(&self) -> Role {
        Role::Peer
    }

    fn offers(&self, _: Work) -> bool {
        true
    }

    fn sample(&mut self, work: Work) -> Result<Value, Failure> {
        self.ask(&json!({"sample": work.key()}))
    }

    fn run(&mut self, work: Work, times: usize) -> Result<Cost, Failure> {
        let question = json!({"work": work.key(), "warm_up": work.warm_up(), "times": times});
        let took: Nanoseconds = self.ask(&question)?;
        Ok(Cost {
            wall: Duration::from_nanos(took.wall),
            cpu: Duration::from_nanos(took.cpu),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended by itself, and nobody is left to be told.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
