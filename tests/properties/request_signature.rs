//! A request's signature: the protocol joins decoded values by `&` and `=`, so one text can be read
//! as several queries. All of them must have the same key, timestamp and body.

use http::Method;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use pusher_http::api::{self, Request};
use pusher_http::{App, Error};

use crate::cases;
use crate::strategies::{body, near};

const TIME: u64 = 1_353_088_179;
const RESERVED: [&str; 5] = [
    "auth_key",
    "auth_timestamp",
    "auth_version",
    "auth_signature",
    "body_md5",
];

type Pairs = Vec<(String, String)>;

fn app() -> App {
    App::builder("3", "key", "secret").build_app().unwrap()
}

fn request(body: &[u8], query: &[(String, String)]) -> Result<Request, Error> {
    let mut request = Request::post("/events", body.to_vec())?;
    for (key, value) in query {
        request = request.query(key.clone(), value)?;
    }
    Ok(request)
}

fn verify(query: &str, body: &[u8]) -> bool {
    api::verify(
        app().all_credentials(),
        &Method::POST,
        "/apps/3/events",
        query,
        body,
        TIME,
    )
    .is_ok()
}

fn pairs_of(query: &str) -> Pairs {
    url::form_urlencoded::parse(query.as_bytes())
        .into_owned()
        .collect()
}

/// Returns every query that is written as this text. Each `&` may separate two parameters or be
/// part of one, and any `=` of a parameter may end its key.
fn readings(text: &str) -> Vec<Pairs> {
    let pieces: Vec<&str> = text.split('&').collect();
    let mut readings = Vec::new();
    for cuts in 0..1_u32 << (pieces.len() - 1) {
        let mut parameters = vec![pieces[0].to_owned()];
        for (place, piece) in pieces[1..].iter().enumerate() {
            if cuts >> place & 1 == 1 {
                parameters.push((*piece).to_owned());
            } else {
                let last = parameters.last_mut().unwrap();
                last.push('&');
                last.push_str(piece);
            }
        }
        let mut of_cuts: Vec<Pairs> = vec![Vec::new()];
        for parameter in &parameters {
            let splits: Vec<_> = parameter
                .match_indices('=')
                .map(|(at, _)| (parameter[..at].to_owned(), parameter[at + 1..].to_owned()))
                .collect();
            of_cuts = of_cuts
                .into_iter()
                .flat_map(|reading| {
                    splits
                        .iter()
                        .map(move |split| [reading.clone(), vec![split.clone()]].concat())
                })
                .collect();
        }
        readings.extend(of_cuts);
    }
    readings
}

/// Values that look like a parameter.
fn value() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        Just("&".to_owned()),
        Just("=".to_owned()),
        Just("x".to_owned()),
        Just("1.0".to_owned()),
        Just("\n".to_owned()),
        select(&RESERVED[..]).prop_map(str::to_owned),
        select(&RESERVED[..]).prop_map(str::to_uppercase),
        select(&RESERVED[..]).prop_map(|key| format!("{key}=1")),
        select(&RESERVED[..]).prop_map(|key| format!("&{key}=1")),
        select(&RESERVED[..]).prop_map(|key| format!("&{}=1", key.to_uppercase())),
        near("[a-z]{1,3}"),
    ];
    prop_oneof![
        vec(part, 0..4).prop_map(|parts| parts.concat()),
        any::<String>()
    ]
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => near("[a-z][a-z0-9_.-]{0,5}"),
        1 => select(&["a", "auth", "auth_l", "auth_version2", "b", "body_md6", "c", "info"][..])
            .prop_map(str::to_owned),
        1 => select(&RESERVED[..]).prop_map(str::to_owned),
        1 => select(&RESERVED[..]).prop_map(str::to_uppercase),
    ]
}

fn is_plain(key: &str) -> bool {
    !key.is_empty()
        && key
            .chars()
            .all(|c| "abcdefghijklmnopqrstuvwxyz0123456789_-.".contains(c))
}

/// Returns whether a value contains the start of a reserved parameter, in any case.
fn contains_reserved(value: &str) -> bool {
    let value = value.to_ascii_lowercase();
    RESERVED
        .iter()
        .any(|key| value.contains(&format!("&{key}=")))
}

proptest! {
    #![proptest_config(cases(128))]

    #[test]
    fn accepts_query_exactly_if_it_can_be_signed(
        pairs in vec((key(), value()), 0..4), again in any::<bool>(),
    ) {
        let mut pairs = pairs;
        if again && let Some((key, _)) = pairs.first().cloned() {
            pairs.push((key, "again".to_owned()));
        }
        let mut keys: Vec<_> = pairs.iter().map(|(key, _)| key).collect();
        keys.sort_unstable();
        keys.dedup();
        let fits = keys.len() == pairs.len()
            && pairs.iter().all(|(key, value)| {
                is_plain(key) && !RESERVED.contains(&key.as_str()) && !contains_reserved(value)
            });
        prop_assert_eq!(request(b"", &pairs).is_ok(), fits);
    }

    #[test]
    fn signed_request_verifies_and_is_sent_unchanged(
        pairs in vec((key(), value()), 0..4), body in body(),
    ) {
        if let Ok(request) = request(&body, &pairs) {
            let signed = app().sign(&request, TIME).unwrap();
            let query = signed.uri().query().unwrap();
            prop_assert!(verify(query, &body));
            let on_the_wire = pairs_of(query);
            for pair in &pairs {
                prop_assert!(on_the_wire.contains(pair));
            }
            let own = if body.is_empty() { 4 } else { 5 };
            prop_assert_eq!(on_the_wire.len(), pairs.len() + own);
            // The URL has the same query, and a URL parser changes nothing in it.
            let again = url::Url::parse(&signed.uri().to_string()).unwrap();
            prop_assert_eq!(again.query(), Some(query));
            prop_assert!(!verify(query, b"another body"));
            let more = format!("{query}&more=1");
            prop_assert!(!verify(&more, &body));
        }
    }

    #[test]
    fn all_readings_of_signed_text_have_same_key_time_and_body(
        pairs in vec((key(), value()), 1..3), with_body in any::<bool>(),
    ) {
        let body: &[u8] = if with_body { b"{}" } else { b"" };
        let Ok(request) = request(body, &pairs) else { return Ok(()) };
        let signed = app().sign(&request, TIME).unwrap();
        let (text, signature) = signed.uri().query().unwrap().split_once("auth_signature=").unwrap();
        let honest = pairs_of(text);
        let text = honest.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
        prop_assume!(text.matches(['&', '=']).count() < 16);
        let mut accepted = 0;
        for reading in readings(&text) {
            let query = url::form_urlencoded::Serializer::new(String::new())
                .extend_pairs(&reading)
                .append_pair("auth_signature", signature)
                .finish();
            let of_reading = |name: &str| {
                reading.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
            };
            if verify(&query, body) {
                accepted += 1;
                for name in RESERVED {
                    let of_honest = honest.iter().find(|(key, _)| key == name);
                    let of_honest = of_honest.map(|(_, value)| value.as_str());
                    prop_assert_eq!(of_reading(name), of_honest, "{}", query);
                }
            }
            // Only the body can be removed, if another parameter can absorb its MD5. All
            // parameters before it are needed unchanged.
            if with_body && verify(&query, b"") {
                prop_assert_eq!(of_reading("body_md5"), None);
                let comes_after = |key: &str| key > "auth_version";
                prop_assert!(pairs.iter().any(|(key, _)| comes_after(key)), "{}", query);
            }
        }
        prop_assert!(accepted > 0, "the honest reading is among them");
    }

    #[test]
    fn verifies_any_query_without_panic(
        query in prop_oneof![any::<String>(), vec((key(), value()), 0..8).prop_map(|pairs| {
            url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
        })],
        path in any::<String>(), body in body(), now in any::<u64>(),
    ) {
        prop_assert!(api::verify(app().all_credentials(), &Method::GET, &path, &query, &body, now).is_err());
    }

    #[test]
    fn signs_path_as_it_is_sent(
        path in near("(/[A-Za-z0-9_%.~=@,;:&+-]{0,6}){1,4}"),
    ) {
        if let Ok(request) = Request::get(path.clone()) {
            let app = App::builder("3", "key", "secret").path_prefix("/prefix").build_app().unwrap();
            let signed = app.sign(&request, TIME).unwrap();
            let whole = signed.uri();
            prop_assert_eq!(whole.path(), format!("/prefix/apps/3{path}"));
            let again = url::Url::parse(&signed.uri().to_string()).unwrap();
            prop_assert_eq!(again.to_string(), whole.to_string());
            let verified = api::verify(
                app.all_credentials(), &Method::GET, &format!("/apps/3{path}"),
                signed.uri().query().unwrap(), b"", TIME,
            );
            prop_assert!(verified.is_ok());
        }
    }
}

#[test]
fn rejects_reserved_key_in_any_case_as_key_or_in_value() {
    for reserved in RESERVED {
        let capital = format!("{}{}", reserved[..1].to_uppercase(), &reserved[1..]);
        for spelled in [reserved.to_owned(), reserved.to_uppercase(), capital] {
            let get = || Request::get("/channels").unwrap();
            assert!(get().query(spelled.clone(), "1").is_err(), "{spelled}");
            let error = get().query("info", format!("x&{spelled}=1")).unwrap_err();
            assert!(
                matches!(
                    &error,
                    Error::Invalid {
                        what: "query value",
                        ..
                    }
                ),
                "{error}"
            );
            // Without the ampersand it can't become a parameter of its own.
            assert!(
                get().query("info", format!("{spelled}=1")).is_ok(),
                "{spelled}"
            );
        }
    }
}

/// The decoded value is signed, even if the wire has only one encoded byte.
#[test]
fn signs_decoded_value_of_one_encoded_character() {
    for value in ["&", "=", "%", " ", "/", "é"] {
        let request = Request::get("/channels").unwrap();
        let signed = app()
            .sign(&request.query("x", value).unwrap(), TIME)
            .unwrap();
        let text = format!(
            "GET\n/apps/3/channels\nauth_key=key&auth_timestamp={TIME}&auth_version=1.0&x={value}"
        );
        let signature = app().credentials().sign(&[&text]);
        let expected = ("auth_signature".to_owned(), signature);
        assert_eq!(
            pairs_of(signed.uri().query().unwrap()).pop(),
            Some(expected),
            "{value}"
        );
    }
}

/// An ambiguity of the protocol, which `Request::query` documents.
#[test]
fn two_queries_can_have_the_same_signature() {
    let get = || Request::get("/channels").unwrap();
    let one = get().query("x", "1&y=2").unwrap();
    let two = get().query("x", "1").unwrap().query("y", "2").unwrap();
    let signature = |request| {
        let signed = app().sign(request, TIME).unwrap();
        pairs_of(signed.uri().query().unwrap()).pop().unwrap()
    };
    assert_eq!(signature(&one), signature(&two));

    let with_body = Request::post("/events", "{}")
        .unwrap()
        .query("x", "1")
        .unwrap();
    let signed = app().sign(&with_body, TIME).unwrap();
    let without_body = signed
        .uri()
        .query()
        .unwrap()
        .replace("body_md5=", "body_md5%3D")
        .replace("&x=", "%26x=");
    assert!(verify(signed.uri().query().unwrap(), b"{}"));
    assert!(verify(&without_body, b""));
    assert!(!verify(&without_body, b"{}") && !verify(&without_body, b"another"));
}
