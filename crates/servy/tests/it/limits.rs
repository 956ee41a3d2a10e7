//! Clients that are slow, greedy or broken.

use std::time::Duration;

use servy::Config;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

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
