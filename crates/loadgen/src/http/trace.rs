//! When things happened in one round trip.

use std::{cell::Cell, net::SocketAddr, rc::Rc};

use tokio::time::Instant;

use super::Timings;

/// What is noted by the connection.
#[derive(Debug, Default)]
pub(super) struct Stamps {
    /// The last time that all of the request so far was with the kernel.
    pub(super) written: Cell<Option<Instant>>,
    pub(super) first_byte: Cell<Option<Instant>>,
    /// The protocol of the answer, once its head is here.
    pub(super) proto: Cell<Option<&'static str>>,
}

impl Stamps {
    /// Forgets the previous request.
    pub(super) fn reset(&self) {
        self.written.set(None);
        self.first_byte.set(None);
        self.proto.set(None);
    }

    /// The first byte of the answer is here, if it was not before.
    pub(super) fn answered(&self) {
        if self.first_byte.get().is_none() {
            self.first_byte.set(Some(Instant::now()));
        }
    }
}

/// The other end of a connection.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Peer {
    pub(super) address: Option<SocketAddr>,
    pub(super) tls_version: Option<&'static str>,
}

/// The course of one round trip. It outlives the future that does the work, so that it can be
/// told how far a request came that ran out of time.
#[derive(Debug)]
pub(super) struct Trace {
    asked: Instant,
    ready: Option<Instant>,
    done: Option<Instant>,
    stamps: Option<Rc<Stamps>>,
    /// Name resolution, connect and TLS; the other fields are not used.
    pub(super) connect: Timings,
    pub(super) peer: Peer,
}

impl Trace {
    /// A connection is asked for.
    pub(super) fn start(asked: Instant) -> Self {
        Self {
            asked,
            ready: None,
            done: None,
            stamps: None,
            connect: Timings::default(),
            peer: Peer::default(),
        }
    }

    /// A connection is in hand; `stamps` is where it notes what happens.
    pub(super) fn ready(&mut self, peer: Peer, stamps: Rc<Stamps>) {
        self.ready = Some(Instant::now());
        self.peer = peer;
        self.stamps = Some(stamps);
    }

    /// The last byte of the answer is here.
    pub(super) fn done(&mut self) {
        self.done = Some(Instant::now());
    }

    /// The protocol of the answer, if its head arrived.
    pub(super) fn proto(&self) -> Option<&'static str> {
        self.stamps.as_ref()?.proto.get()
    }

    /// When the last byte of the answer came; now, if it did not.
    pub(super) fn ended(&self) -> Instant {
        self.done.unwrap_or_else(Instant::now)
    }

    /// The spans up to the `end`.
    pub(super) fn timings(&self, end: Instant) -> Timings {
        let Some(ready) = self.ready else { return self.connect };
        let mut timings = Timings { blocked: ready - self.asked, ..self.connect };
        let (written, first_byte) = match &self.stamps {
            Some(stamps) => (stamps.written.get(), stamps.first_byte.get()),
            None => (None, None),
        };
        // A request that was not written to its end was being sent until the answer came.
        let answered = first_byte.unwrap_or(end);
        let written = written.unwrap_or(answered);
        timings.sending = written.saturating_duration_since(ready);
        timings.waiting = answered.saturating_duration_since(written);
        if let Some(first_byte) = first_byte {
            timings.receiving = end.saturating_duration_since(first_byte);
        }
        timings
    }
}
