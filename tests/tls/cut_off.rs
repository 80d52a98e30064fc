//! An answer without a length ends with its connection, and TLS tells whether that was cut.

use pusher_http::{Error, Outcome};

use crate::backends::EACH;
use crate::certificates::{Authority, good};
use crate::server::{Server, Then};

const WITH_LENGTH: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}";
const WITHOUT: &str = "HTTP/1.1 200 OK\r\n\r\n{}";

#[tokio::test]
async fn an_answer_that_may_have_been_cut_is_none() {
    for &backend in EACH {
        if !backend.takes_an_authority() {
            continue;
        }
        for (then, is_whole) in [
            (Then::Sends(WITH_LENGTH), true),
            (Then::Sends(WITHOUT), true),
            (Then::IsCutAfter(WITH_LENGTH), true),
            (Then::IsCutAfter(WITHOUT), !backend.notices_a_cut()),
        ] {
            let authority = Authority::called("ours");
            let server = Server::start(&authority.sign(&good()), then).await;
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
