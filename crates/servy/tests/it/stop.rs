//! How a server ends.

use std::time::Duration;

use servy::{Config, Server};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::process::{Process, on_free_ports};
use crate::{Running, client};

/// Far more than a stop takes, far less than a test may.
const SOON: Duration = Duration::from_secs(30);

#[tokio::test]
async fn a_stopped_server_has_given_its_ports_back() {
    let server = Running::demo().await;
    let (addr, metrics_addr) = (server.addr, server.metrics_addr);
    server.get("/").await;
    server.stop.send(()).unwrap();
    tokio::time::timeout(SOON, server.served).await.unwrap().unwrap();
    assert!(TcpStream::connect(addr).await.is_err());
    let config =
        Config { port: addr.port(), metrics_port: metrics_addr.port(), ..Config::default() };
    Server::bind(config).await.unwrap();
}

#[tokio::test]
async fn idle_connections_do_not_hold_a_stop_up() {
    let server = Running::demo().await;
    let silent = TcpStream::connect(server.addr).await.unwrap();
    let mut used = TcpStream::connect(server.addr).await.unwrap();
    used.write_all(b"GET /robots.txt HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
    let mut first = [0; 1];
    used.read_exact(&mut first).await.unwrap();
    server.stop.send(()).unwrap();
    let begin = tokio::time::Instant::now();
    tokio::time::timeout(SOON, server.served).await.unwrap().unwrap();
    assert!(begin.elapsed() < Config::default().shutdown_timeout, "{:?}", begin.elapsed());
    drop((silent, used));
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut_after_the_timeout() {
    let shutdown_timeout = Duration::from_millis(300);
    let server = Running::start(Config { shutdown_timeout, ..Config::default() }).await;
    let mut lazy = TcpStream::connect(server.addr).await.unwrap();
    // Far more than the buffers of both sides hold.
    let request = "GET /images/panorama.png HTTP/1.1\r\nhost: x\r\n\r\n".repeat(64);
    lazy.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.stop.send(()).unwrap();
    let begin = tokio::time::Instant::now();
    tokio::time::timeout(SOON, server.served).await.unwrap().unwrap();
    assert!(begin.elapsed() >= shutdown_timeout);
}

#[tokio::test]
async fn a_port_that_is_taken_is_an_error_with_the_flags_name() {
    let server = Running::demo().await;
    let (taken, metrics_taken) = (server.addr.port(), server.metrics_addr.port());
    let error = |config| async { Server::bind(config).await.err().unwrap().to_string() };
    let config = Config { port: taken, metrics_port: 0, ..Config::default() };
    let expected =
        format!("--port: cannot listen on 127.0.0.1:{taken}: Address already in use (os error 98)");
    assert_eq!(error(config).await, expected);
    let config = Config { port: 0, metrics_port: metrics_taken, ..Config::default() };
    let text = error(config).await;
    assert!(text.starts_with("--metrics-port: cannot listen on 127.0.0.1:"), "{text}");
}

/// What a client on a kept-alive connection sees when the server stops: every request that it
/// sent is answered, and the last answer says that it is the last.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sigterm_under_load_fails_no_request() {
    let flags = ["--access-log", "false"];
    let (process, _, addr) = Process::start(on_free_ports(&flags));
    let clients: Vec<_> = (0..16)
        .map(|_| {
            tokio::spawn(async move {
                let mut stream = TcpStream::connect(addr).await.unwrap();
                let mut buffer = vec![0; 4096];
                for requests in 1.. {
                    stream.write_all(b"HEAD / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
                    let mut len = 0;
                    while !buffer[..len].ends_with(b"\r\n\r\n") {
                        let more = stream.read(&mut buffer[len..]).await.unwrap();
                        assert!(more > 0, "closed without an answer to request {requests}");
                        len += more;
                    }
                    let head = std::str::from_utf8(&buffer[..len]).unwrap();
                    assert!(head.starts_with("HTTP/1.1 200 OK"), "{head}");
                    if head.contains("connection: close") {
                        return requests;
                    }
                }
                unreachable!("the server stops");
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    process.signal("TERM");
    for client in clients {
        let requests: u64 = client.await.unwrap();
        assert!(requests > 1, "it was busy when the stop came");
    }
    assert_eq!(process.code(SOON).await, Some(0));
}

#[tokio::test]
async fn a_stopping_server_is_alive_and_not_ready() {
    let shutdown_timeout = Duration::from_secs(3);
    let server = Running::start(Config { shutdown_timeout, ..Config::default() }).await;
    let admin = |path| client::send(server.metrics_addr, "GET", path, &[]);
    assert_eq!(admin("/healthz").await.status, 200);
    assert_eq!(admin("/readyz").await.status, 200);
    let mut lazy = TcpStream::connect(server.addr).await.unwrap();
    let request = "GET /images/panorama.png HTTP/1.1\r\nhost: x\r\n\r\n".repeat(64);
    lazy.write_all(request.as_bytes()).await.unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.stop.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(admin("/healthz").await.status, 200);
    assert_eq!(admin("/readyz").await.status, 503);
}
