//! Users: their ids, and what a presence channel and a sign-in say of them.

mod presence_member;
mod user_data;
mod user_id;

pub use presence_member::PresenceMember;
pub use user_data::UserData;
pub use user_id::{MAX_USER_ID_CHARS, UserId};
