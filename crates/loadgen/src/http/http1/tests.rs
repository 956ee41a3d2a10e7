//! What is an answer and what is not, by comparison with hyper: that is given the same bytes, but in
//! one piece. In several, it may take a broken head for one that is not complete.

use std::{
    collections::VecDeque,
    future::Future,
    io,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
};

use bytes::Bytes;
use http::{HeaderMap, Method};
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use proptest::{prelude::*, sample::Index};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use url::Host;

use super::{Http1, Malformed, Message};
use crate::http::{classify::SocketError, response::Keep, target::Origin, trace::Peer};

/// A server that answers in these pieces, one for each read, and closes the connection.
struct Pieces {
    pieces: VecDeque<Vec<u8>>,
    was_asked: bool,
    /// It does not take what it is asked.
    is_deaf: bool,
}

impl Pieces {
    /// `bytes`, cut at these places.
    fn of(bytes: &[u8], cuts: &[usize]) -> Self {
        let mut cuts: Vec<_> = cuts.iter().copied().chain([0, bytes.len()]).collect();
        cuts.sort_unstable();
        cuts.dedup();
        let pieces = cuts.windows(2).map(|ends| bytes[ends[0]..ends[1]].to_vec()).collect();
        Self { pieces, was_asked: false, is_deaf: false }
    }
}

impl AsyncRead for Pieces {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.was_asked {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        if let Some(mut piece) = self.pieces.pop_front() {
            let rest = piece.split_off(piece.len().min(buffer.remaining()));
            buffer.put_slice(&piece);
            if !rest.is_empty() {
                self.pieces.push_front(rest);
            }
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Pieces {
    fn poll_write(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.was_asked = true;
        let refusal = || SocketError::of("write", io::ErrorKind::BrokenPipe.into());
        Poll::Ready(if self.is_deaf { Err(refusal()) } else { Ok(bytes.len()) })
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// What comes of an answer: status, headers and body.
type Outcome = Result<(u16, HeaderMap, Bytes), Broken>;

#[derive(Debug, PartialEq)]
enum Broken {
    /// It ended too early.
    Cut,
    /// It is no HTTP, or there is another failure; with what is said of it.
    Malformed(String),
}

fn run<T>(test: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().expect("a runtime").block_on(test)
}

async fn ours(method: &Method, pieces: Pieces) -> Outcome {
    let host = Arc::new(Host::Domain("h.test".to_owned()));
    let origin = Origin { tls: false, port: 80, host };
    let mut connection = Http1::new(Box::new(pieces), Peer::default(), origin);
    let path = "/".parse().expect("a path");
    let message = Message::new(method.clone(), &path, &HeaderMap::new(), Bytes::new());
    let keep = Keep { headers: true, body: true, max_body: usize::MAX };
    match connection.exchange(&message, keep).await {
        Ok(answer) => Ok((answer.status.as_u16(), answer.headers, answer.body.expect("kept"))),
        Err(failure) if failure.error.text.ends_with("EOF") => Err(Broken::Cut),
        Err(failure) => Err(Broken::Malformed(failure.error.text)),
    }
}

async fn hypers(method: &Method, pieces: Pieces) -> Outcome {
    let connect = http1::handshake(TokioIo::new(pieces)).await;
    let (mut sender, driver) = connect.expect("hyper only takes the stream");
    let request = http::Request::builder().method(method).body(Empty::<Bytes>::new());
    let exchange = async move {
        let (head, body) = sender.send_request(request.expect("a request")).await?.into_parts();
        let body = body.collect().await?.to_bytes();
        Ok((head.status.as_u16(), head.headers, body))
    };
    let (answer, _) = futures_util::future::join(exchange, driver).await;
    answer.map_err(|failure: hyper::Error| {
        let cause = std::error::Error::source(&failure);
        let cause = cause.and_then(|cause| cause.downcast_ref::<io::Error>());
        let is_eof = cause.is_some_and(|cause| cause.kind() == io::ErrorKind::UnexpectedEof);
        let is_cut = failure.is_incomplete_message() || is_eof;
        if is_cut { Broken::Cut } else { Broken::Malformed(failure.to_string()) }
    })
}

/// That we take `bytes` in these pieces as hyper does in one. What comes of them, by us.
fn assert_same(method: &Method, bytes: &[u8], cuts: &[usize]) -> Outcome {
    let (ours, hypers) = run(async {
        let ours = ours(method, Pieces::of(bytes, cuts)).await;
        (ours, hypers(method, Pieces::of(bytes, &[])).await)
    });
    let is_same = match (&ours, &hypers) {
        (Err(Broken::Malformed(_)), Err(Broken::Malformed(_))) => true,
        // We are stricter, with lengths that play no part and with line ends.
        (Err(Broken::Malformed(text)), _) => [Malformed::ContentLength, Malformed::Trailers]
            .map(|why| why.to_string())
            .contains(text),
        (ours, hypers) => ours == hypers,
    };
    assert!(
        is_same,
        "{method} {:?}\ncut at {cuts:?}\n{ours:?}\n{hypers:?}",
        bytes.escape_ascii().to_string()
    );
    ours
}

/// Answers, and what is none.
const SAMPLES: &[&str] = &[
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello, and more",
    "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200\r\nX: y\r\nX: z\r\n\r\nuntil the end",
    "HTTP/1.0 200 OK\r\n\r\nuntil the end",
    "HTTP/1.0 404 Not Found\r\nConnection: keep-alive\r\ncontent-length:  2 \r\n\r\nno",
    "\r\n\nHTTP/1.1 200 OK\nContent-Length: 2\n\nlf",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\nA ;a=b\r\n, \r\nworld!\r\n0\r\n\r\nrest",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, Chunked\r\n\r\n1\r\nx\r\n000\r\nA: b\r\nC: d\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: gzip\r\n\r\n1\r\nx",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nx",
    "HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\nhello",
    "HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 \u{e4}\r\nContent-Length: 2\r\nX: \u{e4}\u{f6}\r\n\r\nok",
    "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!",
    "HTTP/1.1 200 OK\r\nContent-Length: 5, 6\r\n\r\nhello!",
    "HTTP/1.1 200 OK\r\nContent-Length: +5\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\nhello",
    "HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\nhello",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5 5\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\nx",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a\nhello",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10000000000000000\r\nx",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nno trailer\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\rx",
    "HTTP/1.1 099 Too Few\r\n\r\n",
    "HTTP/1.1 2000 Too Many\r\n\r\n",
    "HTTP/2 200\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX : y\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: y\r\n folded\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: \x01\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX: a\rb\r\n\r\n",
    "SSH-2.0-OpenSSH_9.2\r\n",
    "<html>",
    "",
];

/// A sample with each letter as the byte of its number: in UTF-8, `\u{e4}` would be two.
fn bytes(sample: &str) -> Vec<u8> {
    sample.chars().map(|letter| u8::try_from(letter).expect("Latin-1")).collect()
}

#[test]
fn pieces_make_no_difference() {
    for sample in SAMPLES {
        let bytes = bytes(sample);
        for method in [Method::GET, Method::HEAD] {
            let whole = assert_same(&method, &bytes, &[]);
            for cut in 1..bytes.len() {
                assert_eq!(assert_same(&method, &bytes, &[cut]), whole, "{sample:?} at {cut}");
            }
            let everywhere: Vec<_> = (0..bytes.len()).collect();
            assert_eq!(assert_same(&method, &bytes, &everywhere), whole, "{sample:?}");
        }
    }
}

/// A server may answer and close its end before it has read the request.
#[test]
fn an_answer_is_worth_more_than_a_failure_to_write() {
    let deaf = |answer: &str| Pieces { is_deaf: true, ..Pieces::of(answer.as_bytes(), &[]) };
    let answer = "HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno";
    let (status, _, body) = run(ours(&Method::POST, deaf(answer))).expect("an answer");
    assert_eq!((status, body), (413, "no".into()));
    for cut in ["", &answer[..20]] {
        let failure = run(ours(&Method::POST, deaf(cut)));
        assert_eq!(failure, Err(Broken::Malformed("write: broken pipe".into())));
    }
}

#[test]
fn answers_cut_short() {
    for sample in SAMPLES {
        let bytes = bytes(sample);
        for end in 0..bytes.len() {
            let _ = assert_same(&Method::GET, &bytes[..end], &[]);
        }
    }
}

proptest! {
    /// A sample of which some bytes were replaced, added or left out, in pieces.
    #[test]
    fn damage_is_noticed_as_hyper_does(
        sample in prop::sample::select(SAMPLES),
        damage in prop::collection::vec((any::<Index>(), 0..3, prop::sample::select(&b"0159aAf:;, \t\r\n\0-"[..])), 0..4),
        cuts in prop::collection::vec(any::<Index>(), 0..4),
        method in prop::sample::select(&[Method::GET, Method::HEAD, Method::POST][..]),
    ) {
        let mut bytes = bytes(sample);
        for (place, kind, byte) in damage {
            let place = place.index(bytes.len() + 1);
            match kind {
                0 => bytes.insert(place, byte),
                1 if place < bytes.len() => bytes[place] = byte,
                2 if place < bytes.len() => drop(bytes.remove(place)),
                _ => {}
            }
        }
        let cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        let _ = assert_same(&method, &bytes, &cuts);
    }

    /// A body in chunks of any size, with and without extensions and trailers.
    #[test]
    fn chunks_are_put_together(
        chunks in prop::collection::vec((prop::collection::vec(any::<u8>(), 1..300), "(;[a-z]{0,9})?"), 0..8),
        trailers in prop::collection::vec("[A-Z][a-z]{0,9}: [a-z]{0,9}\r\n", 0..4),
        cuts in prop::collection::vec(any::<Index>(), 0..8),
    ) {
        let mut bytes = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
        for (content, extension) in &chunks {
            bytes.extend_from_slice(format!("{:X}{extension}\r\n", content.len()).as_bytes());
            bytes.extend_from_slice(content);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(format!("0\r\n{}\r\n", trailers.concat()).as_bytes());
        let cuts: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
        let body: Vec<_> = chunks.into_iter().flat_map(|(content, _)| content).collect();
        let (status, _, kept) = assert_same(&Method::GET, &bytes, &cuts).expect("an answer");
        prop_assert_eq!((status, kept), (200, Bytes::from(body)));
    }
}
