//! Servers whose certificate is not to be believed get no byte of a request.

use pusher_http::{Error, Outcome};

use crate::backends::{Backend, EACH, SECRET};
use crate::certificates::{Authority, Identity, expired, good, not_yet_valid, of_host};
use crate::server::{Came, Server, Then};

const ANSWER: Then = Then::Sends("HTTP/1.1 200 OK\r\ncontent-length: 15\r\n\r\n{\"channels\":{}}");

#[tokio::test]
async fn a_server_that_the_clients_own_authority_vouches_for_is_believed() {
    for &backend in EACH {
        if !backend.takes_an_authority() {
            continue;
        }
        let authority = Authority::called("ours");
        let server = Server::start(&authority.sign(&good()), ANSWER).await;
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
async fn no_other_gets_a_byte_of_a_request() {
    let authority = Authority::called("ours");
    let sign = |params| authority.sign(&params);
    let sign_as = |name| Authority::called(name).sign(&good());
    // Who the server says it is, and what rustls says to that.
    #[rustfmt::skip] // A table.
    let cases = [
        ("expired", sign(expired()), "expired"),
        ("not yet valid", sign(not_yet_valid()), "not valid yet"),
        ("another address's", sign(of_host("127.0.0.2")), "not valid for name"),
        ("a host's name", sign(of_host("localhost")), "not valid for name"),
        ("self-signed", Identity::self_signed(&good()), "UnknownIssuer"),
        ("by an unknown authority", sign_as("theirs"), "UnknownIssuer"),
        ("by one that says it is ours", sign_as("ours"), "BadSignature"),
        ("by a server", authority.sign_by_a_server(&good()), "EndEntityUsedAsCa"),
    ];
    for (what, identity, words) in cases {
        for &backend in EACH {
            refuses(what, backend, &identity, &authority, words).await;
        }
    }
}

async fn refuses(
    what: &str,
    backend: Backend,
    identity: &Identity,
    believed: &Authority,
    words: &str,
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
            assert!(shown.contains(words), "{what}: {shown}");
        } else {
            assert!(shown.contains("certificate"), "{what}: {shown}");
        }
    }
    // Three attempts each, since nothing was sent.
    assert_eq!(
        server.came(6).await,
        vec![Came::Nothing; 6],
        "{what}, {backend:?}"
    );
}

/// The messages of an error and of all its sources, as a log would show them.
fn shown(error: &Error) -> String {
    let chain = std::iter::successors(Some(error as &dyn std::error::Error), |error| {
        error.source()
    });
    let messages: Vec<_> = chain.map(ToString::to_string).collect();
    messages.join(": ")
}
