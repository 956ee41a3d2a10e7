//! What servers may answer over HTTP/1.1, at once and in pieces, on sockets and within TLS; and what
//! they may not.

use std::{cell::Cell, rc::Rc, time::Duration};

use http::Method;
use loadgen::http::{Client, HttpConfig, Request, RequestBuilder, Response};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    time::sleep,
};

use super::{client, run, send};
use crate::peer::{self, Identity, Server, answer, read_request};

/// How an answer is written.
#[derive(Debug, Clone, Copy)]
enum Pace {
    AtOnce,
    ByteByByte,
}

/// Answers each request of a connection with `wire`; closes it after the first if `close`.
async fn answer_with(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    wire: &[u8],
    pace: Pace,
    close: bool,
) {
    while !read_request(&mut stream).await.is_empty() {
        let size = if matches!(pace, Pace::AtOnce) { wire.len() } else { 1 };
        for piece in wire.chunks(size.max(1)) {
            // The client may have had enough.
            if stream.write_all(piece).await.is_err() || stream.flush().await.is_err() {
                return;
            }
            tokio::task::yield_now().await;
        }
        if close {
            return;
        }
    }
}

/// What two requests in a row get from a server that answers with `wire`, and how many connections
/// they took.
async fn two_of(
    method: &Method,
    wire: &'static str,
    pace: Pace,
    tls: bool,
    close: bool,
) -> ([Response; 2], usize) {
    let identity = Identity::of(&["localhost"]);
    let acceptor = tls.then(|| identity.acceptor(&["http/1.1"]));
    let connections = Rc::<Cell<usize>>::default();
    let count = connections.clone();
    let address = peer::serve(move |stream| {
        let acceptor = acceptor.clone();
        count.set(count.get() + 1);
        async move {
            stream.set_nodelay(true).unwrap();
            match acceptor {
                Some(acceptor) => {
                    let stream = acceptor.accept(stream).await.unwrap();
                    answer_with(stream, wire.as_bytes(), pace, close).await;
                }
                None => answer_with(stream, wire.as_bytes(), pace, close).await,
            }
        }
    })
    .await;
    let extra_roots = vec![identity.certificate.clone()];
    let client = client(&HttpConfig { extra_roots, ..HttpConfig::default() });
    let scheme = if tls { "https" } else { "http" };
    let url = format!("{scheme}://localhost:{}/", address.port());
    let request = || Request::builder(method.clone(), &url).keep_body(true);
    let responses = [fetch(&client, request()).await, fetch(&client, request()).await];
    (responses, connections.get())
}

async fn fetch(client: &Client, request: RequestBuilder) -> Response {
    send(client, &request.build(client.network().config()).unwrap()).await.0
}

/// All ways to get an answer.
const WAYS: [(Pace, bool); 4] = [
    (Pace::AtOnce, false),
    (Pace::ByteByByte, false),
    (Pace::AtOnce, true),
    (Pace::ByteByByte, true),
];

/// That `wire` is an answer, and whether the connection is used again after it.
fn assert_answer(method: &Method, wire: &'static str, status: u16, body: &str, again: bool) {
    for (pace, tls) in WAYS {
        let close = !again;
        let (responses, connections) = run(two_of(method, wire, pace, tls, close));
        for response in responses {
            let seen = (response.status_code(), response.body.unwrap(), response.error);
            assert_eq!(seen, (status, body.to_owned().into(), None), "{wire:?}, {pace:?}, {tls}");
        }
        assert_eq!(connections, if again { 1 } else { 2 }, "{wire:?}, {pace:?}, {tls}");
    }
}

/// That `wire` is none, and what is said of it; the connection must not be used again.
fn assert_none(wire: &'static str, text: &str) {
    for (pace, tls) in WAYS {
        let (responses, connections) = run(two_of(&Method::GET, wire, pace, tls, false));
        for response in responses {
            let error = response.error.expect("an error");
            assert_eq!((error.code.0, error.text.as_str()), (1000, text), "{wire:?}, {pace:?}");
        }
        assert_eq!(connections, 2, "{wire:?}, {pace:?}, {tls}");
    }
}

#[test]
fn bodies_with_a_length() {
    assert_answer(
        &Method::GET,
        "HTTP/1.1 200 OK\r\ncontent-LENGTH: 5\r\n\r\nhello",
        200,
        "hello",
        true,
    );
    assert_answer(&Method::GET, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", 200, "", true);
    assert_answer(
        &Method::GET,
        "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok",
        200,
        "ok",
        true,
    );
    assert_answer(&Method::GET, "HTTP/1.1 200\nContent-Length: 2\n\nok", 200, "ok", true);
    let http10 = "HTTP/1.0 200 OK\r\nConnection: x, Keep-Alive\r\nContent-Length: 2\r\n\r\nok";
    assert_answer(&Method::GET, http10, 200, "ok", true);
}

#[test]
fn chunked_bodies() {
    let plain = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n";
    assert_answer(&Method::GET, plain, 200, "hello", true);
    let all = "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n\
               5 ;a=b;c\r\nhello\r\n00A\r\n, \r\nworld!\r\n0;d\r\nX-Trailer: y\r\nX: z\r\n\r\n";
    assert_answer(&Method::GET, all, 200, "hello, \r\nworld!", true);
}

#[test]
fn bodies_that_end_with_the_connection() {
    assert_answer(&Method::GET, "HTTP/1.1 200 OK\r\n\r\nto the end", 200, "to the end", false);
    assert_answer(&Method::GET, "HTTP/1.0 200 OK\r\n\r\nto the end", 200, "to the end", false);
    let encoded = "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\nto the end";
    assert_answer(&Method::GET, encoded, 200, "to the end", false);
}

#[test]
fn answers_without_a_body() {
    assert_answer(&Method::HEAD, "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", 200, "", true);
    assert_answer(&Method::HEAD, "HTTP/1.1 200 OK\r\n\r\n", 200, "", true);
    let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
    assert_answer(&Method::HEAD, chunked, 200, "", true);
    assert_answer(&Method::GET, "HTTP/1.1 204 No Content\r\n\r\n", 204, "", true);
    let not_modified = "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n";
    assert_answer(&Method::GET, not_modified, 304, "", true);
}

#[test]
fn interim_answers_are_passed_over() {
    let wire = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n\
                HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    assert_answer(&Method::GET, wire, 200, "ok", true);
}

#[test]
fn after_these_a_connection_is_not_used_again() {
    for wire in [
        "HTTP/1.1 200 OK\r\nConnection: x, Close\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.1 200 OK\r\nConnection: close\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok",
        "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok",
        // Two lengths: the one in chunks counts, but who knows what comes next.
        "HTTP/1.1 200 OK\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ] {
        for (pace, tls) in WAYS {
            let ([first, second], connections) = run(two_of(&Method::GET, wire, pace, tls, false));
            assert_eq!((first.body.unwrap(), second.body.unwrap()), ("ok".into(), "ok".into()));
            assert_eq!(connections, 2, "{wire:?}, {pace:?}, {tls}");
        }
    }
}

#[test]
fn what_is_no_answer() {
    let of = |what: &str| format!("invalid HTTP answer: {what}");
    let length = of("Content-Length is no number, or two");
    assert_none("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello", &length);
    assert_none("HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello", &length);
    assert_none("HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello", &length);
    assert_none("HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\nhello", &length);
    assert_none("HTTP/1.1 204 OK\r\nContent-Length: -1\r\n\r\n", &length);
    assert_none("HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", &length);
    let encoding = of("Transfer-Encoding in HTTP/1.0");
    assert_none("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", &encoding);
    assert_none("SSH-2.0-OpenSSH_9.2\r\n", &of("invalid HTTP version"));
    assert_none("HTTP/1.1 099 Low\r\n\r\n", &of("invalid response status"));
    assert_none("HTTP/1.1 200 OK\r\nX : y\r\n\r\n", &of("invalid header name"));
    assert_none("HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n", &of("invalid header value"));
}

#[test]
fn what_is_no_chunked_body() {
    for (body, what) in [
        ("x\r\n", "invalid size of a chunk"),
        ("-1\r\n", "invalid size of a chunk"),
        ("5\nhello", "invalid size of a chunk"),
        ("fffffffffffffffff\r\n", "invalid size of a chunk"),
        ("2\r\nhello\r\n", "chunk longer than its size"),
        ("0\r\nno trailer\r\n\r\n", "invalid trailers"),
        ("0\r\nX: y\n\r\n", "invalid trailers"),
    ] {
        let wire = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
        assert_none(wire.leak(), &format!("invalid HTTP answer: {what}"));
    }
}

/// What a GET gets from a server that answers with `head`, and a body of `ok`.
async fn with_head(head: String) -> Response {
    let server = Server::start(move |_| answer("200 OK", &head, "ok")).await;
    let client = client(&HttpConfig::default());
    fetch(&client, Request::get(server.url("/")).keep_body(true)).await
}

#[test]
fn heads_may_be_large_within_reason() {
    run(async {
        let many: String = (0..900).map(|index| format!("X-{index}: {index}\r\n")).collect();
        let response = with_head(many).await;
        assert_eq!(response.error, None);
        assert_eq!(
            (response.headers.len(), &response.headers["x-899"]),
            (901, &"899".parse().unwrap())
        );
        assert_eq!(response.body.unwrap(), "ok");

        let long = "x".repeat(200_000);
        let response = with_head(format!("X-Long: {long}\r\n")).await;
        assert_eq!(response.headers["x-long"], long);

        let text = |response: Response| response.error.unwrap().to_string();
        let too_many: String = (0..1001).map(|index| format!("X-{index}: {index}\r\n")).collect();
        assert_eq!(text(with_head(too_many).await), "invalid HTTP answer: too many headers");
        let too_long = format!("X-Long: {}\r\n", "x".repeat(300_000));
        let limit = "invalid HTTP answer: head of more than 262144 bytes";
        assert_eq!(text(with_head(too_long).await), limit);
    });
}

/// Neither chunk extensions nor trailers without an end fill the memory.
#[test]
fn what_surrounds_chunks_has_limits() {
    run(async {
        for (before, endless, text) in
            [("1;", "x", "too many chunk extensions"), ("0\r\n", "X: y\r\n", "invalid trailers")]
        {
            let address = peer::serve(move |mut stream| async move {
                read_request(&mut stream).await;
                let head = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
                stream.write_all(format!("{head}{before}").as_bytes()).await.unwrap();
                while stream.write_all(endless.repeat(1000).as_bytes()).await.is_ok() {}
            })
            .await;
            let client = client(&HttpConfig::default());
            let response = fetch(&client, Request::get(format!("http://{address}/"))).await;
            assert_eq!(response.error.unwrap().text, format!("invalid HTTP answer: {text}"));
        }
    });
}

#[test]
fn headers_are_dropped_on_demand_but_not_where_a_redirect_leads() {
    run(async {
        let server = Server::start(|request| {
            let moved = request.starts_with("GET /moved");
            if moved {
                answer("302 Found", "Location: /there\r\n", "")
            } else {
                answer("200 OK", "X: y\r\n", "ok")
            }
        })
        .await;
        let client = client(&HttpConfig::default());
        let response = fetch(&client, Request::get(server.url("/moved")).keep_headers(false)).await;
        assert_eq!(response.redirected_to, Some(server.url("/there")));
        assert!(response.headers.is_empty(), "{:?}", response.headers);
        let response = fetch(&client, Request::get(server.url("/"))).await;
        assert_eq!(response.headers["x"], "y");
        assert_eq!(response.body, None);
    });
}

#[test]
fn a_request_that_asks_to_close_has_its_connection_for_itself() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "ok")).await;
        let client = client(&HttpConfig::default());
        for _ in 0..2 {
            let request = Request::get(server.url("/")).header("Connection", "x, Close");
            assert_eq!(fetch(&client, request).await.error, None);
        }
        assert_eq!(server.connections.get(), 2);
    });
}

/// A request says how long its body is in one way only.
#[test]
fn framing_is_not_for_callers() {
    run(async {
        let server = Server::start(|_| answer("200 OK", "", "ok")).await;
        let request = Request::builder(Method::POST, server.url("/"))
            .header("Transfer-Encoding", "chunked")
            .header("Trailer", "X")
            .body("hello");
        assert_eq!(fetch(&client(&HttpConfig::default()), request).await.error, None);
        let sent = server.requests.borrow()[0].to_lowercase();
        assert!(sent.contains("\r\ncontent-length: 5\r\n"), "{sent}");
        assert!(!sent.contains("transfer-encoding") && !sent.contains("trailer"), "{sent}");
    });
}

#[test]
fn a_small_request_is_one_write() {
    run(async {
        let read = Rc::<Cell<usize>>::default();
        let noted = read.clone();
        let address = peer::serve(move |mut stream| {
            let noted = noted.clone();
            async move {
                let mut request = [0; 1024];
                noted.set(stream.read(&mut request).await.unwrap());
                assert!(request[..noted.get()].ends_with(b"\r\n\r\nhello"), "not all at once");
                stream.write_all(answer("200 OK", "", "").as_bytes()).await.unwrap();
            }
        })
        .await;
        let client = client(&HttpConfig::default());
        let url = format!("http://{address}/");
        let request = Request::builder(Method::POST, url).body("hello");
        assert_eq!(fetch(&client, request).await.error, None);
        assert_eq!(client.take_bytes().sent, read.get() as u64);
    });
}

#[test]
fn a_server_that_closed_its_half_gets_no_further_request() {
    run(async {
        let connections = Rc::<Cell<usize>>::default();
        let count = connections.clone();
        let address = peer::serve(move |mut stream| {
            count.set(count.get() + 1);
            async move {
                assert!(read_request(&mut stream).await.starts_with("POST"));
                stream.write_all(answer("200 OK", "", "ok").as_bytes()).await.unwrap();
                stream.shutdown().await.unwrap();
                assert_eq!(read_request(&mut stream).await, "", "it would never be answered");
            }
        })
        .await;
        let client = client(&HttpConfig::default());
        for number in 1..=3 {
            let request = Request::builder(Method::POST, format!("http://{address}/")).body("x");
            assert_eq!(fetch(&client, request).await.error, None);
            assert_eq!(connections.get(), number);
            sleep(Duration::from_millis(50)).await;
        }
    });
}

/// The kernel resets a connection that is closed with bytes unread. The answer is there all the same.
#[test]
fn an_answer_counts_although_the_rest_of_the_request_was_refused() {
    run(async {
        let address = peer::serve(|mut stream| async move {
            assert!(stream.read(&mut [0; 1024]).await.unwrap() > 0);
            stream.write_all(answer("413 Too Large", "", "no").as_bytes()).await.unwrap();
        })
        .await;
        let client = client(&HttpConfig::default());
        for _ in 0..20 {
            let request = Request::builder(Method::POST, format!("http://{address}/"))
                .body(vec![b'x'; 8 << 20])
                .keep_body(true);
            let response = fetch(&client, request).await;
            assert_eq!((response.status_code(), response.error), (413, None));
            assert_eq!(response.body.unwrap(), "no");
        }
    });
}
