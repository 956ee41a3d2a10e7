//! What a request looks like on the wire, and what cannot be made one.

use http::Method;
use loadgen::http::{ExpectedStatuses, HttpConfig, Request};
use proptest::prelude::*;

use super::{client, get, run, send};
use crate::peer::{Server, answer};

/// What a server gets of the request that `build` makes of its URL.
fn wire(
    config: &HttpConfig,
    path: &str,
    build: impl FnOnce(String) -> loadgen::http::RequestBuilder,
) -> String {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "")).await;
        let request = build(server.url(path)).build(config).unwrap();
        let (response, _) = send(&client(config), &request).await;
        assert_eq!(response.error, None);
        let sent = server.requests.borrow()[0].clone();
        sent.replace(&server.address.to_string(), "HOST").replace('\r', "")
    })
}

/// Trap 16: no header that nobody asked for.
#[test]
fn heads_are_those_of_k6() {
    let config = HttpConfig {
        user_agent: "agent/1".into(),
        headers: vec![("x-two".into(), "2".into()), ("x-one".into(), "1".into())],
        ..HttpConfig::default()
    };
    insta::assert_snapshot!(wire(&config, "/a?b=c#d", Request::get), @r"
    GET /a?b=c HTTP/1.1
    Host: HOST
    User-Agent: agent/1
    X-One: 1
    X-Two: 2
    ");
    let post = |url| Request::builder(Method::POST, url).header("X-One", "other").body("hello");
    insta::assert_snapshot!(wire(&config, "/", post), @r"
    POST / HTTP/1.1
    Host: HOST
    User-Agent: agent/1
    Content-Length: 5
    X-One: other
    X-Two: 2

    hello
    ");
    let empty = |url| Request::builder(Method::POST, url).header("content-length", "7");
    insta::assert_snapshot!(wire(&config, "/", empty), @r"
    POST / HTTP/1.1
    Host: HOST
    User-Agent: agent/1
    Content-Length: 0
    X-One: 1
    X-Two: 2
    ");
    let close = HttpConfig { connection_reuse: false, ..config };
    insta::assert_snapshot!(wire(&close, "/", Request::get), @r"
    GET / HTTP/1.1
    Host: HOST
    User-Agent: agent/1
    X-One: 1
    X-Two: 2
    Connection: close
    ");
    let bare = HttpConfig { user_agent: String::new(), ..HttpConfig::default() };
    insta::assert_snapshot!(wire(&bare, "/", Request::get), @r"
    GET / HTTP/1.1
    Host: HOST
    ");
}

/// Trap 18: nobody sees them.
#[test]
fn user_and_password_become_a_header_and_are_masked() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "")).await;
        let client = client(&HttpConfig::default());
        let (_, seen) = get(&client, &format!("http://us%40er:pa:ss@{}/x", server.address)).await;
        assert_eq!(seen.url, format!("http://****:****@{}/x", server.address));
        let (_, seen) = get(&client, &format!("http://user@{}/x", server.address)).await;
        assert_eq!(seen.url, format!("http://****@{}/x", server.address));
        let sent = server.requests.borrow().clone();
        // base64 of `us@er:pa:ss` and `user:`
        assert!(sent[0].contains("Authorization: Basic dXNAZXI6cGE6c3M=\r\n"), "{}", sent[0]);
        assert!(sent[1].contains("Authorization: Basic dXNlcjo=\r\n"), "{}", sent[1]);
        assert!(sent.iter().all(|sent| sent.contains(&format!("Host: {}\r\n", server.address))));
    });
}

#[test]
fn no_way_to_write_a_password_shows_it() {
    for given in [
        "http:/user:pass@h.test/x",
        "http:user:pass@h.test/x",
        r"http:\\user:pass@h.test/x",
        "http:///user:pass@h.test/x",
        "http://user:pa@ss@h.test/x",
    ] {
        let request = Request::get(given).build(&HttpConfig::default()).unwrap();
        assert_eq!(request.url(), "http://****:****@h.test/x", "{given}");
        assert_eq!(request.authority(), "h.test", "{given}");
    }
}

#[test]
fn paths_are_sent_as_written() {
    let config = HttpConfig { user_agent: String::new(), ..HttpConfig::default() };
    for (given, sent) in [
        ("/a/../b/./c", "/a/../b/./c"),
        ("/%7e%2e%2E/x", "/%7e%2e%2E/x"),
        ("/a?q='x'&r=a|b", "/a?q='x'&r=a|b"),
        ("?q#f", "/?q"),
        ("", "/"),
        ("/a b", "/a%20b"),
        ("/\u{e4}", "/%C3%A4"),
    ] {
        let head = wire(&config, given, Request::get);
        assert_eq!(head.lines().next(), Some(format!("GET {sent} HTTP/1.1").as_str()));
    }
}

#[test]
fn urls_are_shown_as_written() {
    for (given, shown) in [
        ("http://Host.test:80/a?b#c", "http://Host.test:80/a?b#c"),
        ("http://host.test", "http://host.test"),
        ("http://host.test/a b", "http://host.test/a%20b"),
    ] {
        let request = Request::get(given).build(&HttpConfig::default()).unwrap();
        assert_eq!(request.url(), shown);
    }
}

/// Trap 17: it is not sent and has no samples.
#[test]
fn what_is_no_request() {
    let message = |builder: loadgen::http::RequestBuilder| {
        builder.build(&HttpConfig::default()).unwrap_err().to_string()
    };
    insta::assert_snapshot!(message(Request::get("/path")), @"invalid URL `/path`: relative URL without a base");
    insta::assert_snapshot!(message(Request::get("http://[::1")), @"invalid URL `http://[::1`: invalid IPv6 address");
    insta::assert_snapshot!(message(Request::get("ftp://user:pass@host/")), @r#"invalid URL `****@host/`: unsupported protocol scheme "ftp""#);
    insta::assert_snapshot!(message(Request::get("ftp://host/")), @r#"invalid URL `ftp://host/`: unsupported protocol scheme "ftp""#);
    insta::assert_snapshot!(message(Request::get("localhost:8080/x")), @r#"invalid URL `localhost:8080/x`: unsupported protocol scheme "localhost""#);
    insta::assert_snapshot!(message(Request::get("")), @"invalid URL ``: relative URL without a base");
    insta::assert_snapshot!(message(Request::get("http://h/").header("a b", "c")), @"invalid header name `a b`: must be letters, digits or any of !#$%&'*+-.^_`|~");
    insta::assert_snapshot!(message(Request::get("http://h/").header("a", "b\r\nc")), @"invalid value of header `a`: must not hold control characters");
    let config = HttpConfig { headers: vec![("x:y".into(), "z".into())], ..HttpConfig::default() };
    insta::assert_snapshot!(Request::get("http://h/").build(&config).unwrap_err(), @"invalid header name `x:y`: must be letters, digits or any of !#$%&'*+-.^_`|~");
}

#[test]
fn bodies_are_kept_or_dropped() {
    run(async {
        let text = "0123456789".repeat(100_000);
        let body = text.clone();
        let server = Server::start(move |_| answer("200 OK", "X-A: b\r\n", &body)).await;
        let client = client(&HttpConfig::default());
        for keep in [true, false] {
            let request = Request::get(server.url("/")).keep_body(keep);
            let (response, _) =
                send(&client, &request.build(client.network().config()).unwrap()).await;
            assert_eq!(response.status_code(), 200);
            assert_eq!(response.headers["x-a"], "b");
            assert_eq!(response.body.is_some(), keep);
            assert!(response.body.is_none_or(|body| body == text));
        }
        assert_eq!(server.connections.get(), 1);
    });
}

#[test]
fn statuses_that_are_none() {
    let message = |text: &str| text.parse::<ExpectedStatuses>().unwrap_err().to_string();
    insta::assert_snapshot!(message(""), @"invalid status ''; allowed are numbers from 100 to 599 and ranges, as in 200,301-308");
    insta::assert_snapshot!(message("200,ok"), @"invalid status 'ok'; allowed are numbers from 100 to 599 and ranges, as in 200,301-308");
    insta::assert_snapshot!(message("399-200"), @"invalid status '399-200'; allowed are numbers from 100 to 599 and ranges, as in 200,301-308");
    insta::assert_snapshot!(message("99"), @"invalid status '99'; allowed are numbers from 100 to 599 and ranges, as in 200,301-308");
    insta::assert_snapshot!(message("600"), @"invalid status '600'; allowed are numbers from 100 to 599 and ranges, as in 200,301-308");
}

proptest! {
    #[test]
    fn expected_statuses_are_those_written(
        ranges in prop::collection::vec((100u16..600, 100u16..600), 1..8),
        status in 0u16..700,
    ) {
        let ranges: Vec<_> = ranges.into_iter().map(|(a, b)| (a.min(b), a.max(b))).collect();
        let text: Vec<_> = ranges.iter().map(|(min, max)| format!("{min}-{max}")).collect();
        let expected: ExpectedStatuses = text.join(",").parse().unwrap();
        let contained = ranges.iter().any(|(min, max)| (*min..=*max).contains(&status));
        prop_assert_eq!(expected.contains(status), contained);
        prop_assert_eq!(&expected.to_string().parse::<ExpectedStatuses>().unwrap(), &expected);
    }

    #[test]
    fn no_text_panics(url in "\\PC*", name in "\\PC*", value in "\\PC*") {
        let _ = Request::get(url).header(name, value).build(&HttpConfig::default());
    }
}

/// A longer body ends at the limit, and its connection with it.
#[test]
fn bodies_are_kept_up_to_a_limit() {
    run(async {
        let server = Server::start(|request| match request.split(' ').nth(1) {
            Some("/length") => answer("200 OK", "", "hello"),
            Some("/chunks") => {
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n".into()
            }
            _ => "HTTP/1.1 200 OK\r\n\r\nhello and so on for ever".into(),
        })
        .await;
        let client = client(&HttpConfig::default());
        for path in ["/length", "/chunks", "/close"] {
            let request = Request::get(server.url(path)).keep_body_up_to(4);
            let request = request.build(client.network().config()).unwrap();
            let before = server.closed.get();
            let (response, _) = send(&client, &request).await;
            assert_eq!((response.error, response.is_cut), (None, true), "{path}");
            assert_eq!(response.body.unwrap(), "hell");
            while server.closed.get() == before {
                tokio::task::yield_now().await;
            }
        }
        let request = Request::get(server.url("/length")).keep_body_up_to(5);
        let request = request.build(client.network().config()).unwrap();
        let connections = server.connections.get();
        for _ in 0..2 {
            let (response, _) = send(&client, &request).await;
            assert_eq!((response.body.unwrap().len(), response.is_cut), (5, false));
        }
        assert_eq!(server.connections.get(), connections + 1);
    });
}
