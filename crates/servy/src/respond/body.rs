//! The body of a response: bytes in memory, or pieces of which some are still in a file.
//!
//! A file is read as fast as the client takes it, one piece at a time, so that neither a large
//! file nor a slow client costs memory.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use tokio::task::JoinHandle;
use tracing::warn;

use crate::assets::{Content, PIECE};

pub(crate) enum Body {
    /// What is left is in memory.
    Memory(Option<Bytes>),
    Pieces(Pieces),
}

/// Content after content.
pub(crate) struct Pieces {
    waiting: VecDeque<Content>,
    /// The piece that comes next, while it is read.
    reading: Option<JoinHandle<io::Result<Bytes>>>,
    /// How many bytes have not been given away yet.
    left: u64,
}

impl Default for Body {
    fn default() -> Body {
        Body::Memory(None)
    }
}

impl From<Content> for Body {
    fn from(content: Content) -> Body {
        match content {
            Content::Memory(bytes) => Body::Memory(Some(bytes).filter(|bytes| !bytes.is_empty())),
            file @ Content::File(..) => vec![file].into(),
        }
    }
}

impl From<Vec<Content>> for Body {
    fn from(pieces: Vec<Content>) -> Body {
        let left = pieces.iter().map(Content::len).sum();
        Body::Pieces(Pieces { waiting: pieces.into(), reading: None, left })
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let next = match &mut *self {
            Body::Memory(bytes) => bytes.take().map(Ok),
            Body::Pieces(pieces) => ready!(pieces.poll_next(cx)),
        };
        Poll::Ready(next.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.size_hint().exact() == Some(0)
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Body::Memory(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Body::Pieces(pieces) => pieces.left,
        })
    }
}

impl Pieces {
    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if let Some(reading) = &mut self.reading {
                let read = ready!(Pin::new(reading).poll(cx));
                self.reading = None;
                return Poll::Ready(Some(self.took(read.map_err(io::Error::other).flatten())));
            }
            match self.waiting.pop_front() {
                None => return Poll::Ready(None),
                Some(Content::Memory(bytes)) => return Poll::Ready(Some(self.took(Ok(bytes)))),
                Some(Content::File(file, range)) => {
                    let middle = range.end.min(range.start + PIECE);
                    if middle < range.end {
                        let rest = Content::File(Arc::clone(&file), middle..range.end);
                        self.waiting.push_front(rest);
                    }
                    let read = move || file.read(range.start..middle);
                    self.reading = Some(tokio::task::spawn_blocking(read));
                }
            }
        }
    }

    /// Counts what leaves. After a failure nothing more does: the connection ends early, and so
    /// the client knows that its copy is not whole.
    fn took(&mut self, read: io::Result<Bytes>) -> io::Result<Bytes> {
        match &read {
            Ok(bytes) => self.left -= bytes.len() as u64,
            Err(error) => {
                warn!("a response is cut: {error}");
                self.waiting.clear();
            }
        }
        read
    }
}
