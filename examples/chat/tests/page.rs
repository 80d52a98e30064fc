//! The chat's program and its page, used by several people in Chromium.
//!
//! `test.sh` installs the requirements.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)] // A test fails by panicking.

use std::process::Stdio;

use pusher_dev_server::{DevServer, Fault};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

type Output = Lines<BufReader<ChildStdout>>;

fn spawn(command: &mut Command) -> (Child, Output) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.kill_on_drop(true).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap()).lines();
    (child, output)
}

/// Starts the chat; returns it, its output and its page's address.
///
/// An empty URL counts as not set.
async fn start_chat(pusher_url: &str) -> (Child, Output, String) {
    let (child, mut output) = spawn(
        Command::new(env!("CARGO_BIN_EXE_chat"))
            .env("CHAT_ADDRESS", "127.0.0.1:0")
            .env("CHAT_DATABASE", ":memory:")
            .env("PUSHER_URL", pusher_url)
            .env("PUSHER_APP_ID", ""),
    );
    loop {
        let line = output.next_line().await.unwrap();
        let line = line.expect("the page's address");
        if let Some(url) = line.strip_prefix("open ") {
            return (child, output, url.to_owned());
        }
    }
}

fn script(name: &str, url: &str) -> (Child, Output) {
    spawn(
        Command::new("node")
            .arg(format!("{}/tests/{name}", env!("CARGO_MANIFEST_DIR")))
            .arg(url),
    )
}

#[tokio::test]
#[ignore = "test.sh installs what it needs"]
async fn people_chat() {
    let (_chat, mut webhooks, url) = start_chat("").await;
    let (mut node, _output) = script("people.mjs", &url);
    assert!(node.wait().await.unwrap().success());

    // The log of the service's webhooks up to now.
    let line = webhooks.next_line().await.unwrap();
    assert_eq!(line.as_deref(), Some("user 1 came to presence-room-1"));
}

#[tokio::test]
#[ignore = "test.sh installs what it needs"]
async fn what_was_missed_is_there_after_an_outage() {
    let mut service = Some(DevServer::start().await.unwrap());
    let address = service.as_ref().unwrap().address();
    let pusher_url = format!("http://local-key:local-secret@{address}/apps/local-app");
    let (_chat, _output, url) = start_chat(&pusher_url).await;

    // The script writes commands for the service, and gets a reply when each is done.
    let (mut node, mut commands) = script("outage.mjs", &url);
    while let Some(command) = commands.next_line().await.unwrap() {
        match (&*command, service.take()) {
            ("stop", Some(running)) => running.stop().await,
            ("start", None) => {
                let builder = DevServer::builder().address(address);
                service = Some(builder.start().await.unwrap());
            }
            ("fail next", Some(running)) => {
                running.fail_next(Fault::Status(500));
                service = Some(running);
            }
            ("has failed", Some(running)) => {
                while !running.calls().iter().any(|call| call.fault.is_some()) {
                    tokio::task::yield_now().await;
                }
                service = Some(running);
            }
            (other, _) => panic!("no such command: {other}"),
        }
        let input = node.stdin.as_mut().unwrap();
        input.write_all(b"done\n").await.unwrap();
    }
    assert!(node.wait().await.unwrap().success());
}
