//! Servers with an untrusted certificate get no byte of a request.

use pusher_http::{Error, Outcome};

use crate::backends::{Backend, EACH, SECRET};
use crate::certificates::{Authority, Identity, expired, not_yet_valid, of_host, valid};
use crate::server::{Came, Server, Then};

const ANSWER: Then = Then::Sends("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"channels\":{}}");

#[tokio::test]
async fn trusts_server_with_certificate_of_configured_authority() {
    for &backend in EACH {
        if !backend.accepts_an_authority() {
            continue;
        }
        let authority = Authority::named("ours");
        let server = Server::start(&authority.sign(&valid()), ANSWER).await;
        let client = backend.client(server.address, &authority);
        client.trigger("a", "e", 1).await.unwrap();
        let came = server.came(1).await;
        let [Came::Bytes(request)] = &came[..] else {
            panic!("{backend:?}: {came:?}");
        };
        assert!(
            request.starts_with("POST /apps/3/events?auth_key=key&"),
            "{request}"
        );
    }
}

#[tokio::test]
async fn sends_no_byte_to_server_with_invalid_certificate() {
    let authority = Authority::named("ours");
    let sign = |params| authority.sign(&params);
    let sign_as = |name| Authority::named(name).sign(&valid());
    // The identity of the server, and the error message of rustls.
    #[rustfmt::skip] // A table.
    let cases = [
        ("expired", sign(expired()), "expired"),
        ("not yet valid", sign(not_yet_valid()), "not valid yet"),
        ("another address's", sign(of_host("127.0.0.2")), "not valid for name"),
        ("a host's name", sign(of_host("localhost")), "not valid for name"),
        ("self-signed", Identity::self_signed(&valid()), "UnknownIssuer"),
        ("by an unknown authority", sign_as("theirs"), "UnknownIssuer"),
        ("by one that says it is ours", sign_as("ours"), "BadSignature"),
        ("by a server", authority.sign_by_a_server(&valid()), "EndEntityUsedAsCa"),
    ];
    for (what, identity, message) in cases {
        for &backend in EACH {
            check_rejected(what, backend, &identity, &authority, message).await;
        }
    }
}

async fn check_rejected(
    what: &str,
    backend: Backend,
    identity: &Identity,
    believed: &Authority,
    message: &str,
) {
    let server = Server::start(identity, ANSWER).await;
    let client = backend.client(server.address, believed);
    let errors = [
        client.trigger("a", "e", 1).await.unwrap_err(),
        client.channels().await.unwrap_err(),
    ];
    for error in errors {
        let Error::Connect { .. } = error else {
            panic!("{what}, {backend:?}: {error:?}");
        };
        assert_eq!(error.outcome(), Outcome::NotAccepted);
        let shown = shown(&error);
        assert!(
            !shown.contains(SECRET) && !shown.contains("auth_"),
            "{shown}"
        );
        if backend == Backend::Rustls {
            assert!(shown.contains(message), "{what}: {shown}");
        } else {
            assert!(shown.contains("certificate"), "{what}: {shown}");
        }
    }
    // Three attempts each, because nothing was sent.
    assert_eq!(
        server.came(6).await,
        vec![Came::Nothing; 6],
        "{what}, {backend:?}"
    );
}

/// Returns the messages of an error and of all its sources, as a log would show them.
fn shown(error: &Error) -> String {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |error| {
        error.source()
    });
    let messages: Vec<_> = chain.map(ToString::to_string).collect();
    messages.join(": ")
}
