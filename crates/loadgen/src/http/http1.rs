//! HTTP/1.1 on httparse: an exchange on a connection, without a task, a buffer or an allocation of
//! its own.
//!
//! A connection is driven by the request that has it, so dropping that request closes it. While it
//! is idle nobody looks at it; that the server has closed it is noticed by the next request,
//! before that is written.
//!
//! All connections of a thread read into one buffer: what came is taken out of it before another
//! can be read.

mod body;
mod head;
mod message;
mod reader;
#[cfg(test)]
mod tests;

use std::{
    cell::RefCell,
    future::poll_fn,
    io, mem,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use tokio::{io::ReadBuf, time::Instant};

pub(super) use self::message::Message;
use self::{message::Unsent, reader::Reader};
use super::{
    Error, ErrorCode, classify,
    connection::Failure,
    io::{Stream, without_goodbye},
    response::{Answer, Keep},
    target::Origin,
    trace::{Peer, Stamps},
};

/// Large bodies are cheaper to read in large pieces; beyond this nothing is gained.
const READ_BUFFER: usize = 64 * 1024;

thread_local! {
    static BUFFER: RefCell<Box<[u8]>> = RefCell::new(vec![0; READ_BUFFER].into());
}

/// An HTTP/1.1 connection.
pub(super) struct Http1 {
    pub(super) origin: Origin,
    pub(super) peer: Peer,
    pub(super) stamps: Rc<Stamps>,
    stream: Box<dyn Stream>,
    /// It has answered a request, and can take another.
    is_reusable: bool,
}

/// What is no answer that HTTP/1.1 allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Malformed {
    #[error("invalid HTTP answer: {0}")]
    Syntax(#[from] httparse::Error),
    #[error("invalid HTTP answer: head of more than {} bytes", head::MAX_HEAD)]
    LongHead,
    #[error("invalid HTTP answer: Content-Length is no number, or two")]
    ContentLength,
    #[error("invalid HTTP answer: Transfer-Encoding in HTTP/1.0")]
    EncodingInHttp10,
    #[error("invalid HTTP answer: invalid size of a chunk")]
    ChunkSize,
    #[error("invalid HTTP answer: chunk longer than its size")]
    ChunkEnd,
    #[error("invalid HTTP answer: too many chunk extensions")]
    LongChunkExtensions,
    #[error("invalid HTTP answer: invalid trailers")]
    Trailers,
}

impl From<Malformed> for Error {
    fn from(malformed: Malformed) -> Self {
        Self { code: ErrorCode::UNCLASSIFIED, text: malformed.to_string() }
    }
}

impl Http1 {
    /// A connection on `stream` that was not used before.
    pub(super) fn new(stream: Box<dyn Stream>, peer: Peer, origin: Origin) -> Self {
        Self { origin, peer, stamps: Rc::default(), stream, is_reusable: false }
    }

    /// Whether it can take another request.
    pub(super) fn is_reusable(&self) -> bool {
        self.is_reusable
    }

    /// Sends a request and reads its answer to the end.
    pub(super) async fn exchange(
        &mut self,
        message: &Message,
        keep: Keep,
    ) -> Result<Answer, Failure> {
        let mut exchange = Exchange {
            was_idle: mem::take(&mut self.is_reusable),
            stream: Pin::new(&mut *self.stream),
            stamps: &self.stamps,
            unsent: message.unsent(),
            write_failure: None,
            reader: Reader::new(&message.method, keep),
        };
        poll_fn(|cx| exchange.poll(cx)).await?;
        let Some((answer, keep_alive)) = exchange.reader.finish() else {
            return Err(exchange.failure(classify::eof(exchange.is_answered())));
        };
        self.is_reusable = keep_alive && exchange.was_sent() && !message.asks_to_close;
        Ok(answer)
    }
}

/// A request and its answer, under way.
struct Exchange<'a> {
    /// The connection was used before.
    was_idle: bool,
    stream: Pin<&'a mut dyn Stream>,
    stamps: &'a Stamps,
    unsent: Unsent<'a>,
    write_failure: Option<io::Error>,
    reader: Reader<'a>,
}

impl Exchange<'_> {
    /// Reads and writes what can be, until the answer is whole or the server closed the connection.
    ///
    /// Reading comes first: it tells whether an idle connection still lives, and leaves the task
    /// registered for what comes after the write.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        while let Poll::Ready(is_over) = self.poll_read(cx)? {
            if is_over {
                return Poll::Ready(Ok(()));
            }
        }
        if !self.was_sent() && self.write_failure.is_none() {
            match self.unsent.poll_send(self.stream.as_mut(), cx) {
                Poll::Ready(Ok(())) => self.stamps.written.set(Some(Instant::now())),
                // The server may have answered before it closed its end: that is worth more.
                Poll::Ready(Err(failure)) => self.write_failure = Some(failure),
                Poll::Pending => {}
            }
        }
        Poll::Pending
    }

    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<Result<bool, Failure>> {
        BUFFER.with_borrow_mut(|buffer| {
            let mut buffer = ReadBuf::new(buffer);
            let read = without_goodbye(ready!(self.stream.as_mut().poll_read(cx, &mut buffer)));
            Poll::Ready(self.take(read.map(|()| buffer.filled())))
        })
    }

    /// Takes what a read gave; whether no more is to be read.
    fn take(&mut self, read: io::Result<&[u8]>) -> Result<bool, Failure> {
        let bytes = read
            .map_err(|failure| self.failure(classify::connection(&failure, self.is_answered())))?;
        if bytes.is_empty() {
            return Ok(true);
        }
        if self.was_idle && !self.unsent.has_begun {
            // A complaint, or what was left of the answer before: none to this request.
            return Err(self.failure(classify::eof(false)));
        }
        self.stamps.answered();
        let is_whole =
            self.reader.take(bytes).map_err(|malformed| self.failure(malformed.into()))?;
        self.stamps.proto.set(self.reader.head().map(|head| head.proto));
        Ok(is_whole)
    }

    fn failure(&self, error: Error) -> Failure {
        let error = match &self.write_failure {
            Some(failure) => classify::connection(failure, self.is_answered()),
            None => error,
        };
        Failure { error, unprocessed: !self.unsent.has_begun }
    }

    fn was_sent(&self) -> bool {
        self.stamps.written.get().is_some()
    }

    fn is_answered(&self) -> bool {
        self.stamps.first_byte.get().is_some()
    }
}
