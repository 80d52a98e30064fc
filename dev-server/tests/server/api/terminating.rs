//! `POST /users/{user_id}/terminate_connections`, with IDs that must be encoded in a path.

use pusher_dev_server::DevServer;
use pusher_http::UserData;

use super::post;
use crate::client::Clients as _;
use crate::socket::Socket;
use crate::users::with_any_user_ids;

#[tokio::test]
async fn closes_only_connections_of_that_user() {
    let server = with_any_user_ids().await;
    for id in ["a/b c?é", "%2F", "1", "#", "..;", "\u{0}\n"] {
        let mut gone = Socket::connect(&server).await;
        let mut also_gone = Socket::connect(&server).await;
        let mut other = Socket::connect(&server).await;
        let mut nobody = Socket::connect(&server).await;
        gone.sign_in(UserData::new(id).unwrap()).await;
        also_gone.sign_in(UserData::new(id).unwrap()).await;
        other.sign_in(UserData::new("a/b c?e").unwrap()).await;
        server
            .pusher()
            .terminate_user_connections(id)
            .await
            .unwrap();
        for socket in [&mut gone, &mut also_gone] {
            let message = socket.error(Some(4009)).await;
            assert_eq!(message, "You got disconnected by the app.");
            assert_eq!(socket.close_code().await, 4009);
        }
        other.assert_nothing_received().await;
        nobody.assert_nothing_received().await;
    }
}

#[tokio::test]
async fn succeeds_for_user_without_connections() {
    let server = DevServer::start().await.unwrap();
    let response = post(&server, "/users/nobody/terminate_connections", "{}").await;
    assert_eq!(response, (200, "{}".to_owned()));
    let response = post(&server, "/users/%FF/terminate_connections", "{}").await;
    assert_eq!(response, (400, "The path is not UTF-8".to_owned()));
}
