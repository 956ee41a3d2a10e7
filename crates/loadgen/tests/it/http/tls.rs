//! TLS, and HTTP/2 which is agreed on over it.

use std::{cell::Cell, future::Future, net::SocketAddr, rc::Rc, time::Duration};

use bytes::Bytes;
use futures_util::future::join_all;
use h2::Reason;
use loadgen::http::{Client, HttpConfig, Request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::spawn_local,
    time::{sleep, timeout},
};
use tokio_rustls::server::TlsStream;

use super::{client, get, run, send};
use crate::peer::{self, Identity, answer_all};

type H2 = h2::server::Connection<TlsStream<TcpStream>, Bytes>;
type Respond = h2::server::SendResponse<Bytes>;

/// A TLS server on localhost, and a configuration that trusts it.
struct Tls {
    address: SocketAddr,
    connections: Rc<Cell<usize>>,
    config: HttpConfig,
}

impl Tls {
    async fn start<F: Future<Output = ()> + 'static>(
        alpn: &[&str],
        session: impl FnMut(TlsStream<TcpStream>) -> F + Clone + 'static,
    ) -> Self {
        let identity = Identity::of(&["localhost"]);
        let acceptor = identity.acceptor(alpn);
        let connections = Rc::<Cell<usize>>::default();
        let count = connections.clone();
        let address = peer::serve(move |stream| {
            let (acceptor, mut session) = (acceptor.clone(), session.clone());
            count.set(count.get() + 1);
            async move {
                if let Ok(stream) = acceptor.accept(stream).await {
                    session(stream).await;
                }
            }
        })
        .await;
        let config =
            HttpConfig { extra_roots: vec![identity.certificate], ..HttpConfig::default() };
        Self { address, connections, config }
    }

    /// An HTTP/2 server that gives each request to `handle`.
    async fn http2(
        handle: impl Fn(http::Request<h2::RecvStream>, Respond) + Clone + 'static,
    ) -> Self {
        Self::start(&["h2", "http/1.1"], move |stream| {
            let handle = handle.clone();
            async move {
                let mut connection: H2 = h2::server::handshake(stream).await.unwrap();
                while let Some(Ok((request, respond))) = connection.accept().await {
                    handle(request, respond);
                }
            }
        })
        .await
    }

    fn url(&self, path: &str) -> String {
        format!("https://localhost:{}{path}", self.address.port())
    }
}

/// Answers after a while, so that requests overlap.
fn respond_slowly(_: http::Request<h2::RecvStream>, mut respond: Respond) {
    spawn_local(async move {
        sleep(Duration::from_millis(100)).await;
        // The client may have gone.
        if let Ok(mut stream) = respond.send_response(http::Response::new(()), false) {
            stream.send_data(Bytes::from_static(b"hello"), true).unwrap();
        }
    });
}

#[test]
fn without_alpn_it_is_http1() {
    for alpn in [&[][..], &["http/1.1"]] {
        run(async {
            let server = Tls::start(alpn, |stream| answer_all(stream, "hello")).await;
            let client = client(&server.config);
            for _ in 0..2 {
                let (response, seen) = get(&client, server.url("/")).await;
                assert_eq!(response.body.unwrap(), "hello");
                assert_eq!((seen.proto, seen.tls_version), (Some("HTTP/1.1"), Some("tls1.3")));
                assert_eq!(seen.remote, Some(server.address));
            }
            assert_eq!(server.connections.get(), 1);
            join_all((0..4).map(|_| get(&client, server.url("/")))).await;
            assert_eq!(server.connections.get(), 4);
        });
    }
}

#[test]
fn a_batch_shares_one_http2_connection() {
    run(async {
        let server = Tls::http2(respond_slowly).await;
        let client = client(&server.config);
        for _ in 0..2 {
            let answers = join_all((0..10).map(|_| get(&client, server.url("/")))).await;
            for (response, seen) in answers {
                assert_eq!(response.error, None);
                assert_eq!(response.body.unwrap(), "hello");
                assert_eq!((seen.proto, seen.tls_version), (Some("HTTP/2.0"), Some("tls1.3")));
                assert!(seen.timings.waiting >= Duration::from_millis(90), "{:?}", seen.timings);
                assert!(seen.timings.sending < Duration::from_millis(90), "{:?}", seen.timings);
            }
        }
        assert_eq!(server.connections.get(), 1);
    });
}

#[test]
fn heads_over_http2() {
    run(async {
        let server = Tls::http2(|request, mut respond| {
            let head = format!("{} {:?}", request.uri(), request.headers());
            let mut stream = respond.send_response(http::Response::new(()), false).unwrap();
            stream.send_data(head.into(), true).unwrap();
        })
        .await;
        let config = HttpConfig {
            user_agent: "agent/1".into(),
            headers: vec![("connection".into(), "close".into())],
            ..server.config.clone()
        };
        let (response, _) = get(&client(&config), server.url("/a?b")).await;
        let body = String::from_utf8(response.body.unwrap().to_vec()).unwrap();
        let body = body.replace(&server.address.port().to_string(), "PORT");
        insta::assert_snapshot!(body, @r#"https://localhost:PORT/a?b {"user-agent": "agent/1"}"#);
    });
}

/// A longer body ends its stream and not its connection.
#[test]
fn bodies_over_http2_are_kept_up_to_a_limit() {
    run(async {
        let server = Tls::http2(respond_slowly).await;
        let client = client(&server.config);
        for (limit, kept, is_cut) in [(3, "hel", true), (5, "hello", false)] {
            let request = Request::get(server.url("/")).keep_body_up_to(limit);
            let request = request.build(client.network().config()).unwrap();
            let (response, _) = send(&client, &request).await;
            assert_eq!(response.error, None);
            assert_eq!((&*response.body.unwrap(), response.is_cut), (kept.as_bytes(), is_cut));
        }
        assert_eq!(server.connections.get(), 1);
    });
}

#[test]
fn http2_can_be_switched_off() {
    run(async {
        let server = Tls::start(&["h2", "http/1.1"], |stream| answer_all(stream, "hello")).await;
        let config = HttpConfig { http2: false, ..server.config.clone() };
        let (_, seen) = get(&client(&config), server.url("/")).await;
        assert_eq!(seen.proto, Some("HTTP/1.1"));
    });
}

#[test]
fn without_reuse_each_http2_request_connects() {
    run(async {
        let server = Tls::http2(respond_slowly).await;
        let config = HttpConfig { connection_reuse: false, ..server.config.clone() };
        let client = client(&config);
        join_all((0..3).map(|_| get(&client, server.url("/")))).await;
        assert_eq!(server.connections.get(), 3);
    });
}

#[test]
fn a_dropped_stream_leaves_the_connection_to_the_others() {
    run(async {
        let server = Tls::http2(respond_slowly).await;
        let client = client(&server.config);
        get(&client, server.url("/")).await;
        let dropped = timeout(Duration::from_millis(20), get(&client, server.url("/")));
        let (dropped, (response, _)) = tokio::join!(dropped, get(&client, server.url("/")));
        assert!(dropped.is_err());
        assert_eq!(response.body.unwrap(), "hello");
        get(&client, server.url("/")).await;
        assert_eq!(server.connections.get(), 1);
    });
}

#[test]
fn the_one_that_finds_out_may_be_dropped() {
    run(async {
        let server = Tls::http2(respond_slowly).await;
        let client = client(&server.config);
        let first = timeout(Duration::ZERO, get(&client, server.url("/")));
        let (first, (response, _)) = tokio::join!(first, get(&client, server.url("/")));
        assert!(first.is_err());
        assert_eq!(response.body.unwrap(), "hello");
    });
}

#[test]
fn a_server_that_is_down_fails_all_that_wait_to_find_out() {
    run(async {
        let server = Tls::start(&[], |_| async {}).await;
        let untrusting = HttpConfig {
            extra_roots: vec![Identity::of(&["x.test"]).certificate],
            ..server.config.clone()
        };
        let client = client(&untrusting);
        for (response, _) in join_all((0..5).map(|_| get(&client, server.url("/")))).await {
            assert_eq!(response.error.unwrap().code.0, 1310);
        }
    });
}

#[test]
fn any_certificate_will_do_if_told_so() {
    run(async {
        let server = Tls::start(&[], |stream| answer_all(stream, "hello")).await;
        let config = HttpConfig { insecure_skip_tls_verify: true, ..HttpConfig::default() };
        let url = format!("https://{}/", server.address);
        assert_eq!(get(&client(&config), &url).await.0.body.unwrap(), "hello");
    });
}

#[test]
fn an_idle_http2_connection_may_go_away() {
    run(async {
        let server = Tls::start(&["h2"], |stream| async move {
            let mut connection: H2 = h2::server::handshake(stream).await.unwrap();
            if let Some(Ok((request, respond))) = connection.accept().await {
                respond_slowly(request, respond);
            }
            connection.graceful_shutdown();
            while connection.accept().await.is_some() {}
        })
        .await;
        let client = client(&server.config);
        for count in 1..=3 {
            let (response, _) = get(&client, server.url("/")).await;
            assert_eq!(response.body.unwrap(), "hello");
            assert_eq!(server.connections.get(), count);
            sleep(Duration::from_millis(50)).await;
        }
    });
}

async fn failure(client: &Client, server: &Tls) -> (u16, String) {
    let request = Request::get(server.url("/")).build(client.network().config()).unwrap();
    let (response, seen) = send(client, &request).await;
    assert_eq!(seen[0].status, 0);
    let error = response.error.unwrap();
    (error.code.0, error.text)
}

#[test]
fn stream_errors_1631_to_1644() {
    for (reason, code, name) in [
        (Reason::PROTOCOL_ERROR, 1632, "PROTOCOL_ERROR"),
        (Reason::REFUSED_STREAM, 1638, "REFUSED_STREAM"),
        (Reason::ENHANCE_YOUR_CALM, 1642, "ENHANCE_YOUR_CALM"),
        (Reason::HTTP_1_1_REQUIRED, 1644, "HTTP_1_1_REQUIRED"),
        (Reason::from(99), 1630, "unknown error code 0x63"),
    ] {
        run(async {
            let server = Tls::http2(move |_, mut respond| respond.send_reset(reason)).await;
            let failure = failure(&client(&server.config), &server).await;
            let text = format!("http2: stream error with http2 ErrCode {name}");
            assert_eq!(failure, (code, text));
        });
    }
}

#[test]
fn a_stream_that_breaks_in_the_body() {
    run(async {
        let server = Tls::http2(|_, mut respond| {
            let mut stream = respond.send_response(http::Response::new(()), false).unwrap();
            stream.send_data(Bytes::from_static(b"half"), false).unwrap();
            spawn_local(async move {
                sleep(Duration::from_millis(100)).await;
                stream.send_reset(Reason::INTERNAL_ERROR);
            });
        })
        .await;
        let failure = failure(&client(&server.config), &server).await;
        let text = "http2: stream error with http2 ErrCode INTERNAL_ERROR".to_owned();
        assert_eq!(failure, (1633, text));
    });
}

/// A frame on the wire.
fn frame(kind: u8, flags: u8, stream: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![0, 0, payload.len() as u8, kind, flags, 0, 0, 0, stream];
    frame.extend(payload);
    frame
}

const DATA: u8 = 0;
const HEADERS: u8 = 1;
const SETTINGS: u8 = 4;
const GO_AWAY: u8 = 7;

/// `GOAWAY`: nothing above stream `last` was looked at.
fn go_away(last: u8, code: Reason) -> Vec<u8> {
    frame(GO_AWAY, 0, 0, &[0, 0, 0, last, 0, 0, 0, u32::from(code) as u8])
}

/// `200 OK` without a body, to the request on `stream`.
fn ok(stream: u8) -> Vec<u8> {
    const END_OF_STREAM_AND_HEADERS: u8 = 5;
    const STATUS_200: u8 = 0x88;
    frame(HEADERS, END_OF_STREAM_AND_HEADERS, stream, &[STATUS_200])
}

/// An HTTP/2 server that writes these frames, each a while after it has read something.
async fn frames(frames: Vec<Vec<u8>>) -> Tls {
    Tls::start(&["h2"], move |mut stream| {
        let frames = frames.clone();
        async move {
            stream.write_all(&frame(SETTINGS, 0, 0, &[])).await.unwrap();
            stream.flush().await.unwrap();
            let mut buffer = [0; 4096];
            for frame in frames {
                assert!(stream.read(&mut buffer).await.unwrap() > 0);
                sleep(Duration::from_millis(200)).await;
                // What else came in the meantime belongs to the same turn.
                let _ = timeout(Duration::from_millis(10), stream.read(&mut buffer)).await;
                stream.write_all(&frame).await.unwrap();
                stream.flush().await.unwrap();
            }
            while stream.read(&mut buffer).await.is_ok_and(|length| length > 0) {}
        }
    })
    .await
}

#[test]
fn going_away_1611_to_1624() {
    for (reason, code, name) in [
        (Reason::PROTOCOL_ERROR, 1612, "PROTOCOL_ERROR"),
        (Reason::ENHANCE_YOUR_CALM, 1622, "ENHANCE_YOUR_CALM"),
        (Reason::from(99), 1610, "unknown error code 0x63"),
    ] {
        run(async {
            let server = frames(vec![go_away(0, reason)]).await;
            let failure = failure(&client(&server.config), &server).await;
            let text = format!("http2: received GoAway with http2 ErrCode {name}");
            assert_eq!(failure, (code, text));
        });
    }
}

#[test]
fn a_request_that_a_leaving_server_did_not_look_at_is_sent_again() {
    run(async {
        let server = frames(vec![ok(1), go_away(1, Reason::NO_ERROR)]).await;
        let client = client(&server.config);
        for connections in [1, 2] {
            let (response, _) = get(&client, server.url("/")).await;
            assert_eq!((response.error, server.connections.get()), (None, connections));
        }
    });
}

#[test]
fn a_request_that_a_server_refused_is_sent_again() {
    run(async {
        let refusals = Rc::new(Cell::new(0));
        let count = refusals.clone();
        let server = Tls::http2(move |request, mut respond| {
            if count.get() < 6 {
                count.set(count.get() + 1);
                respond.send_reset(Reason::REFUSED_STREAM);
            } else {
                respond_slowly(request, respond);
            }
        })
        .await;
        let (response, seen) = get(&client(&server.config), server.url("/")).await;
        assert_eq!((response.error, seen.status, refusals.get()), (None, 200, 6));
    });
}

/// Many servers just close the connection, without TLS's goodbye.
#[test]
fn the_end_of_the_connection_ends_a_body_without_a_length_only() {
    for (head, outcome) in [
        ("", Ok("hello")),
        ("Content-Length: 9\r\n", Err("unexpected EOF")),
        ("Transfer-Encoding: chunked\r\n", Err("unexpected EOF")),
    ] {
        run(async {
            let server = Tls::start(&[], move |mut stream| async move {
                peer::read_request(&mut stream).await;
                let body = if head.starts_with('T') { "9\r\nhello" } else { "hello" };
                let answer = format!("HTTP/1.1 200 OK\r\n{head}\r\n{body}");
                stream.write_all(answer.as_bytes()).await.unwrap();
                stream.flush().await.unwrap();
            })
            .await;
            let (response, _) = get(&client(&server.config), server.url("/")).await;
            let error = response.error.map(|error| error.text);
            assert_eq!(response.body.as_deref(), outcome.ok().map(str::as_bytes));
            assert_eq!(error.as_deref(), outcome.err());
        });
    }
}

#[test]
fn certificates_may_be_read_before_they_are_needed() {
    run(async {
        let server = Tls::start(&[], |stream| answer_all(stream, "hello")).await;
        let client = client(&server.config);
        client.network().prepare_tls();
        assert_eq!(get(&client, server.url("/")).await.0.body.unwrap(), "hello");
    });
}

#[test]
fn nonsense_on_an_http2_connection_1652() {
    run(async {
        // There is no data on stream 0.
        let server = frames(vec![frame(DATA, 0, 0, &[7])]).await;
        let failure = failure(&client(&server.config), &server).await;
        let text = "http2: connection error with http2 ErrCode PROTOCOL_ERROR".to_owned();
        assert_eq!(failure, (1652, text));
    });
}

#[test]
fn an_http2_connection_that_ends_1000() {
    run(async {
        let server = Tls::start(&["h2"], |stream| async move {
            let mut connection: H2 = h2::server::handshake(stream).await.unwrap();
            let _request = connection.accept().await;
        })
        .await;
        let failure = failure(&client(&server.config), &server).await;
        assert_eq!(failure, (1000, "unexpected EOF".to_owned()));
    });
}

#[test]
fn bytes_include_tls() {
    run(async {
        let server = Tls::start(&[], |stream| answer_all(stream, "hello")).await;
        let client = client(&server.config);
        get(&client, server.url("/")).await;
        let handshake = client.take_bytes();
        get(&client, server.url("/")).await;
        let request = client.take_bytes();
        // Heads alone are 100 and 50 bytes; a record adds 22, a certificate some hundreds.
        assert!(handshake.received > request.received + 300, "{handshake:?} {request:?}");
        assert!(request.sent > 60 && request.received > 60, "{request:?}");
    });
}
