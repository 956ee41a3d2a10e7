//! What a run's HTTP is set to.

use std::{num::NonZeroU32, time::Duration};

use rustls::pki_types::CertificateDer;

use super::{DnsOptions, ExpectedStatuses, HostMap, HostPattern, IpNet, LocalIps};

/// Settings of a run's HTTP. The defaults are k6's, but for two: `user_agent` names this program,
/// and `follow_offsite` is off, so that a test does not load a server that it was not told of.
///
/// The first part shapes connections and is read by [`Network`](super::Network) and
/// [`Client`](super::Client); the second is what [`RequestBuilder::build`] gives to requests that
/// do not say otherwise.
///
/// [`RequestBuilder::build`]: super::RequestBuilder::build
#[derive(Debug, Clone)]
pub struct HttpConfig {
    /// Idle HTTP/1.1 connections that one client keeps; `usize::MAX` for no limit.
    pub max_idle: usize,
    /// Idle HTTP/1.1 connections that one client keeps to one host and port.
    pub max_idle_per_host: usize,
    /// Use a connection for more than one request.
    pub connection_reuse: bool,
    /// Offer HTTP/2 to servers that speak TLS.
    pub http2: bool,
    /// Accept any certificate.
    pub insecure_skip_tls_verify: bool,
    /// Certificates to trust beside those of the system.
    pub extra_roots: Vec<CertificateDer<'static>>,
    /// How names become addresses.
    pub dns: DnsOptions,
    /// Where names lead that are not to be resolved.
    pub hosts: HostMap,
    /// Addresses that no connection is made to.
    pub blacklist_ips: Vec<IpNet>,
    /// Names that no connection is made to.
    pub block_hostnames: Vec<HostPattern>,
    /// Addresses that clients send from in turn; `None` for what the system chooses.
    pub local_ips: Option<LocalIps>,
    /// Calls per second, all clients of the network together. The hops of a redirect are one call.
    pub rps: Option<NonZeroU32>,
    /// Follow redirects to other hosts than the one that was asked.
    pub follow_offsite: bool,

    /// Redirects that are followed; the one after that is the answer.
    pub max_redirects: u32,
    /// `User-Agent`; empty sends none.
    pub user_agent: String,
    /// Headers of every request, in order.
    pub headers: Vec<(String, String)>,
    /// Time for a call, from the request for a connection to the last byte, redirects included.
    pub timeout: Duration,
    /// Which statuses are not failures.
    pub expected: ExpectedStatuses,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            max_idle: 20,
            max_idle_per_host: 6,
            connection_reuse: true,
            http2: true,
            insecure_skip_tls_verify: false,
            extra_roots: Vec::new(),
            dns: DnsOptions::default(),
            hosts: HostMap::default(),
            blacklist_ips: Vec::new(),
            block_hostnames: Vec::new(),
            local_ips: None,
            rps: None,
            follow_offsite: false,
            max_redirects: 10,
            user_agent: concat!("loadgen/", env!("CARGO_PKG_VERSION")).to_owned(),
            headers: Vec::new(),
            timeout: Duration::from_secs(60),
            expected: ExpectedStatuses::default(),
        }
    }
}
