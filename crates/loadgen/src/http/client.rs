//! Sends requests.

use std::{cell::Cell, fmt, net::IpAddr, pin::pin, rc::Rc, sync::Arc};

use http::StatusCode;
use tokio::time::Instant;

use super::{
    Error, ErrorCode, Hop, Network, Request, Response, Timings, classify,
    connection::{Connection, Failure},
    deadline::Deadlines,
    pool::{Pool, Turn},
    redirect::Redirects,
    response::{Answer, Keep},
    target::{Origin, Target},
    trace::{Stamps, Trace},
};

/// Sends requests over connections of its own. There is one for each VU, as k6 has it.
///
/// A client lives on one thread, inside a tokio `LocalRuntime` or `LocalSet`. Several calls may
/// be under way at once.
pub struct Client {
    network: Arc<Network>,
    local_ip: Option<IpAddr>,
    pool: Pool,
    deadlines: Deadlines,
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

/// How often a request is sent again that an HTTP/2 server refused to look at; Go's limit.
const MAX_REFUSALS: u32 = 6;

impl Client {
    /// A client without connections.
    pub fn new(network: Arc<Network>) -> Self {
        Self::nth(network, 0)
    }

    /// The client with this index, from 0: of the network's local addresses it sends from the one
    /// whose turn that is.
    pub fn nth(network: Arc<Network>, index: u64) -> Self {
        Self {
            local_ip: network.config.local_ips.as_ref().map(|ips| ips.nth(index)),
            pool: Pool::new(&network.config),
            deadlines: Deadlines::default(),
            traffic: Rc::default(),
            network,
        }
    }

    /// What all clients share.
    pub fn network(&self) -> &Arc<Network> {
        &self.network
    }

    /// Sends `request`, follows redirects, and tells `sink` about each round trip as it ends.
    ///
    /// Failures are answers, too: they are in [`Response::error`]. So is `101 Switching Protocols`:
    /// what follows it is not HTTP.
    ///
    /// # Cancel safety
    ///
    /// When the future is dropped, the connection it used is closed (over HTTP/2, the stream is
    /// reset), `sink` is not called, and the client stays usable.
    ///
    /// # Panics
    ///
    /// Outside of a tokio `LocalRuntime` or `LocalSet`.
    pub async fn send(&self, request: &Request, sink: &mut dyn FnMut(&Hop<'_>)) -> Response {
        if let Some(pace) = &self.network.pace {
            pace.wait().await;
        }
        let mut asked = Instant::now();
        let mut deadline = self.deadlines.start(asked, request.timeout);
        let mut hops = Redirects::new(request, self.network.config.follow_offsite);
        loop {
            let target = hops.target();
            let mut trace = Trace::start(asked);
            let mut outcome = {
                let round_trip = pin!(self.round_trip(target, request.keep, &mut trace));
                deadline.bound(round_trip).await.unwrap_or_else(|| Err(classify::timeout()))
            };
            let ended = trace.ended();
            let timings = trace.timings(ended);
            let next = match outcome.as_ref().map(|answer| hops.next(answer)) {
                Ok(Ok(next)) => next,
                Ok(Err(error)) => {
                    outcome = Err(error);
                    None
                }
                Err(_) => None,
            };
            let status = outcome.as_ref().map_or(0, |answer| answer.status.as_u16());
            sink(&Hop {
                method: &target.http1.method,
                url: &target.tag,
                status,
                expected: request.expected.contains(status),
                proto: trace.proto(),
                tls_version: trace.peer.tls_version,
                remote: trace.peer.address,
                error: outcome.as_ref().err(),
                timings,
                ended,
            });
            match next {
                Some(next) => hops.follow(next),
                None => return response(outcome, &trace, timings, hops.redirected_to()),
            }
            asked = Instant::now();
        }
    }

    /// Bytes sent and received since the last call.
    pub fn take_bytes(&self) -> Traffic {
        self.traffic.take()
    }

    /// Closes all connections that no call is using.
    pub fn close_idle(&self) {
        self.pool.clear();
    }

    /// One request and its answer. A connection that the server closed while it was idle is no
    /// failure of the request: that is sent again on another. So is one that an HTTP/2 server
    /// refused.
    async fn round_trip(
        &self,
        target: &Target,
        keep: Keep,
        trace: &mut Trace,
    ) -> Result<Answer, Error> {
        let mut refusals = 0;
        loop {
            let (mut connection, reused) = self.connection(&target.origin, trace).await?;
            let stamps = connection.stamps();
            trace.ready(connection.peer(), stamps.clone());
            let answer = match connection.exchange(target, keep, &stamps).await {
                Ok(answer) => answer,
                Err(failure) => {
                    let again = match connection {
                        Connection::Http1(_) => reused && is_harmless(target, &failure, &stamps),
                        Connection::Http2(_) => failure.unprocessed && refusals < MAX_REFUSALS,
                    };
                    if !again {
                        return Err(failure.error);
                    }
                    refusals += 1;
                    *trace = Trace::start(Instant::now());
                    continue;
                }
            };
            if answer.status == StatusCode::SWITCHING_PROTOCOLS {
                let text = format!("unsupported response status: {}", answer.status);
                return Err(Error { code: ErrorCode::UNCLASSIFIED, text });
            }
            trace.done();
            if self.network.config.connection_reuse {
                self.pool.give_back(connection);
            }
            return Ok(answer);
        }
    }

    /// A connection to `origin`, and whether it was there before.
    async fn connection(
        &self,
        origin: &Origin,
        trace: &mut Trace,
    ) -> Result<(Connection, bool), Error> {
        let config = &self.network.config;
        if !config.connection_reuse {
            return Ok((self.connect(origin, trace).await?, false));
        }
        if let Some(connection) = self.pool.take(origin) {
            return Ok((connection, true));
        }
        if !(origin.tls && config.http2) {
            return Ok((self.connect(origin, trace).await?, false));
        }
        // If this server speaks HTTP/2, one connection is enough for all: the first finds out.
        let _finding_out = match self.pool.turn(origin) {
            Turn::First(finding_out) => Some(finding_out),
            Turn::Connect => None,
            Turn::Wait(found_out) => {
                found_out.notified().await;
                if let Some(connection) = self.pool.take(origin) {
                    return Ok((connection, true));
                }
                None
            }
        };
        let connection = self.connect(origin, trace).await?;
        self.pool.learn(origin, &connection);
        Ok((connection, false))
    }

    async fn connect(&self, origin: &Origin, trace: &mut Trace) -> Result<Connection, Error> {
        let (traffic, times) = (self.traffic.clone(), &mut trace.connect);
        // Boxed, as what it takes to connect would make each request large.
        Box::pin(self.network.connect(origin, self.local_ip, traffic, times)).await
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("network", &self.network).finish_non_exhaustive()
    }
}

/// Whether it does no harm to send a request again that failed on an HTTP/1.1 connection used
/// before: the server has not seen it, or nothing of an answer arrived and acting twice is as good
/// as once.
fn is_harmless(target: &Target, failure: &Failure, stamps: &Stamps) -> bool {
    failure.unprocessed || (target.http1.is_idempotent && stamps.first_byte.get().is_none())
}

fn response(
    outcome: Result<Answer, Error>,
    trace: &Trace,
    timings: Timings,
    redirected_to: Option<String>,
) -> Response {
    let mut response = Response {
        status: None,
        headers: http::HeaderMap::new(),
        body: None,
        proto: trace.proto(),
        tls_version: trace.peer.tls_version,
        remote: trace.peer.address,
        timings,
        error: None,
        redirected_to,
    };
    match outcome {
        Ok(answer) => {
            response.status = Some(answer.status);
            response.headers = answer.headers;
            response.body = answer.body;
        }
        Err(error) => response.error = Some(error),
    }
    response
}
