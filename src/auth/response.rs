//! The response to a browser: exactly the documented JSON, or that JSON in a JSONP call.

use std::fmt;

use serde::{Serialize, Serializer};
use zeroize::Zeroizing;

use super::JsonpCallback;

/// The authorization for a browser to subscribe to a channel.
///
/// Its JSON is `{"auth"}`, with `channel_data` on presence channels and `shared_secret` on
/// encrypted channels. `Debug` shows none of these values.
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

/// The authorization for a browser to sign in.
///
/// Its JSON is `{"auth","user_data"}`. `Debug` shows neither value.
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

    /// Returns `key:signature`.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }

    /// Returns the member's JSON text as it was signed, on a presence channel.
    #[must_use]
    pub fn channel_data(&self) -> Option<&str> {
        self.channel_data.as_deref()
    }

    /// Returns the channel's secret as base64, on an encrypted channel.
    #[must_use]
    pub fn shared_secret(&self) -> Option<&str> {
        self.shared_secret.as_ref().map(|secret| secret.as_str())
    }
}

impl UserAuth {
    pub(super) fn new(auth: String, user_data: String) -> Self {
        Self { auth, user_data }
    }

    /// Returns `key:signature`.
    #[must_use]
    pub fn auth(&self) -> &str {
        &self.auth
    }

    /// Returns the user's JSON text as it was signed.
    #[must_use]
    pub fn user_data(&self) -> &str {
        &self.user_data
    }
}

macro_rules! response {
    ($name:ident) => {
        impl $name {
            /// Returns the body of the response, which has the content type `application/json`.
            #[must_use]
            pub fn to_json(&self) -> String {
                // Strings always serialise.
                serde_json::to_string(self).unwrap_or_default()
            }

            /// Returns the body of the response to a page on the `jsonp` transport.
            ///
            /// Its content type is [`JsonpCallback::CONTENT_TYPE`].
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

#[allow(clippy::ref_option)] // Serde requires this signature.
fn serialize_secret<S: Serializer>(
    secret: &Option<Zeroizing<String>>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    secret
        .as_ref()
        .map(|secret| secret.as_str())
        .serialize(serializer)
}
