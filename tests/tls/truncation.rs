//! A response without a length ends with its connection. TLS shows whether that was truncated.

use pusher_http::{Error, Outcome};

use crate::backends::EACH;
use crate::certificates::{Authority, valid};
use crate::server::{Server, Then};

const WITH_LENGTH: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const WITHOUT: &str = "HTTP/1.1 200 OK\r\n\r\n{}";

#[tokio::test]
async fn rejects_response_that_may_be_truncated() {
    for &backend in EACH {
        if !backend.accepts_an_authority() {
            continue;
        }
        for (then, is_whole) in [
            (Then::Sends(WITH_LENGTH), true),
            (Then::Sends(WITHOUT), true),
            (Then::TruncatesAfter(WITH_LENGTH), true),
            (Then::TruncatesAfter(WITHOUT), !backend.detects_truncation()),
        ] {
            let authority = Authority::named("ours");
            let server = Server::start(&authority.sign(&valid()), then).await;
            let client = backend.client(server.address, &authority);
            match client.trigger("a", "e", 1).await {
                Ok(_) => assert!(is_whole, "{backend:?}, {then:?}"),
                Err(error) => {
                    assert!(!is_whole, "{backend:?}, {then:?}: {error:?}");
                    assert!(matches!(error, Error::Transport { .. }), "{error:?}");
                    assert_eq!(error.outcome(), Outcome::Unknown);
                }
            }
            assert_eq!(server.came(1).await.len(), 1);
        }
    }
}
