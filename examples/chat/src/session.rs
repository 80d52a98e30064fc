//! Users, and their sessions, which are identified by a cookie.

use axum::extract::{FromRequestParts, State};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::routing::get;
use axum::{Json, Router};
use axum_extra::extract::CookieJar;
use axum_extra::extract::cookie::{Cookie, SameSite};
use rusqlite::{Connection, OptionalExtension as _};
use serde::{Deserialize, Serialize};

use crate::Chat;
use crate::failed::Failed;
use crate::page::Connect;
use crate::rooms::{self, Room};

const COOKIE: &str = "chat_session";
const SECONDS: i64 = 7 * 24 * 60 * 60;

#[derive(Serialize)]
pub(crate) struct User {
    pub(crate) id: i64,
    pub(crate) name: String,
}

pub(crate) fn routes() -> Router<Chat> {
    Router::new()
        .route("/users", get(users))
        .route("/session", get(show).post(sign_in).delete(sign_out))
}

/// Lists the users to sign in as.
async fn users(State(chat): State<Chat>) -> Result<Json<Vec<User>>, Failed> {
    let users = chat.database.call(|connection| {
        let mut query = connection.prepare_cached("SELECT id, name FROM users ORDER BY id")?;
        let users = query.query_map([], user_of)?.collect::<Result<_, _>>()?;
        Ok(users)
    });
    Ok(Json(users.await?))
}

#[derive(Serialize)]
struct Session {
    user: User,
    rooms: Vec<Room>,
    connect: Connect,
}

/// Returns everything that the page needs to know.
async fn show(State(chat): State<Chat>, user: User) -> Result<Json<Session>, Failed> {
    let id = user.id;
    let rooms = chat
        .database
        .call(move |connection| rooms::all(connection, id));
    Ok(Json(Session {
        rooms: rooms.await?,
        connect: Connect::to(chat.pusher.app()),
        user,
    }))
}

#[derive(Deserialize)]
struct SignIn {
    user_id: i64,
}

/// Signs in without a password.
///
/// This is an example: anyone who opens the page can be any user.
async fn sign_in(
    State(chat): State<Chat>,
    cookies: CookieJar,
    Json(form): Json<SignIn>,
) -> Result<(CookieJar, StatusCode), Failed> {
    let token = random_token()?;
    let (old, new) = (token_of(&cookies), token.clone());
    chat.database
        .call(move |connection| {
            end(connection, old.as_deref())?;
            let sql = "INSERT INTO sessions (token, user_id, expires_at)
                SELECT ?1, id, unixepoch() + ?3 FROM users WHERE id = ?2";
            match connection.execute(sql, (new, form.user_id, SECONDS))? {
                0 => Err(Failed::NoSession),
                _ => Ok(()),
            }
        })
        .await?;
    let cookie = Cookie::build((COOKIE, token))
        .path("/")
        .http_only(true)
        .same_site(SameSite::Lax);
    Ok((cookies.add(cookie), StatusCode::NO_CONTENT))
}

async fn sign_out(
    State(chat): State<Chat>,
    cookies: CookieJar,
) -> Result<(CookieJar, StatusCode), Failed> {
    let token = token_of(&cookies);
    chat.database
        .call(move |connection| end(connection, token.as_deref()))
        .await?;
    let cookie = Cookie::build(COOKIE).path("/");
    Ok((cookies.remove(cookie), StatusCode::NO_CONTENT))
}

/// Ends the session with this token, and all expired sessions.
fn end(connection: &Connection, token: Option<&str>) -> Result<(), Failed> {
    let sql = "DELETE FROM sessions WHERE token = ?1 OR expires_at <= unixepoch()";
    connection.execute(sql, [token])?;
    Ok(())
}

/// Returns 128 random bits, which cannot be guessed.
fn random_token() -> Result<String, getrandom::Error> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

fn token_of(cookies: &CookieJar) -> Option<String> {
    Some(cookies.get(COOKIE)?.value().to_owned())
}

fn user_of(row: &rusqlite::Row<'_>) -> rusqlite::Result<User> {
    Ok(User {
        id: row.get("id")?,
        name: row.get("name")?,
    })
}

/// Extracts the user of the request's session. Without a session, the handler does not run.
impl FromRequestParts<Chat> for User {
    type Rejection = Failed;

    async fn from_request_parts(parts: &mut Parts, chat: &Chat) -> Result<Self, Failed> {
        let cookies = CookieJar::from_headers(&parts.headers);
        let token = token_of(&cookies).ok_or(Failed::NoSession)?;
        let user = chat.database.call(move |connection| {
            let sql = "SELECT users.id, users.name FROM sessions
                JOIN users ON users.id = sessions.user_id
                WHERE sessions.token = ?1 AND sessions.expires_at > unixepoch()";
            let mut query = connection.prepare_cached(sql)?;
            Ok(query.query_row([token], user_of).optional()?)
        });
        user.await?.ok_or(Failed::NoSession)
    }
}
