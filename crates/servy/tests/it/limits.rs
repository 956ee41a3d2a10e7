//! Clients that are slow, greedy or broken.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2;
use hyper_util::rt::{TokioExecutor, TokioIo};
use servy::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;

use crate::process::{Process, on_free_ports};
use crate::{Running, client};

/// Reads until the server closes, and says how long that took.
async fn until_closed(stream: &mut TcpStream) -> (Vec<u8>, Duration) {
    let begin = tokio::time::Instant::now();
    let mut bytes = Vec::new();
    // A reset is one way to close.
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes))
        .await
        .expect("the server closes");
    (bytes, begin.elapsed())
}

/// In a process of its own, as both ends of 500 connections are more files than a process may
/// have open by default.
#[tokio::test]
async fn slowloris_does_not_keep_others_out() {
    let flags = ["--header-read-timeout", "5"];
    let (_process, _, addr) = Process::start(on_free_ports(&flags));
    let mut slow = Vec::new();
    for i in 0..500 {
        let mut stream = TcpStream::connect(addr).await.unwrap();
        // Some say nothing, some begin HTTP/2, some begin a request.
        let begin = [&b""[..], b"PRI * HT", b"GET / HTTP/1.1\r\nx: "][i % 3];
        stream.write_all(begin).await.unwrap();
        slow.push(stream);
    }
    for _ in 0..50 {
        let answer = client::send(addr, "GET", "/robots.txt", &[]);
        let answer = tokio::time::timeout(Duration::from_secs(30), answer).await;
        assert_eq!(answer.expect("it is answered").status, 200);
    }
    for mut stream in slow {
        until_closed(&mut stream).await;
    }
}

#[tokio::test]
async fn a_head_that_trickles_in_is_not_waited_for() {
    let config = Config { header_read_timeout: Duration::from_millis(400), ..Config::default() };
    let server = Running::start(config).await;
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let (mut read, mut write) = stream.into_split();
    let trickle = tokio::spawn(async move {
        while write.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    });
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), read.read_to_end(&mut bytes))
        .await
        .expect("the server closes");
    trickle.await.unwrap();
}

#[tokio::test]
async fn an_idle_connection_is_closed_and_a_busy_one_is_not() {
    let config = Config {
        header_read_timeout: Duration::from_millis(500),
        keep_alive_timeout: Duration::from_millis(1_500),
        ..Config::default()
    };
    let server = Running::start(config).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let mut buffer = vec![0; 1 << 16];
    // Together longer than both limits.
    for _ in 0..4 {
        stream.write_all(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        let len = stream.read(&mut buffer).await.unwrap();
        assert!(buffer[..len].starts_with(b"HTTP/1.1 200 OK"));
        tokio::time::sleep(Duration::from_millis(600)).await;
    }
    let (rest, waited) = until_closed(&mut stream).await;
    assert_eq!(rest, b"");
    assert!(waited >= Duration::from_millis(500), "{waited:?}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_let_go() {
    let config = Config { keep_alive_timeout: Duration::from_millis(500), ..Config::default() };
    let server = Running::start(config).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let request = "GET /images/panorama.png HTTP/1.1\r\nhost: x\r\n\r\n".repeat(64);
    stream.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (bytes, _) = until_closed(&mut stream).await;
    assert!(bytes.len() < 64 << 20, "not everything was sent");
}

#[tokio::test]
async fn the_last_request_of_a_connection_is_told_so() {
    let server = Running::start(Config { keep_alive_requests: 2, ..Config::default() }).await;
    let mut stream = TcpStream::connect(server.addr).await.unwrap();
    let request = b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n";
    stream.write_all(&request.repeat(3)).await.unwrap();
    let (bytes, _) = until_closed(&mut stream).await;
    let text = String::from_utf8(bytes).unwrap();
    assert_eq!(text.matches("HTTP/1.1 200 OK").count(), 2);
    assert_eq!(text.matches("connection: close").count(), 1);
}

#[tokio::test]
async fn a_head_that_is_too_long_is_431() {
    let server = Running::start(Config { max_header_size: 16 << 10, ..Config::default() }).await;
    for (len, status) in [(12 << 10, "200"), (20 << 10, "431"), (200 << 10, "431")] {
        let long = "x".repeat(len);
        let request = format!("GET / HTTP/1.1\r\nhost: x\r\nx-long: {long}\r\n\r\n");
        let mut stream = TcpStream::connect(server.addr).await.unwrap();
        // The server may close before it has read everything.
        let _ = stream.write_all(request.as_bytes()).await;
        let mut answer = vec![0; 12];
        stream.read_exact(&mut answer).await.unwrap();
        assert_eq!(answer, format!("HTTP/1.1 {status}").as_bytes(), "{len}");
    }
}

#[tokio::test]
async fn connections_beyond_the_limit_wait_for_their_turn() {
    let server = Running::start(Config { max_connections: 1, ..Config::default() }).await;
    let first = TcpStream::connect(server.addr).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    let addr = server.addr;
    let second = tokio::spawn(async move { client::send(addr, "GET", "/robots.txt", &[]).await });
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(!second.is_finished());
    drop(first);
    let answer = tokio::time::timeout(Duration::from_secs(30), second).await.unwrap().unwrap();
    assert_eq!(answer.status, 200);
}

/// A connection of HTTP/2, and what drives it.
async fn http_2(
    server: &Running,
) -> (http2::SendRequest<Empty<Bytes>>, JoinHandle<hyper::Result<()>>) {
    let stream = TcpStream::connect(server.addr).await.unwrap();
    let (client, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    (client, tokio::spawn(connection))
}

/// The status of a response that is read to its end.
async fn status(client: &mut http2::SendRequest<Empty<Bytes>>) -> hyper::Result<u16> {
    let request = http::Request::get("http://x/images/tides.png").body(Empty::new()).unwrap();
    let response = client.send_request(request).await?;
    let status = response.status().as_u16();
    response.into_body().collect().await?;
    Ok(status)
}

#[tokio::test]
async fn the_limit_of_heads_does_not_end_an_idle_connection_of_http_2() {
    let config = Config { header_read_timeout: Duration::from_millis(500), ..Config::default() };
    let server = Running::start(config).await;
    let (mut client, _connection) = http_2(&server).await;
    for _ in 0..3 {
        // After the response the client grants the server more bytes, which begins no request.
        assert_eq!(status(&mut client).await.unwrap(), 200);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
    }
}

#[tokio::test]
async fn a_connection_of_http_2_has_so_many_requests_too() {
    let server = Running::start(Config { keep_alive_requests: 3, ..Config::default() }).await;
    let (mut client, connection) = http_2(&server).await;
    for _ in 0..3 {
        assert_eq!(status(&mut client).await.unwrap(), 200);
    }
    let ended = tokio::time::timeout(Duration::from_secs(30), connection).await;
    ended.expect("the server closes").unwrap().unwrap();
    assert!(status(&mut client).await.is_err());
}

#[tokio::test]
async fn a_request_names_one_host() {
    let server = Running::demo().await;
    for (hosts, expected) in [
        ("host: a.example:8080\r\n", 200),
        ("host:\r\n", 200),
        ("", 400),
        ("host: a\r\nhost: a\r\n", 400),
        ("host: a/b\r\n", 400),
        ("host: me@a\r\n", 400),
    ] {
        for addr in [server.addr, server.metrics_addr] {
            let target = if addr == server.addr { "/" } else { "/healthz" };
            let request = format!("GET {target} HTTP/1.1\r\n{hosts}connection: close\r\n\r\n");
            let answer = client::exchange(addr, request.as_bytes()).await;
            assert_eq!(answer.status, expected, "{hosts:?}");
        }
    }
    let old = client::exchange(server.addr, b"GET / HTTP/1.0\r\n\r\n").await;
    assert_eq!(old.status, 200, "HTTP/1.0 knows no hosts");
}

#[tokio::test]
async fn what_is_not_http_is_400() {
    let server = Running::demo().await;
    for garbage in [
        &b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\r\n\r\n"[..],
        b"GET\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
    ] {
        let answer = client::exchange(server.addr, garbage).await;
        assert_eq!(answer.status, 400, "{garbage:?}");
    }
    assert_eq!(server.get("/").await.status, 200);
}
