//! A request as HTTP/1.1 has it on the wire.

use std::{
    io::{self, IoSlice},
    pin::Pin,
    task::{Context, Poll, ready},
};

use bytes::Bytes;
use http::{HeaderMap, Method, header, uri::PathAndQuery};

use super::head::{is, tokens};
use crate::http::io::Stream;

/// A request, written once and sent many times.
#[derive(Debug)]
pub(in super::super) struct Message {
    pub(in super::super) method: Method,
    head: Vec<u8>,
    body: Bytes,
    /// It asks the server to close the connection.
    pub(super) asks_to_close: bool,
    /// Acting on it twice is as good as once.
    pub(in super::super) is_idempotent: bool,
}

impl Message {
    /// The request with these headers, in their order, and names in the form `Content-Type`.
    pub(in super::super) fn new(
        method: Method,
        path: &PathAndQuery,
        headers: &HeaderMap,
        body: Bytes,
    ) -> Self {
        let mut head = format!("{method} {path} HTTP/1.1\r\n").into_bytes();
        for (name, value) in headers {
            let start = head.len();
            head.extend_from_slice(name.as_str().as_bytes());
            head[start..].split_mut(|byte| *byte == b'-').for_each(capitalize);
            head.extend_from_slice(b": ");
            head.extend_from_slice(value.as_bytes());
            head.extend_from_slice(b"\r\n");
        }
        head.extend_from_slice(b"\r\n");
        let connection = headers.get_all(header::CONNECTION).iter();
        Self {
            asks_to_close: connection.flat_map(|value| tokens(value.as_bytes())).any(is("close")),
            is_idempotent: is_idempotent(&method, headers),
            method,
            head,
            body,
        }
    }

    /// All of it, to be sent.
    pub(super) fn unsent(&self) -> Unsent<'_> {
        Unsent { head: &self.head, body: &self.body, has_begun: false }
    }
}

fn capitalize(word: &mut [u8]) {
    if let Some(first) = word.first_mut() {
        first.make_ascii_uppercase();
    }
}

fn is_idempotent(method: &Method, headers: &HeaderMap) -> bool {
    [Method::GET, Method::HEAD, Method::OPTIONS, Method::TRACE].contains(method)
        || headers.contains_key("idempotency-key")
        || headers.contains_key("x-idempotency-key")
}

/// What of a message was not given to the stream yet.
pub(super) struct Unsent<'a> {
    head: &'a [u8],
    body: &'a [u8],
    /// Some of it was.
    pub(super) has_begun: bool,
}

impl Unsent<'_> {
    /// Gives all of it to the stream, and waits until that has passed it on to the kernel.
    pub(super) fn poll_send(
        &mut self,
        mut stream: Pin<&mut dyn Stream>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while !(self.head.is_empty() && self.body.is_empty()) {
            let written = if self.body.is_empty() {
                stream.as_mut().poll_write(cx, self.head)
            } else {
                let parts = [IoSlice::new(self.head), IoSlice::new(self.body)];
                stream.as_mut().poll_write_vectored(cx, &parts)
            };
            let written = ready!(written)?;
            if written == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.has_begun = true;
            let of_head = written.min(self.head.len());
            self.head = &self.head[of_head..];
            self.body = &self.body[written - of_head..];
        }
        // TLS keeps what the socket did not take.
        stream.poll_flush(cx)
    }
}
