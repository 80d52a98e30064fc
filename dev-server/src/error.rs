//! The error of a server that can't start.

use std::fmt;

/// The error for a setting of a [`DevServer`](crate::DevServer) that can't be used.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// use pusher_dev_server::{DevApp, DevServer};
///
/// let no_key = DevApp::new("app", "", "secret");
/// let error = DevServer::builder().app(no_key).start().await.unwrap_err();
/// assert_eq!(error.setting(), "key");
/// # }
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    setting: String,
    reason: String,
}

impl ConfigError {
    pub(crate) fn new(setting: impl Into<String>, reason: impl Into<String>) -> Self {
        Self {
            setting: setting.into(),
            reason: reason.into(),
        }
    }

    /// Returns the setting's name, such as `address` or `key`.
    #[must_use]
    pub fn setting(&self) -> &str {
        &self.setting
    }

    /// Returns the reason why the setting can't be used.
    #[must_use]
    pub fn reason(&self) -> &str {
        &self.reason
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "configuration: {} {}", self.setting, self.reason)
    }
}

impl std::error::Error for ConfigError {}

/// Converts the error for an app's own settings.
impl From<pusher_http::Error> for ConfigError {
    fn from(error: pusher_http::Error) -> Self {
        match error {
            pusher_http::Error::Config { name, reason, .. } => Self::new(name, reason),
            other => Self::new("app", other.to_string()),
        }
    }
}
