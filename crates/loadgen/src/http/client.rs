//! Sends requests.

use std::{cell::Cell, rc::Rc, sync::Arc};

use super::{Hop, Network, Request, Response};

/// Sends requests over connections of its own. There is one for each VU, as k6 has it.
///
/// A client lives on one thread, inside a tokio `LocalRuntime` or `LocalSet`. Several calls may
/// be under way at once.
#[derive(Debug)]
pub struct Client {
    network: Arc<Network>,
    traffic: Rc<Cell<Traffic>>,
}

/// Bytes at the socket: heads, bodies, TLS and all.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traffic {
    /// Given to the kernel.
    pub sent: u64,
    /// Taken from the kernel.
    pub received: u64,
}

impl Client {
    /// A client without connections.
    pub fn new(network: Arc<Network>) -> Self {
        Self { network, traffic: Rc::default() }
    }

    /// What all clients share.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Sends `request`, follows redirects, and tells `sink` about each round trip as it ends.
    ///
    /// Failures are answers, too: they are in [`Response::error`].
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the connection it used is closed (over HTTP/2, the stream is
    /// reset), `sink` is not called, and the client stays usable.
    pub async fn send(&self, _request: &Request, _sink: &mut dyn FnMut(&Hop<'_>)) -> Response {
        todo!()
    }

    /// Bytes sent and received since the last call.
    pub fn take_traffic(&self) -> Traffic {
        self.traffic.take()
    }

    /// Closes all connections that no call is using.
    pub fn close_idle(&self) {}
}
