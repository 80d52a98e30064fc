//! TLS is the default, and plain HTTP must be requested explicitly.

use pusher_http::{Builder, Pusher};

fn scheme(builder: Builder) -> String {
    let pusher = builder.build().unwrap();
    pusher.app().base_url().scheme().to_owned()
}

fn builder_from_variables(variables: &[(&str, &str)]) -> Builder {
    let required = [
        ("PUSHER_APP_ID", "3"),
        ("PUSHER_KEY", "k"),
        ("PUSHER_SECRET", "s"),
    ];
    let all: Vec<_> = required.iter().chain(variables).collect();
    let look = |name: &str| {
        let found = all.iter().find(|(of, _)| *of == name);
        found.map(|(_, value)| (*value).to_owned())
    };
    Builder::from_vars(look).unwrap()
}

#[test]
fn tls_is_the_default() {
    let builder = || Pusher::builder("3", "k", "s");
    assert_eq!(scheme(builder()), "https");
    assert_eq!(scheme(builder().cluster("eu")), "https");
    assert_eq!(scheme(builder().host("127.0.0.1")), "https");
    assert_eq!(scheme(builder().host("127.0.0.1").port(80)), "https");
    assert_eq!(scheme(builder().host("127.0.0.1").port(6001)), "https");

    assert_eq!(scheme(builder_from_variables(&[])), "https");
    assert_eq!(
        scheme(builder_from_variables(&[("PUSHER_CLUSTER", "eu")])),
        "https"
    );
    assert_eq!(
        scheme(builder_from_variables(&[
            ("PUSHER_HOST", "127.0.0.1"),
            ("PUSHER_PORT", "80")
        ])),
        "https"
    );

    let url = |url| Builder::from_url(url).unwrap();
    assert_eq!(scheme(url("https://k:s@127.0.0.1:80/apps/3")), "https");
}

#[test]
fn plain_http_must_be_requested_explicitly() {
    assert_eq!(scheme(Pusher::builder("3", "k", "s").tls(false)), "http");
    assert_eq!(
        scheme(builder_from_variables(&[("PUSHER_SCHEME", "http")])),
        "http"
    );
    let url = |url| Builder::from_url(url);
    assert_eq!(
        scheme(url("http://k:s@127.0.0.1:443/apps/3").unwrap()),
        "http"
    );
    for without in [
        "//k:s@127.0.0.1/apps/3",
        "k:s@127.0.0.1/apps/3",
        "127.0.0.1/apps/3",
    ] {
        assert!(url(without).is_err(), "{without}");
    }
}
