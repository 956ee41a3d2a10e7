//! What all clients of a run share.

use super::{HttpConfig, InProcess};

/// What all clients of a run share, on whatever thread they live: the settings, the TLS
/// configuration, the resolver with its cache, the limit of requests per second, and the service
/// that is reached without a network, if there is one.
#[derive(Debug)]
pub struct Network {
    config: HttpConfig,
    in_process: Option<InProcess>,
}

impl Network {
    /// A network with these settings. Requests to the origin of `in_process` go to its service.
    pub fn new(config: HttpConfig, in_process: Option<InProcess>) -> Self {
        Self { config, in_process }
    }

    /// The settings.
    pub fn config(&self) -> &HttpConfig {
        &self.config
    }
}
