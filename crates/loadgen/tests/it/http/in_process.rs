//! A service in this process as the server.

use std::{sync::Arc, time::Duration};

use axum::{Router, routing};
use loadgen::http::{Client, HttpConfig, InProcess, Network};

use super::{get, run};
use crate::peer::{Server, answer};

fn client(router: Router) -> Client {
    let target = InProcess::new("http://127.0.0.1/ignored", router).unwrap();
    Client::new(Arc::new(Network::new(HttpConfig::default(), Some(target))))
}

#[test]
fn a_router_answers_without_a_network() {
    run(async {
        let big = "0123456789".repeat(100_000);
        let body = big.clone();
        let router = Router::new()
            .route("/", routing::get(|| async { "hello" }))
            .route("/big", routing::get(|| async { body }));
        let client = client(router);
        let (response, seen) = get(&client, "http://127.0.0.1/").await;
        assert_eq!(response.body.unwrap(), "hello");
        assert_eq!((seen.proto, seen.remote), (Some("HTTP/1.1"), None));
        assert_eq!(seen.timings.connecting, Duration::ZERO);
        assert_eq!(seen.timings.looking_up, Duration::ZERO);
        assert!(seen.timings.waiting > Duration::ZERO);
        let (response, _) = get(&client, "http://127.0.0.1/big").await;
        assert_eq!(response.body.unwrap(), big);
        assert_eq!(get(&client, "http://127.0.0.1/none").await.0.status_code(), 404);
        let bytes = client.take_bytes();
        assert!(bytes.received > 1_000_005 && bytes.sent > 100, "{bytes:?}");
    });
}

#[test]
fn a_panic_of_the_service_is_a_failed_request() {
    run(async {
        let router = Router::new()
            .route("/", routing::get(|| async { "hello" }))
            .route("/panic", routing::get(|| async { panic!("as told") as &str }));
        let client = client(router);
        let (response, _) = get(&client, "http://127.0.0.1/panic").await;
        assert_eq!(response.error.unwrap().text, "EOF");
        assert_eq!(get(&client, "http://127.0.0.1/").await.0.status_code(), 200);
    });
}

#[test]
fn other_origins_go_to_the_network() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "outside")).await;
        // Another port of the same host.
        let client = client(Router::new().route("/", routing::get(|| async { "inside" })));
        assert_eq!(get(&client, server.url("/")).await.0.body.unwrap(), "outside");
        assert_eq!(get(&client, "http://127.0.0.1").await.0.body.unwrap(), "inside");
    });
}

#[test]
fn https_is_refused() {
    let error = InProcess::new("https://inside.test", Router::new()).unwrap_err();
    insta::assert_snapshot!(
        error,
        @"invalid URL `https://inside.test`: a service in this process is reached by http, not https"
    );
}
