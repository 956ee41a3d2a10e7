//! What all clients of a run share.

use std::fmt;

use super::{HttpConfig, InProcess, dns::Resolver, pace::Pace, tls::Tls};

/// What all clients of a run share, on whatever thread they live: the settings, the TLS
/// configuration, the resolver with its cache, the limit of requests per second, and the service
/// that is reached without a network, if there is one.
pub struct Network {
    pub(super) config: HttpConfig,
    pub(super) in_process: Option<InProcess>,
    pub(super) resolver: Resolver,
    pub(super) tls: Tls,
    pub(super) pace: Option<Pace>,
}

impl Network {
    /// A network with these settings. Requests to the origin of `in_process` go to its service.
    pub fn new(config: HttpConfig, in_process: Option<InProcess>) -> Self {
        Self {
            resolver: Resolver::new(config.dns.clone()),
            tls: Tls::default(),
            pace: config.rps.map(Pace::new),
            config,
            in_process,
        }
    }

    /// Reads the certificates to trust, so that the first `https` request finds them there and no
    /// other request has to wait meanwhile. If that fails, so does each `https` request.
    pub fn prepare_tls(&self) {
        let _ = self.tls.connector(&self.config);
    }

    /// The settings.
    pub fn config(&self) -> &HttpConfig {
        &self.config
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("config", &self.config)
            .field("in_process", &self.in_process)
            .finish_non_exhaustive()
    }
}
