//! The connections of one client that can be used again.

use std::{cell::RefCell, rc::Rc};

use rustc_hash::FxHashMap;
use tokio::sync::Notify;

use super::{HttpConfig, connection::Connection, http1::Http1, http2::Http2, target::Origin};

/// Idle HTTP/1.1 connections, and the HTTP/2 connections, idle or not.
///
/// A request that finds none idle connects and waits for its own connection, even if another
/// becomes idle sooner. Go takes what comes first.
pub(super) struct Pool {
    max_idle: usize,
    max_idle_per_host: usize,
    /// The least recently used first. There are few, so they are searched and not hashed.
    idle: RefCell<Vec<Http1>>,
    /// What the `https` origins speak.
    spoken: RefCell<FxHashMap<Origin, Spoken>>,
}

enum Spoken {
    /// A request is about to find out.
    Unknown(Rc<Notify>),
    Http1,
    Http2(Http2),
}

/// What a request to an `https` origin without a usable connection has to do.
pub(super) enum Turn<'a> {
    /// Connect, and find out what the server speaks.
    First(FindingOut<'a>),
    /// Wait for the one that does.
    Wait(Rc<Notify>),
    /// Connect: it speaks HTTP/1.1, which takes a connection for each request.
    Connect,
}

/// Lets those go on that wait, whatever came of it: if it failed or was dropped, they connect, each
/// for itself.
pub(super) struct FindingOut<'a> {
    pool: &'a Pool,
    origin: &'a Origin,
    waiting: Rc<Notify>,
}

impl Pool {
    pub(super) fn new(config: &HttpConfig) -> Self {
        Self {
            max_idle: config.max_idle,
            max_idle_per_host: config.max_idle_per_host,
            idle: RefCell::default(),
            spoken: RefCell::default(),
        }
    }

    /// A connection to `origin` that is there already: of idle ones the most recently used.
    pub(super) fn take(&self, origin: &Origin) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        if let Some(index) = idle.iter().rposition(|connection| connection.origin == *origin) {
            return Some(Connection::Http1(idle.remove(index)));
        }
        if !origin.tls {
            return None;
        }
        match self.spoken.borrow().get(origin) {
            Some(Spoken::Http2(shared)) if shared.is_open() => {
                Some(Connection::Http2(shared.clone()))
            }
            _ => None,
        }
    }

    /// Who connects to an `https` origin, after [`Self::take`] had nothing.
    pub(super) fn turn<'a>(&'a self, origin: &'a Origin) -> Turn<'a> {
        let mut spoken = self.spoken.borrow_mut();
        match spoken.get(origin) {
            Some(Spoken::Http1) => Turn::Connect,
            Some(Spoken::Unknown(waiting)) => Turn::Wait(waiting.clone()),
            None | Some(Spoken::Http2(_)) => {
                let waiting = Rc::<Notify>::default();
                spoken.insert(origin.clone(), Spoken::Unknown(waiting.clone()));
                Turn::First(FindingOut { pool: self, origin, waiting })
            }
        }
    }

    /// Notes what the server at `origin` speaks, and lets others use an HTTP/2 connection.
    pub(super) fn learn(&self, origin: &Origin, connection: &Connection) {
        let spoken = match connection {
            Connection::Http1(_) => Spoken::Http1,
            Connection::Http2(shared) => Spoken::Http2(shared.clone()),
        };
        self.spoken.borrow_mut().insert(origin.clone(), spoken);
    }

    /// Takes a connection back after its answer was read to the end, if it is of further use.
    pub(super) fn give_back(&self, connection: Connection) {
        let Connection::Http1(connection) = connection else { return };
        if !connection.is_reusable() {
            return;
        }
        let mut idle = self.idle.borrow_mut();
        let of_host = idle.iter().filter(|other| other.origin == connection.origin).count();
        if of_host < self.max_idle_per_host {
            idle.push(connection);
        }
        if idle.len() > self.max_idle {
            idle.remove(0);
        }
    }

    /// Drops all connections. Requests on HTTP/2 connections run on to their end.
    pub(super) fn clear(&self) {
        self.idle.borrow_mut().clear();
        self.spoken.borrow_mut().retain(|_, spoken| !matches!(spoken, Spoken::Http2(_)));
    }
}

impl Drop for FindingOut<'_> {
    fn drop(&mut self) {
        let mut spoken = self.pool.spoken.borrow_mut();
        // By now it may be another that finds out.
        if let Some(Spoken::Unknown(waiting)) = spoken.get(self.origin)
            && Rc::ptr_eq(waiting, &self.waiting)
        {
            spoken.remove(self.origin);
        }
        self.waiting.notify_waiters();
    }
}
