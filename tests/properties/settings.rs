//! Settings from a URL and from variables: all parts are read, nothing malformed is accepted, and
//! no error quotes its input.

use std::collections::BTreeMap;

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use proptest::collection::btree_map;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::test_runner::TestCaseError;
use pusher_http::{App, Builder, Credentials, Error};

use crate::strategies::{APP_ID, KEY, near, text};
use crate::{cases, rules};

const HOST: &str =
    "[a-z][a-z0-9]{0,9}(-[a-z0-9]{1,5})?(\\.[a-z]{2,5}){0,2}|127\\.0\\.0\\.1|\\[::1\\]";
const URL: &str = "(https|http|ftp)://[a-z%0-9]{0,5}:[a-zA-Z%]{0,5}@[a-z0-9.\\[\\]:%*]{0,10}\
                   (/apps|/[a-z%.]{1,3}){0,2}/apps/[a-z%/]{0,4}";
const PREFIX: &str = "(/[A-Za-z0-9_~-]{1,8}){0,3}";
const MARKER: &str = "MARKER-of-what-was-given";

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

fn has_secret(app: &App, secret: &str) -> bool {
    let other = Credentials::new("other", secret).unwrap();
    app.credentials().sign(&["text"]) == other.sign(&["text"])
}

/// Checks the properties that every app has, no matter how it was configured.
fn check_rules(app: &App) -> Result<(), TestCaseError> {
    prop_assert!(rules::is_app_id(app.id()), "{:?}", app.id());
    prop_assert!(
        rules::is_key(app.credentials().key()),
        "{:?}",
        app.credentials().key()
    );
    let url = app.base_url();
    prop_assert!(["https", "http"].contains(&url.scheme()));
    prop_assert!(url.host_str().is_some_and(|host| !host.is_empty()));
    prop_assert_eq!((url.username(), url.password()), ("", None));
    prop_assert_eq!((url.query(), url.fragment()), (None, None));
    // A URL parser changes nothing in the prefix.
    prop_assert_eq!(&url::Url::parse(url.as_str()).unwrap(), url);
    let request = pusher_http::api::Request::get("/channels").unwrap();
    let signed = app.sign(&request, 1).unwrap();
    let prefix = url.path().trim_end_matches('/');
    let path = format!("{prefix}/apps/{}/channels", app.id());
    prop_assert_eq!(signed.uri().path(), path);
    Ok(())
}

fn quotes_nothing(error: &Error, names: &[&str]) -> Result<(), TestCaseError> {
    let Error::Config { name, .. } = error else {
        return Err(TestCaseError::fail(format!("{error:?}")));
    };
    prop_assert!(names.contains(&name.as_str()), "{}", name);
    let told = format!("{error} {error:?} {error:#?}");
    prop_assert!(!told.contains(MARKER), "{}", told);
    Ok(())
}

/// A text near the pattern, with or without a marker that shows if an error quotes it.
fn marked(pattern: &'static str) -> impl Strategy<Value = String> {
    (near(pattern), select(vec!["", MARKER])).prop_map(|(text, marker)| text + marker)
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn reads_all_parts_of_url(
        id in APP_ID, key in KEY, secret in "\\PC{1,40}", host in HOST,
        port in option::of(1..=u16::MAX), tls in any::<bool>(), prefix in PREFIX, slash in "/{0,2}",
    ) {
        let scheme = if tls { "https" } else { "http" };
        let colon_port = port.map(|port| format!(":{port}")).unwrap_or_default();
        let url = format!(
            "{scheme}://{}:{}@{host}{colon_port}{prefix}/apps/{}{slash}",
            encoded(&key), encoded(&secret), encoded(&id),
        );
        let app = Builder::from_url(&url).unwrap().build_app().unwrap();
        prop_assert_eq!((app.id(), app.credentials().key()), (id.as_str(), key.as_str()));
        prop_assert!(has_secret(&app, &secret));
        let expected = url::Url::parse(&format!("{scheme}://{host}{colon_port}{prefix}")).unwrap();
        prop_assert_eq!(app.base_url(), &expected);
        check_rules(&app)?;

        // The builder and the variables give the same app.
        let mut builder = App::builder(&*id, &*key, &*secret)
            .host(host.trim_matches(['[', ']']))
            .tls(tls)
            .path_prefix(prefix);
        if let Some(port) = port {
            builder = builder.port(port);
        }
        let built = builder.build_app().unwrap();
        prop_assert_eq!(built.base_url(), &expected);
        let lookup = |name: &str| (name == "PUSHER_URL").then(|| url.clone());
        let from_vars = Builder::from_vars(lookup).unwrap().build_app().unwrap();
        prop_assert_eq!(from_vars.base_url(), &expected);
        prop_assert!(has_secret(&from_vars, &secret));
    }

    #[test]
    fn rejects_malformed_url_without_quoting_it(
        url in near(URL),
        marked in any::<bool>(),
    ) {
        let url = if marked { url.replacen(':', MARKER, 1) } else { url };
        match Builder::from_url(&url).map(Builder::build_app) {
            Ok(Ok(app)) => {
                check_rules(&app)?;
                let of_the_whole = url::Url::parse(&url).unwrap();
                prop_assert_eq!(app.base_url().host(), of_the_whole.host());
            }
            Ok(Err(error)) => {
                quotes_nothing(&error, &["app id", "key", "secret", "host", "path prefix"])?;
            }
            Err(error) => quotes_nothing(&error, &["URL"])?,
        }
    }

    #[test]
    fn accepts_variables_or_names_them_in_error(
        id in marked(APP_ID), key in marked(KEY), secret in marked("[a-z0-9]{1,20}"),
        rest in btree_map(select(&rules::VARIABLES[4..]), prop_oneof![
            marked("[0-9]{1,6}"), marked(HOST), marked("https?"), marked("[a-z0-9]{1,4}"),
        ], 0..3),
    ) {
        let mut variables: BTreeMap<&str, String> = rest;
        variables.extend([("PUSHER_APP_ID", id), ("PUSHER_KEY", key), ("PUSHER_SECRET", secret)]);
        match Builder::from_vars(|name| variables.get(name).cloned()) {
            Ok(builder) => {
                let app = builder.build_app().unwrap();
                check_rules(&app)?;
                prop_assert_eq!(app.id(), &variables["PUSHER_APP_ID"]);
                prop_assert_eq!(app.credentials().key(), &variables["PUSHER_KEY"]);
                prop_assert!(has_secret(&app, &variables["PUSHER_SECRET"]));
                let scheme = variables.get("PUSHER_SCHEME").filter(|scheme| !scheme.is_empty());
                prop_assert_eq!(app.base_url().scheme(), scheme.map_or("https", String::as_str));
            }
            Err(error) => quotes_nothing(&error, &rules::VARIABLES)?,
        }
    }

    #[test]
    fn credentials_accept_key_that_fits_header_and_any_secret(
        key in near(KEY), secret in text("\\PC{0,80}"),
    ) {
        let fits = rules::is_key(&key) && !secret.is_empty();
        match Credentials::new(&*key, &secret) {
            Ok(token) => {
                prop_assert!(fits);
                prop_assert_eq!(token.key(), &key);
            }
            Err(error) => {
                prop_assert!(!fits);
                quotes_nothing(&error, &["key", "secret"])?;
            }
        }
    }

    #[test]
    fn builder_makes_only_valid_apps(
        id in near(APP_ID), host in near(HOST), cluster in near("[a-z0-9-]{1,5}"),
        prefix in near(PREFIX),
    ) {
        for builder in [
            App::builder(&*id, "key", "secret").host(host).path_prefix(&*prefix),
            App::builder(&*id, "key", "secret").cluster(cluster).path_prefix(&*prefix),
        ] {
            match builder.build_app() {
                Ok(app) => {
                    check_rules(&app)?;
                    let path = app.base_url().path().trim_matches('/');
                    prop_assert_eq!(path, prefix.trim_matches('/'));
                }
                Err(error) => {
                    quotes_nothing(&error, &["app id", "host", "cluster", "path prefix"])?;
                }
            }
        }
    }
}
