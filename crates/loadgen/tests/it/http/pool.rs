//! When connections are used again, and when not.

use std::{rc::Rc, time::Duration};

use futures_util::future::join_all;
use http::Method;
use loadgen::http::{Client, HttpConfig, Request, Traffic};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    task::yield_now,
    time::{sleep, timeout},
};

use super::{client, get, run, send};
use crate::peer::{self, Server, answer, read_request};

const SLOW: Duration = Duration::from_millis(100);

/// Runs `count` requests at once.
async fn at_once(client: &Client, url: &str, count: usize) {
    for (response, _) in join_all((0..count).map(|_| get(client, url))).await {
        assert_eq!(response.error, None);
    }
}

/// Gives the server time to note closed connections.
async fn settle() {
    sleep(SLOW).await;
}

#[test]
fn one_after_the_other_use_one_connection() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig::default());
        for _ in 0..10 {
            get(&client, server.url("/")).await;
        }
        assert_eq!(server.connections.get(), 1);
    });
}

/// Trap 25: connections are kept, but not all.
#[test]
fn as_many_stay_idle_as_allowed() {
    run(async {
        let server = Server::start_slow(SLOW, |_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig { max_idle_per_host: 3, ..HttpConfig::default() });
        at_once(&client, &server.url("/"), 8).await;
        settle().await;
        assert_eq!((server.connections.get(), server.closed.get()), (8, 5));
        at_once(&client, &server.url("/"), 3).await;
        assert_eq!(server.connections.get(), 8, "the idle three are enough");
    });
}

#[test]
fn the_least_recently_used_goes_first() {
    run(async {
        let servers = [
            Server::start(|_| answer("200 OK", "", "hello")).await,
            Server::start(|_| answer("200 OK", "", "hello")).await,
            Server::start(|_| answer("200 OK", "", "hello")).await,
        ];
        let client = client(&HttpConfig { max_idle: 2, ..HttpConfig::default() });
        for index in [0, 1, 0, 2] {
            get(&client, &servers[index].url("/")).await;
        }
        settle().await;
        let closed: Vec<_> = servers.iter().map(|server| server.closed.get()).collect();
        assert_eq!(closed, [0, 1, 0]);
    });
}

/// Trap 25: and says so to the server.
#[test]
fn without_reuse_each_request_connects() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig { connection_reuse: false, ..HttpConfig::default() });
        for _ in 0..3 {
            get(&client, server.url("/")).await;
        }
        settle().await;
        assert_eq!((server.connections.get(), server.closed.get()), (3, 3));
        assert!(server.requests.borrow().iter().all(|sent| sent.contains("Connection: close")));
    });
}

#[test]
fn closing_idle_connections() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig::default());
        get(&client, server.url("/")).await;
        client.close_idle();
        settle().await;
        assert_eq!(server.closed.get(), 1);
        get(&client, server.url("/")).await;
        assert_eq!(server.connections.get(), 2);
    });
}

#[test]
fn a_server_that_wants_to_close_is_believed() {
    for head in ["HTTP/1.1 200 OK\r\nConnection: close\r\n", "HTTP/1.0 200 OK\r\n"] {
        run(async {
            let server =
                Server::start(move |_| format!("{head}Content-Length: 5\r\n\r\nhello")).await;
            let client = client(&HttpConfig::default());
            for _ in 0..3 {
                let (response, _) = get(&client, server.url("/")).await;
                assert_eq!(response.body.unwrap(), "hello");
            }
            settle().await;
            assert_eq!((server.connections.get(), server.closed.get()), (3, 3));
        });
    }
}

#[test]
fn more_than_was_announced_ends_the_connection() {
    run(async {
        let server =
            Server::start(|_| answer("200 OK", "", "hello") + "HTTP/1.1 200 OK\r\n\r\n").await;
        let client = client(&HttpConfig::default());
        for _ in 0..2 {
            let (response, _) = get(&client, server.url("/")).await;
            assert_eq!(response.body.unwrap(), "hello");
        }
        assert_eq!(server.connections.get(), 2);
    });
}

/// Answers one request of each connection and closes it a little later, or when it gets another.
async fn server_of_one(late: Duration) -> (std::net::SocketAddr, Rc<std::cell::Cell<usize>>) {
    let connections = Rc::<std::cell::Cell<usize>>::default();
    let count = connections.clone();
    let address = peer::serve(move |mut stream| {
        count.set(count.get() + 1);
        async move {
            read_request(&mut stream).await;
            stream.write_all(answer("200 OK", "", "hello").as_bytes()).await.unwrap();
            let _ = timeout(late, read_request(&mut stream)).await;
        }
    })
    .await;
    (address, connections)
}

#[test]
fn connections_that_died_idle_are_no_failures() {
    run(async {
        let (address, connections) = server_of_one(Duration::ZERO).await;
        let client = client(&HttpConfig::default());
        let url = format!("http://{address}/");
        at_once(&client, &url, 4).await;
        settle().await;
        // All four are dead, and known to be: not even a POST is at risk.
        let post = Request::builder(Method::POST, &url).body("x");
        let (response, seen) = send(&client, &post.build(client.network().config()).unwrap()).await;
        assert_eq!(response.error, None);
        assert!(seen[0].timings.connecting > Duration::ZERO, "it was sent on a new one");
        assert_eq!(connections.get(), 5);
    });
}

#[test]
fn a_connection_on_which_the_server_complained_while_it_was_idle_is_not_used() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(answer("200 OK", "", "hello").as_bytes()).await.unwrap();
            sleep(Duration::from_millis(50)).await;
            stream.write_all(answer("408 Request Timeout", "", "").as_bytes()).await.unwrap();
        })
        .await;
        let client = client(&HttpConfig::default());
        let post = Request::builder(Method::POST, format!("http://{address}/")).body("x");
        let post = post.build(client.network().config()).unwrap();
        for _ in 0..3 {
            let (response, _) = send(&client, &post).await;
            assert_eq!((response.status_code(), response.error), (200, None));
            sleep(SLOW * 2).await;
        }
    });
}

#[test]
fn a_request_that_met_a_closing_server_is_sent_again_if_that_is_harmless() {
    run(async {
        let (address, connections) = server_of_one(Duration::from_secs(60)).await;
        let client = client(&HttpConfig::default());
        let url = format!("http://{address}/");
        get(&client, &url).await;
        // The server reads the second request and closes instead of answering.
        let (response, _) = get(&client, &url).await;
        assert_eq!((response.status_code(), connections.get()), (200, 2));

        let post = Request::builder(Method::POST, &url).body("x");
        let (response, _) =
            send(&client, &post.clone().build(client.network().config()).unwrap()).await;
        assert_eq!(response.error.unwrap().text, "EOF");
        assert_eq!(connections.get(), 2, "it may have been acted upon");

        get(&client, &url).await;
        for (name, count) in [("Idempotency-Key", 3), ("X-Idempotency-Key", 4)] {
            let post = post.clone().header(name, "1");
            let post = post.build(client.network().config()).unwrap();
            let (response, _) = send(&client, &post).await;
            assert_eq!((response.status_code(), connections.get()), (200, count + 1));
        }
    });
}

#[test]
fn a_request_dropped_at_any_point_closes_its_connection() {
    run(async {
        let server = Server::start_slow(SLOW, |_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig::default());
        let url = server.url("/");
        let mut called = 0;
        for wait in [0, 1, 20, 50] {
            let request = Request::get(&url).build(client.network().config()).unwrap();
            let mut sink = |_: &loadgen::http::Hop<'_>| called += 1;
            let sending = client.send(&request, &mut sink);
            assert!(timeout(Duration::from_millis(wait), sending).await.is_err());
        }
        assert_eq!(called, 0);
        sleep(SLOW * 4).await;
        assert_eq!(server.connections.get(), server.closed.get());
        let before = server.connections.get();
        for _ in 0..2 {
            let (response, _) = get(&client, &url).await;
            assert_eq!(response.body.unwrap(), "hello");
        }
        assert_eq!(server.connections.get(), before + 1);
    });
}

#[test]
fn an_answer_before_the_request_is_written_ends_the_connection() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            // Only the head, as far as it comes at once.
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            stream.write_all(answer("413 Too Large", "", "no").as_bytes()).await.unwrap();
            sleep(Duration::from_secs(60)).await;
        })
        .await;
        let client = client(&HttpConfig::default());
        let request = Request::builder(Method::POST, format!("http://{address}/"));
        let request = request.body(vec![b'x'; 64 << 20]).build(client.network().config()).unwrap();
        for _ in 0..2 {
            let (response, seen) = send(&client, &request).await;
            assert_eq!((response.status_code(), response.error), (413, None));
            assert!(seen[0].timings.connecting > Duration::ZERO, "a new connection");
        }
    });
}

#[test]
fn a_body_dropped_half_way_closes_its_connection() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            while read_request(&mut stream).await.starts_with("GET /whole") {
                stream.write_all(answer("200 OK", "", "whole").as_bytes()).await.unwrap();
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf").await.unwrap();
            sleep(Duration::from_secs(60)).await;
        })
        .await;
        let client = client(&HttpConfig::default());
        let (whole, half) = (format!("http://{address}/whole"), format!("http://{address}/half"));
        get(&client, &whole).await;
        assert!(timeout(SLOW, get(&client, &half)).await.is_err());
        let (response, seen) = get(&client, &whole).await;
        assert_eq!(response.body.unwrap(), "whole");
        assert!(seen.timings.connecting > Duration::ZERO);
    });
}

#[test]
fn bytes_are_those_that_the_server_saw() {
    run(async {
        let body = "0123456789".repeat(30_000);
        let server = Server::start(move |_| answer("200 OK", "", &body)).await;
        let client = client(&HttpConfig::default());
        assert_eq!(client.take_bytes(), Traffic::default());
        for _ in 0..2 {
            at_once(&client, &server.url("/"), 3).await;
            while server.bytes_out.get() < 900_000 {
                yield_now().await;
            }
            let seen = Traffic { sent: server.bytes_in.take(), received: server.bytes_out.take() };
            assert_eq!(client.take_bytes(), seen);
        }
        assert_eq!(client.take_bytes(), Traffic::default());
    });
}
