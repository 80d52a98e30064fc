//! The response to a browser: exactly the documented JSON, or that in a JSONP call.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::JsonpCallback;

/// The authorization of a browser that asks to subscribe: `{"auth"}`, with `channel_data` on presence
/// channels and `shared_secret` on encrypted ones. `Debug` shows none of them.
#[derive(Clone, Serialize)]
pub struct ChannelAuth {
    auth: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    channel_data: Option<String>,
    #[serde(
        skip_serializing_if = "Option::is_none",
        serialize_with = "serialize_secret"
    )]
    shared_secret: Option<Zeroizing<String>>,
}

/// The authorization of a browser that asks to sign in: `{"auth","user_data"}`. `Debug` shows neither.
#[derive(Clone, Serialize)]
pub struct UserAuth {
    auth: String,
    user_data: String,
}

impl ChannelAuth {
    pub(super) fn new(
        auth: String,
        channel_data: Option<String>,
        shared_secret: Option<String>,
    ) -> Self {
        Self {
            auth,
            channel_data,
            shared_secret: shared_secret.map(Zeroizing::new),
        }
    }

    /// `key:signature`.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }

    /// On a presence channel, the JSON text of the member, as it was signed.
    #[must_use]
    pub fn channel_data(&self) -> Option<&str> {
        self.channel_data.as_deref()
    }

    /// On an encrypted channel, its secret as base64.
    #[must_use]
    pub fn shared_secret(&self) -> Option<&str> {
        self.shared_secret.as_ref().map(|secret| secret.as_str())
    }
}

impl UserAuth {
    pub(super) fn new(auth: String, user_data: String) -> Self {
        Self { auth, user_data }
    }

    /// `key:signature`.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }

    /// The JSON text of the user, as it was signed.
    #[must_use]
    pub fn user_data(&self) -> &str {
        &self.user_data
    }
}

macro_rules! response {
    ($name:ident) => {
        impl $name {
            /// The body of the response, as `application/json`.
            #[must_use]
            pub fn to_json(&self) -> String {
                // Text only: serialising it does not fail.
                serde_json::to_string(self).unwrap_or_default()
            }

            /// The body of the response to a page on the `jsonp` transport, to be sent as
            /// [`JsonpCallback::CONTENT_TYPE`].
            #[must_use]
            pub fn to_jsonp(&self, callback: &JsonpCallback) -> String {
                callback.call(&self.to_json())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        }
    };
}

response!(ChannelAuth);
response!(UserAuth);

#[allow(clippy::ref_option)] // The form that serde asks for.
fn serialize_secret<S: Serializer>(
    secret: &Option<Zeroizing<String>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(|secret| secret.as_str())
        .serialize(serializer)
}
