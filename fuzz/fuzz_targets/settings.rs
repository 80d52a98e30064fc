//! Settings: each line is one variable, and the first is a URL.
#![no_main]

#[path = "../../tests/properties/rules.rs"]
mod rules;

use libfuzzer_sys::fuzz_target;
use percent_encoding::percent_decode_str;
use pusher_http::api::Request;
use pusher_http::{App, Builder, Credentials, Error};
use url::Url;

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let values: Vec<&str> = text.split('\n').collect();
    let value_of = |name: &str| {
        let place = rules::VARIABLES
            .iter()
            .position(|variable| *variable == name)?;
        values.get(place).map(|value| (*value).to_owned())
    };
    let url = values[0];
    from_url(url);
    from_vars(url, value_of);
    // Again without the URL, which has priority over the parts.
    from_vars("", |name| value_of(name).filter(|_| name != "PUSHER_URL"));
});

fn from_url(url: &str) {
    let builder = match Builder::from_url(url) {
        Ok(builder) => builder,
        Err(error) => return check_error(&error, &["URL"]),
    };
    // Parses the whole URL with a URL parser; the crate removes the secret first.
    let parsed = Url::parse(url).expect("a URL");
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let key = decoded(parsed.username());
    let secret = decoded(parsed.password().expect("a secret"));
    let debug = format!("{builder:?}{builder:#?}");
    let elsewhere = key.clone() + parsed.host_str().unwrap_or_default() + &decoded(parsed.path());
    if secret.contains("marker") && !elsewhere.contains("marker") {
        assert!(!debug.contains("marker"), "{debug}");
    }
    match builder.build_app() {
        Ok(app) => {
            check_rules(&app);
            assert_eq!(app.credentials().key(), key);
            signs_with(&app, &secret);
            assert_eq!(app.base_url().scheme(), parsed.scheme());
            assert_eq!(app.base_url().host(), parsed.host());
            assert_eq!(app.base_url().port(), parsed.port());
            round_trips(&app, &secret);
        }
        Err(error) => check_error(&error, &["app id", "key", "secret", "host", "path prefix"]),
    }
}

fn from_vars(url: &str, lookup: impl Fn(&str) -> Option<String>) {
    match Builder::from_vars(&lookup) {
        Ok(builder) => {
            let app = builder.build_app().expect("it was built once");
            check_rules(&app);
            if url.is_empty() {
                assert_eq!(Some(app.id()), lookup("PUSHER_APP_ID").as_deref());
                assert_eq!(
                    Some(app.credentials().key()),
                    lookup("PUSHER_KEY").as_deref()
                );
                let secret = lookup("PUSHER_SECRET").expect("a secret");
                signs_with(&app, &secret);
                round_trips(&app, &secret);
            } else {
                let of_url = Builder::from_url(url)
                    .expect("a URL")
                    .build_app()
                    .expect("an app");
                assert_eq!(app.base_url(), of_url.base_url());
                assert_eq!(
                    app.credentials().sign(&["x"]),
                    of_url.credentials().sign(&["x"])
                );
            }
        }
        Err(error) => check_error(&error, &rules::VARIABLES),
    }
}

fn signs_with(app: &App, secret: &str) {
    let other = Credentials::new("other", secret).expect("credentials");
    assert_eq!(app.credentials().sign(&["x"]), other.sign(&["x"]));
}

/// Checks that the app is the same after it is written as a URL and parsed again.
fn round_trips(app: &App, secret: &str) {
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let base = app.base_url().as_str().trim_end_matches('/');
    let (scheme, rest) = base.split_once("://").expect("a scheme");
    let (key, id) = (encoded(app.credentials().key()), encoded(app.id()));
    let url = format!("{scheme}://{key}:{}@{rest}/apps/{id}", encoded(secret));
    let again = Builder::from_url(&url)
        .expect("a URL")
        .build_app()
        .expect("an app");
    assert_eq!(again.base_url(), app.base_url());
    assert_eq!(
        (again.id(), again.credentials().key()),
        (app.id(), app.credentials().key())
    );
    signs_with(&again, secret);
}

fn check_rules(app: &App) {
    assert!(rules::is_app_id(app.id()));
    assert!(rules::is_key(app.credentials().key()));
    let url = app.base_url();
    assert!(["https", "http"].contains(&url.scheme()));
    assert!(url.host_str().is_some_and(|host| !host.is_empty()));
    assert_eq!((url.username(), url.password()), ("", None));
    assert_eq!((url.query(), url.fragment()), (None, None));
    assert_eq!(&Url::parse(url.as_str()).expect("a URL"), url);
    let request = Request::get("/channels").expect("a request");
    let prefix = url.path().trim_end_matches('/');
    let path = format!("{prefix}/apps/{}/channels", app.id());
    assert_eq!(
        app.sign(&request, 1)
            .expect("a signed request")
            .uri()
            .path(),
        path
    );
}

fn check_error(error: &Error, names: &[&str]) {
    let Error::Config { name, .. } = error else {
        panic!("{error:?}");
    };
    assert!(names.contains(&name.as_str()), "{name}");
    assert!(!format!("{error} {error:?}").contains("marker"), "{error}");
}
