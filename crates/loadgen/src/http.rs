//! One HTTP request: from being asked for to the last byte of its answer, timed.
//!
//! Knows nothing of VUs, iterations or metrics: it is handed a [`Request`], tells a sink about
//! every network round trip ([`Hop`]) and gives back a [`Response`].
//!
//! A [`Network`] is what all clients of a run share; a [`Client`] is what one VU has, with
//! connections of its own; a [`Request`] is prepared once and sent many times.
//!
//! ```
//! # let mut builder = tokio::runtime::Builder::new_current_thread();
//! # let runtime = builder.enable_all().build_local(Default::default()).unwrap();
//! # runtime.block_on(async {
//! use loadgen::http::{Client, HttpConfig, InProcess, Network, Request};
//! use std::sync::Arc;
//!
//! let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
//! let target = InProcess::new("http://site.test", router).unwrap();
//! let client = Client::new(Arc::new(Network::new(HttpConfig::default(), Some(target))));
//!
//! let request = Request::get("http://site.test/").build(client.network().config()).unwrap();
//! let response = client
//!     .send(&request, &mut |hop| assert!(hop.timings.duration() > hop.timings.receiving))
//!     .await;
//! assert_eq!(response.status_code(), 200);
//! # });
//! ```
//!
//! # Timings
//!
//! | timing | from | to | on a reused connection |
//! |---|---|---|---|
//! | blocked | a connection is asked for | a connection is in hand (DNS, connect, TLS lie inside) | pool time, near 0 |
//! | connecting | TCP connect called | connected | 0 |
//! | tls_handshaking | handshake begins | done | 0 |
//! | sending | connection ready | last request byte given to the kernel | same |
//! | waiting | request written | first response byte | same |
//! | receiving | first response byte | last body byte | same |
//! | duration | | | sending + waiting + receiving |
//!
//! A request that was never written to its end, as the answer or a failure came first, was in
//! sending until then and did not wait. k6 shows no sending for it.
//!
//! Over HTTP/2, requests share a connection: a request counts as written with the first write to
//! the kernel after it was handed over, and the first byte of an answer is its whole head.
//!
//! # Answers
//!
//! Over HTTP/1.1, the head of an answer may have 256 KiB and 1,000 headers, and what surrounds the
//! chunks of a body (extensions, trailers) 16 KiB each. Interim answers and trailers are passed over. An
//! answer with two different lengths is an error, and so is one that ends otherwise than it said.

mod addresses;
mod classify;
mod client;
mod config;
mod connect;
mod connection;
mod deadline;
mod dns;
mod error;
mod expected;
mod hosts;
mod http1;
mod http2;
mod in_process;
mod io;
mod network;
mod pace;
mod pool;
mod redirect;
mod request;
mod response;
mod target;
mod timings;
mod tls;
mod trace;

pub use addresses::{InvalidIpNet, InvalidLocalIps, IpNet, LocalIps};
pub use client::{Client, Traffic};
pub use config::HttpConfig;
pub use error::{Error, ErrorCode};
pub use expected::{ExpectedStatuses, InvalidStatuses};
pub use hosts::{HostAddress, HostMap, HostPattern, InvalidHost, InvalidHostPattern};
pub use in_process::{InProcess, InProcessService};
pub use network::Network;
pub use request::{InvalidRequest, InvalidUrl, Request, RequestBuilder};
pub use response::{Hop, Response};
pub use timings::Timings;
pub(crate) use tls::AcceptAny;

use std::time::Duration;

/// How names become addresses; k6's `dns` option.
#[derive(Debug, Clone, PartialEq)]
pub struct DnsOptions {
    /// How long an answer is kept; `None` keeps it for the whole run, zero not at all.
    pub ttl: Option<Duration>,
    /// Which of several addresses is used.
    pub select: DnsSelect,
    /// Which address families are used.
    pub policy: DnsPolicy,
}

impl Default for DnsOptions {
    fn default() -> Self {
        Self {
            ttl: Some(Duration::from_secs(300)),
            select: DnsSelect::Random,
            policy: DnsPolicy::PreferIpv4,
        }
    }
}

/// Which of several addresses is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsSelect {
    /// The first.
    First,
    /// Any, by chance.
    Random,
    /// One after the other.
    RoundRobin,
}

/// Which address families are used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DnsPolicy {
    /// IPv4, and IPv6 if there is none.
    PreferIpv4,
    /// IPv6, and IPv4 if there is none.
    PreferIpv6,
    /// IPv4 only.
    OnlyIpv4,
    /// IPv6 only.
    OnlyIpv6,
    /// All of them.
    Any,
}
