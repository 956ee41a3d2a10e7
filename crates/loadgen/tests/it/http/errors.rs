//! Each error code, by a socket that provokes it.
//!
//! Not here: 1201 (broken pipe), as whether the kernel reports it or a reset depends on
//! which packet comes first; 1100, 1202 and 1210, for which the operating system has to be in trouble.

use std::time::Duration;

use http::Method;
use loadgen::http::{Client, HttpConfig, Request};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::sleep,
};

use super::{Seen, client, get, run, send};
use crate::peer::{self, Identity, Server, answer, full_queue, read_request};

/// A failure as `CODE TEXT`.
async fn failure(client: &Client, url: &str) -> String {
    let (response, seen) = get(client, url).await;
    assert_eq!((response.status, seen.status), (None, 0), "{seen:?}");
    assert!(!seen.expected);
    assert_eq!(response.error, seen.error);
    assert_eq!(response.body, None);
    let error = response.error.unwrap();
    assert_eq!(seen.error_code, Some(error.code.0));
    format!("{} {}", error.code, error.text)
}

/// What a GET fails with if the server reads the request, writes `answer` and closes.
async fn failure_of(answer: &'static str) -> String {
    let address = peer::serve(move |mut stream| async move {
        read_request(&mut stream).await;
        stream.write_all(answer.as_bytes()).await.unwrap();
    })
    .await;
    failure(&client(&HttpConfig::default()), &format!("http://{address}/")).await
}

#[test]
fn eof_1000() {
    run(async {
        assert_eq!(failure_of("").await, "1000 EOF");
        assert_eq!(failure_of("HTTP/1.1 200 O").await, "1000 unexpected EOF");
        assert_eq!(failure_of("HTTP/1.1 200 OK\r\nContent-").await, "1000 unexpected EOF");
        let too_short = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello";
        assert_eq!(failure_of(too_short).await, "1000 unexpected EOF");
        let cut_chunk = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhello";
        assert_eq!(failure_of(cut_chunk).await, "1000 unexpected EOF");
    });
}

#[test]
fn no_http_1000() {
    run(async {
        for nonsense in ["SSH-2.0-OpenSSH_9.2\r\n\r\n", "HTTP/1.1 x OK\r\n\r\n"] {
            let failure = failure_of(nonsense).await;
            assert!(failure.starts_with("1000 invalid HTTP"), "{failure}");
        }
    });
}

#[test]
fn tls_alert_1010() {
    run(async {
        let acceptor = Identity::of(&["localhost"]).acceptor_with_client_auth();
        let address = peer::serve(move |stream| {
            let acceptor = acceptor.clone();
            async move { drop(acceptor.accept(stream).await) }
        })
        .await;
        let config = HttpConfig { insecure_skip_tls_verify: true, ..HttpConfig::default() };
        let failure = failure(&client(&config), &format!("https://{address}/")).await;
        assert_eq!(failure, "1010 remote error: tls: certificate required");
    });
}

#[test]
fn tls_alert_in_the_handshake_1010() {
    for (alert, text) in [
        (40, "1010 remote error: tls: handshake failure"),
        (70, "1010 remote error: tls: protocol version not supported"),
    ] {
        run(async {
            let address = peer::serve(move |mut stream| async move {
                let mut hello = [0; 1024];
                assert!(stream.read(&mut hello).await.unwrap() > 0);
                stream.write_all(&[21, 3, 3, 0, 2, 2, alert]).await.unwrap();
                while stream.read(&mut hello).await.is_ok_and(|length| length > 0) {}
            })
            .await;
            let client =
                client(&HttpConfig { insecure_skip_tls_verify: true, ..HttpConfig::default() });
            assert_eq!(failure(&client, &format!("https://{address}/")).await, text);
        });
    }
}

#[test]
fn timeout_1050() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            let request = read_request(&mut stream).await;
            if request.starts_with("GET /half") {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
                    .await
                    .unwrap();
            }
            sleep(Duration::from_secs(60)).await;
        })
        .await;
        let config = HttpConfig { timeout: Duration::from_millis(300), ..HttpConfig::default() };
        let client = client(&config);
        for path in ["/nothing", "/half"] {
            let failure = failure(&client, &format!("http://{address}{path}")).await;
            assert_eq!(failure, "1050 request timeout");
        }
    });
}

#[test]
fn without_any_time_nothing_is_sent_1050() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "hello")).await;
        let client = client(&HttpConfig::default());
        get(&client, server.url("/")).await;
        let request = Request::get(server.url("/")).timeout(Duration::ZERO);
        let request = request.build(client.network().config()).unwrap();
        let (response, _) = send(&client, &request).await;
        assert_eq!(response.error.unwrap().code.0, 1050);
        sleep(Duration::from_millis(50)).await;
        assert_eq!(server.requests.borrow().len(), 1);
    });
}

#[test]
fn switching_protocols_1000() {
    run(async {
        let answer =
            "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: x\r\n\r\n";
        let text = "1000 unsupported response status: 101 Switching Protocols";
        assert_eq!(failure_of(answer).await, text);
    });
}

#[test]
fn expired_certificate_1000() {
    run(async {
        let identity = Identity::expired(&["localhost"]);
        let config =
            HttpConfig { extra_roots: vec![identity.certificate.clone()], ..HttpConfig::default() };
        let failure = https_failure(&identity, &config, "localhost").await;
        assert_eq!(failure, "1000 x509: certificate has expired or is not yet valid");
    });
}

#[test]
fn no_such_host_1101() {
    run(async {
        // A label may have 63 letters, so this is known without asking a server.
        let url = format!("http://{}.test/", "x".repeat(64));
        let failure = failure(&client(&HttpConfig::default()), &url).await;
        assert_eq!(failure, "1101 lookup: no such host");
    });
}

#[test]
fn dial_timeout_1211() {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().build_local(Default::default()).unwrap();
    runtime.block_on(async {
        let (listener, _queued) = full_queue().await;
        let url = format!("http://{}/", listener.local_addr().unwrap());
        // From here on, time passes only when nothing else is to be done: 30 s in no time.
        tokio::time::pause();
        let failure = failure(&client(&HttpConfig::default()), &url).await;
        assert_eq!(failure, "1211 dial: i/o timeout");
    });
}

#[test]
fn connection_refused_1212() {
    run(async {
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let failure = failure(&client(&HttpConfig::default()), &format!("http://{free}/")).await;
        assert_eq!(failure, "1212 dial: connection refused");
    });
}

#[test]
fn dial_errno_1213() {
    run(async {
        // Port 1 of everyone on the network: TCP has no broadcast, so nothing is sent.
        let url = "http://255.255.255.255:1/";
        let failure = failure(&client(&HttpConfig::default()), url).await;
        assert!(failure.starts_with("1213 dial: unknown errno "), "{failure}");
        assert!(failure.contains(" error with msg `"), "{failure}");
        assert!(!failure.contains("os error"), "{failure}");
    });
}

/// Closes with a reset.
fn reset(stream: &TcpStream) {
    let linger = Some(Duration::ZERO);
    socket2::SockRef::from(stream).set_linger(linger).unwrap();
}

#[test]
fn connection_reset_1220() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            let request = read_request(&mut stream).await;
            if request.starts_with("GET /half") {
                stream
                    .write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
                    .await
                    .unwrap();
                // Until it was read: a reset overtakes what is on the way.
                sleep(Duration::from_millis(300)).await;
            }
            reset(&stream);
        })
        .await;
        let client = client(&HttpConfig::default());
        for path in ["/nothing", "/half"] {
            let failure = failure(&client, &format!("http://{address}{path}")).await;
            assert_eq!(failure, "1220 read: connection reset by peer");
        }
    });
}

#[test]
fn connection_reset_while_writing_1220() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            let mut some = [0; 1024];
            assert!(stream.read(&mut some).await.unwrap() > 0);
            sleep(Duration::from_millis(100)).await;
            reset(&stream);
        })
        .await;
        let client = client(&HttpConfig::default());
        let request = Request::builder(Method::POST, format!("http://{address}/"))
            .body(vec![b'x'; 64 << 20])
            .build(client.network().config())
            .unwrap();
        let (response, _) = send(&client, &request).await;
        let error = response.error.unwrap();
        assert_eq!(error.code.0, 1220);
        assert!(error.text.ends_with(": connection reset by peer"), "{error}");
    });
}

#[test]
fn not_tls_1301() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            let mut hello = [0; 1024];
            assert!(stream.read(&mut hello).await.unwrap() > 0);
            stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n").await.unwrap();
        })
        .await;
        let config = HttpConfig { insecure_skip_tls_verify: true, ..HttpConfig::default() };
        let (response, seen) = get(&client(&config), &format!("https://{address}/")).await;
        let error = response.error.unwrap();
        assert_eq!(error.code.0, 1301);
        assert_eq!(error.text, "tls: first record does not look like a TLS handshake");
        assert!(seen.timings.connecting > Duration::ZERO);
        assert_eq!(seen.timings.blocked, Duration::ZERO, "no connection was ever in hand");
    });
}

async fn https_failure(identity: &Identity, config: &HttpConfig, host: &str) -> String {
    let acceptor = identity.acceptor(&["http/1.1"]);
    let address = peer::serve(move |stream| {
        let acceptor = acceptor.clone();
        async move { drop(acceptor.accept(stream).await) }
    })
    .await;
    failure(&client(config), &format!("https://{host}:{}/", address.port())).await
}

#[test]
fn unknown_authority_1310() {
    run(async {
        // With one root, so that it does not matter whether the machine has any.
        let other = Identity::of(&["elsewhere.test"]).certificate;
        let config = HttpConfig { extra_roots: vec![other], ..HttpConfig::default() };
        let failure = https_failure(&Identity::of(&["localhost"]), &config, "localhost").await;
        assert_eq!(failure, "1310 x509: unknown authority");
    });
}

#[test]
fn hostname_mismatch_1311() {
    run(async {
        let identity = Identity::of(&["elsewhere.test"]);
        let config =
            HttpConfig { extra_roots: vec![identity.certificate.clone()], ..HttpConfig::default() };
        let failure = https_failure(&identity, &config, "localhost").await;
        assert_eq!(failure, "1311 x509: certificate doesn't match hostname");
    });
}

/// Trap 17: the code is 1000 and the status, and there is no text.
#[test]
fn statuses_from_400_on_have_codes_and_are_no_errors() {
    run(async {
        let server = Server::start(|request| {
            answer(&request[5..request.find(" HTTP").unwrap()].replace('-', " "), "", "body")
        })
        .await;
        let client = client(&HttpConfig::default());
        for (status, code, expected) in [
            ("200-OK", None, true),
            ("399-Odd", None, true),
            ("404-Not", Some(1404), false),
            ("503-No", Some(1503), false),
        ] {
            let (response, seen): (_, Seen) = get(&client, server.url(&format!("/{status}"))).await;
            assert_eq!((seen.error_code, seen.expected), (code, expected), "{status}");
            assert_eq!(response.error, None);
            assert_eq!(seen.status, response.status_code());
            assert_eq!(response.body.unwrap(), "body");
        }
    });
}
