//! Reads an app's settings from variables, such as environment variables.

use zeroize::Zeroizing;

use super::Builder;
use super::from_url::read_url;
use crate::app::App;
use crate::error::Error;

impl Builder {
    /// Reads the settings from variables. `lookup` returns the value of a variable.
    ///
    /// An empty variable counts as not set.
    ///
    /// | variable | meaning |
    /// |---|---|
    /// | `PUSHER_URL` | see [`from_url`](Self::from_url); replaces the rows below except the last |
    /// | `PUSHER_APP_ID`, `PUSHER_KEY`, `PUSHER_SECRET` | required without `PUSHER_URL` |
    /// | `PUSHER_CLUSTER` | such as `eu`; default `mt1` |
    /// | `PUSHER_HOST`, `PUSHER_PORT` | the address of a self-hosted server |
    /// | `PUSHER_SCHEME` | `https` (default) or `http` |
    /// | `PUSHER_ENCRYPTION_MASTER_KEY_BASE64` | 32 bytes as base64, for encrypted channels |
    ///
    /// ```
    /// use pusher_http::Builder;
    ///
    /// let app = Builder::from_vars(|name| match name {
    ///     "PUSHER_URL" => Some("http://key:secret@127.0.0.1:6001/apps/3".to_owned()),
    ///     _ => None,
    /// })?
    /// .build_app()?;
    /// assert_eq!(app.credentials().key(), "key");
    /// # Ok::<(), pusher_http::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::Config`] if a variable is missing or malformed. It names the variable, never its
    /// value.
    pub fn from_vars(lookup: impl Fn(&str) -> Option<String>) -> Result<Self, Error> {
        let optional = |name: &str| lookup(name).filter(|value| !value.is_empty());
        let required = |name: &str| {
            optional(name).ok_or_else(|| {
                Error::config(
                    name,
                    "is not set, and neither is PUSHER_URL, which takes precedence",
                )
            })
        };
        let url = optional("PUSHER_URL").map(Zeroizing::new);
        let mut builder = if let Some(url) = &url {
            read_url("PUSHER_URL", url)?
        } else {
            let mut builder = App::builder(
                required("PUSHER_APP_ID")?,
                required("PUSHER_KEY")?,
                required("PUSHER_SECRET")?,
            );
            if let Some(cluster) = optional("PUSHER_CLUSTER") {
                builder = builder.cluster(cluster);
            }
            if let Some(host) = optional("PUSHER_HOST") {
                builder = builder.host(host);
            }
            if let Some(port) = optional("PUSHER_PORT") {
                let number = port.parse().ok().filter(|port| *port > 0);
                // The integer parser would accept a sign.
                let number = number.filter(|_| port.bytes().all(|b| b.is_ascii_digit()));
                let reason = "must be a number from 1 to 65535";
                builder = builder.port(number.ok_or(Error::config("PUSHER_PORT", reason))?);
            }
            match optional("PUSHER_SCHEME").as_deref() {
                None | Some("https") => builder,
                Some("http") => builder.tls(false),
                Some(_) => return Err(Error::config("PUSHER_SCHEME", "must be https or http")),
            }
        };
        if let Some(key) = optional(MASTER_KEY_VARIABLE) {
            builder = builder.encryption_master_key_base64(key);
        }
        // Build once here, where the name of a malformed variable is still known.
        match builder.app() {
            Ok(_) => Ok(builder),
            Err(Error::Config { name, reason }) => {
                Err(Error::config(variable_of(&name, url.is_some()), reason))
            }
            Err(other) => Err(other),
        }
    }
}

/// All variables that are read.
#[cfg(feature = "client")]
pub(super) const VARIABLES: [&str; 9] = [
    "PUSHER_URL",
    "PUSHER_APP_ID",
    "PUSHER_KEY",
    "PUSHER_SECRET",
    "PUSHER_CLUSTER",
    "PUSHER_HOST",
    "PUSHER_PORT",
    "PUSHER_SCHEME",
    MASTER_KEY_VARIABLE,
];

const MASTER_KEY_VARIABLE: &str = "PUSHER_ENCRYPTION_MASTER_KEY_BASE64";

/// Returns the variable from which a setting was read.
fn variable_of(setting: &str, from_url: bool) -> &str {
    match setting {
        "encryption master key" => MASTER_KEY_VARIABLE,
        _ if from_url => "PUSHER_URL",
        "app id" => "PUSHER_APP_ID",
        "key" => "PUSHER_KEY",
        "secret" => "PUSHER_SECRET",
        "cluster" => "PUSHER_CLUSTER",
        "host" => "PUSHER_HOST",
        "port" => "PUSHER_PORT",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars(pairs: &[(&str, &str)]) -> Result<App, Error> {
        Builder::from_vars(|name| {
            pairs
                .iter()
                .find(|(key, _)| *key == name)
                .map(|(_, value)| (*value).to_owned())
        })?
        .build_app()
    }

    #[test]
    fn reads_separate_variables() {
        let app = vars(&[
            ("PUSHER_APP_ID", "3"),
            ("PUSHER_KEY", "key"),
            ("PUSHER_SECRET", "secret"),
            ("PUSHER_CLUSTER", "eu"),
            ("PUSHER_HOST", ""),
        ])
        .unwrap();
        assert_eq!(app.base_url().as_str(), "https://api-eu.pusher.com/");
        let app = vars(&[
            ("PUSHER_APP_ID", "3"),
            ("PUSHER_KEY", "key"),
            ("PUSHER_SECRET", "secret"),
            ("PUSHER_HOST", "127.0.0.1"),
            ("PUSHER_PORT", "6001"),
            ("PUSHER_SCHEME", "http"),
        ])
        .unwrap();
        assert_eq!(app.base_url().as_str(), "http://127.0.0.1:6001/");
    }

    #[test]
    fn error_names_missing_or_malformed_variable_without_its_value() {
        let complete = [
            ("PUSHER_APP_ID", "3"),
            ("PUSHER_KEY", "key"),
            ("PUSHER_SECRET", "secret"),
        ];
        for (left_out, (name, _)) in complete.iter().enumerate() {
            let mut pairs = complete.to_vec();
            pairs.remove(left_out);
            let error = vars(&pairs).unwrap_err().to_string();
            assert!(error.contains(&format!("{name} is not set")), "{error}");
        }
        for (name, value) in [
            ("PUSHER_PORT", "marker-70000"),
            ("PUSHER_PORT", "+6001"),
            ("PUSHER_PORT", "0"),
            ("PUSHER_SCHEME", "marker-ftp"),
            ("PUSHER_URL", "marker-url"),
            ("PUSHER_URL", "https://key:marker-secret@host/apps/a%2Fb"),
            ("PUSHER_APP_ID", "marker/id"),
            ("PUSHER_KEY", "marker key"),
            ("PUSHER_CLUSTER", "marker.eu"),
            ("PUSHER_HOST", "http://marker"),
            ("PUSHER_ENCRYPTION_MASTER_KEY_BASE64", "marker-key"),
        ] {
            let mut pairs = complete.to_vec();
            pairs.insert(0, (name, value));
            let error = vars(&pairs).unwrap_err();
            let text = format!("{error} {error:?}");
            assert!(text.contains(name) && !text.contains("marker"), "{text}");
        }
    }

    #[test]
    fn url_takes_precedence_over_other_variables() {
        let app = vars(&[
            ("PUSHER_URL", "http://key:secret@127.0.0.1:6001/apps/7"),
            ("PUSHER_APP_ID", "3"),
            ("PUSHER_HOST", "other"),
        ])
        .unwrap();
        assert_eq!((app.id(), app.base_url().port()), ("7", Some(6001)));
    }
}
