//! Each row of the table in `loadgen::http`: a peer delays one stage, which moves that row and no
//! other.

use std::{rc::Rc, time::Duration};

use http::Method;
use loadgen::http::{HttpConfig, Request, Timings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::spawn_local,
    time::sleep,
};

use super::{client, get, run, send};
use crate::peer::{self, Identity, Server, answer, answer_all, full_queue, read_request};

/// How long a stage is held up. The others must stay below half of it.
const DELAY: Duration = Duration::from_millis(1200);

/// That the spans named are about as long as `DELAY`, and the others short.
fn assert_delayed(timings: Timings, rows: &[&str]) {
    let Timings { blocked, looking_up, connecting, tls_handshaking, .. } = timings;
    let Timings { sending, waiting, receiving, .. } = timings;
    assert!(blocked >= looking_up + connecting + tls_handshaking, "{timings:?}");
    assert_eq!(timings.duration(), sending + waiting + receiving);
    for (row, span) in [
        ("blocked", blocked),
        ("looking_up", looking_up),
        ("connecting", connecting),
        ("tls_handshaking", tls_handshaking),
        ("sending", sending),
        ("waiting", waiting),
        ("receiving", receiving),
    ] {
        // The kernel tries again to connect after 1 s, and sleeps may be a little early or late.
        let delayed = span >= Duration::from_millis(900) && span < DELAY * 4;
        let short = span < DELAY / 2;
        let right = if rows.contains(&row) { delayed } else { short };
        assert!(right, "{row} with {rows:?} delayed: {timings:?}");
    }
}

#[test]
fn nothing_is_delayed() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig::default());
        let (_, first) = get(&client, server.url("/")).await;
        assert_delayed(first.timings, &[]);
        for span in [first.timings.blocked, first.timings.connecting, first.timings.duration()] {
            assert!(span > Duration::ZERO, "{:?}", first.timings);
        }
        let (_, second) = get(&client, server.url("/")).await;
        assert_delayed(second.timings, &[]);
        assert_eq!(second.timings.connecting, Duration::ZERO, "a reused connection");
        assert_eq!(second.timings.looking_up, Duration::ZERO, "a reused connection");
    });
}

/// Trap 14: connecting is blocked time and no part of the duration.
#[test]
fn a_slow_connect_is_connecting_and_blocked() {
    run(async {
        let (listener, _queued) = full_queue().await;
        let url = format!("http://{}/", listener.local_addr().unwrap());
        spawn_local(async move {
            sleep(Duration::from_millis(100)).await;
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                spawn_local(answer_all(stream, "hello"));
            }
        });
        let (response, seen) = get(&client(&HttpConfig::default()), &url).await;
        assert_eq!(response.error, None);
        assert_delayed(seen.timings, &["blocked", "connecting"]);
    });
}

/// Trap 14: so is the handshake.
#[test]
fn a_slow_handshake_is_tls_handshaking_and_blocked() {
    run(async {
        let identity = Identity::of(&["localhost"]);
        let acceptor = identity.acceptor(&["http/1.1"]);
        let address = peer::serve(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                sleep(DELAY).await;
                answer_all(acceptor.accept(stream).await.unwrap(), "hello").await;
            }
        })
        .await;
        let config =
            HttpConfig { extra_roots: vec![identity.certificate], ..HttpConfig::default() };
        let url = format!("https://localhost:{}/", address.port());
        let (response, seen) = get(&client(&config), &url).await;
        assert_eq!(response.error, None);
        assert_delayed(seen.timings, &["blocked", "tls_handshaking"]);
    });
}

#[test]
fn a_slow_reader_is_sending() {
    run(async {
        // More than the buffers of both ends hold.
        const BODY: usize = 64 << 20;
        let address = peer::serve(|mut stream| async move {
            sleep(DELAY).await;
            let mut head = [0; 64 * 1024];
            let mut seen = 0;
            while seen < BODY {
                seen += stream.read(&mut head).await.unwrap();
            }
            stream.write_all(answer("200 OK", "", "hello").as_bytes()).await.unwrap();
            sleep(DELAY).await;
        })
        .await;
        let client = client(&HttpConfig::default());
        let request = Request::builder(Method::POST, format!("http://{address}/"))
            .body(vec![b'x'; BODY])
            .build(client.network().config())
            .unwrap();
        let (response, seen) = send(&client, &request).await;
        assert_eq!(response.error, None);
        assert_delayed(seen[0].timings, &["sending"]);
    });
}

#[test]
fn a_request_that_was_never_written_to_its_end_is_sending() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            sleep(DELAY).await;
            stream.write_all(answer("413 Too Large", "", "no").as_bytes()).await.unwrap();
            sleep(DELAY * 10).await;
        })
        .await;
        let client = client(&HttpConfig::default());
        let request = Request::builder(Method::POST, format!("http://{address}/"))
            .body(vec![b'x'; 64 << 20])
            .build(client.network().config())
            .unwrap();
        let (response, seen) = send(&client, &request).await;
        assert_eq!(response.status_code(), 413);
        assert_delayed(seen[0].timings, &["sending"]);
    });
}

#[test]
fn a_slow_answer_is_waiting() {
    run(async {
        let server = Server::start_slow(DELAY, |_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig::default());
        for _ in 0..2 {
            let (_, seen) = get(&client, server.url("/")).await;
            assert_delayed(seen.timings, &["waiting"]);
        }
        assert_eq!(server.connections.get(), 1);
    });
}

#[test]
fn a_trickling_body_is_receiving() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n").await.unwrap();
            for _ in 0..4 {
                sleep(DELAY / 4).await;
                stream.write_all(b"x").await.unwrap();
            }
            read_request(&mut stream).await;
        })
        .await;
        let (response, seen) =
            get(&client(&HttpConfig::default()), &format!("http://{address}/")).await;
        assert_eq!(response.body.unwrap(), "xxxx");
        assert_delayed(seen.timings, &["receiving"]);
    });
}

#[test]
fn a_trickling_head_is_receiving() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            read_request(&mut stream).await;
            stream.write_all(b"HTTP/1.1 200 OK\r\n").await.unwrap();
            sleep(DELAY).await;
            stream.write_all(b"Content-Length: 0\r\n\r\n").await.unwrap();
            read_request(&mut stream).await;
        })
        .await;
        let (_, seen) = get(&client(&HttpConfig::default()), &format!("http://{address}/")).await;
        assert_delayed(seen.timings, &["receiving"]);
    });
}

/// The tickets that a TLS 1.3 server sends after the handshake are no part of an answer.
#[test]
fn session_tickets_are_not_the_first_byte() {
    run(async {
        let identity = Identity::of(&["localhost"]);
        let acceptor = identity.acceptor(&["http/1.1"]);
        let address = peer::serve(move |stream| {
            let acceptor = acceptor.clone();
            async move {
                let mut stream = acceptor.accept(stream).await.unwrap();
                read_request(&mut stream).await;
                sleep(DELAY).await;
                stream.write_all(answer("200 OK", "", "").as_bytes()).await.unwrap();
                read_request(&mut stream).await;
            }
        })
        .await;
        let config =
            HttpConfig { extra_roots: vec![identity.certificate], ..HttpConfig::default() };
        let url = format!("https://localhost:{}/", address.port());
        let (response, seen) = get(&client(&config), &url).await;
        assert_eq!(response.tls_version, Some("tls1.3"));
        assert_delayed(seen.timings, &["waiting"]);
    });
}

#[test]
fn a_timeout_tells_how_far_the_request_came() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            read_request(&mut stream).await;
            sleep(DELAY * 10).await;
        })
        .await;
        let config = HttpConfig { timeout: DELAY, ..HttpConfig::default() };
        let (response, seen) = get(&client(&config), &format!("http://{address}/")).await;
        assert_eq!(response.error.unwrap().code.0, 1050);
        assert_delayed(seen.timings, &["waiting"]);
        assert_eq!(seen.remote, Some(address));
    });
}

#[test]
fn what_did_not_happen_took_no_time() {
    run(async {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let (_, seen) = get(&client(&HttpConfig::default()), &format!("http://{free}/")).await;
        assert_eq!(seen.timings, Timings::default());
        assert_eq!(seen.remote, None);
    });
}

#[test]
fn waiting_for_a_slot_is_in_no_row() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "hello")).await;
        let config = HttpConfig { rps: "2".parse().ok(), ..HttpConfig::default() };
        let client = Rc::new(client(&config));
        let started = tokio::time::Instant::now();
        let calls = (0..4).map(|_| {
            let (client, url) = (client.clone(), server.url("/"));
            async move { get(&client, &url).await.1.timings }
        });
        for timings in futures_util::future::join_all(calls).await {
            assert_delayed(timings, &[]);
        }
        assert!(started.elapsed() >= Duration::from_millis(1450), "{:?}", started.elapsed());
    });
}
