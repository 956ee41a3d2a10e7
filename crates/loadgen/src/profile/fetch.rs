//! One request, and what its answer means.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use http::StatusCode;

use super::{ProfileError, pprof::MOST_BYTES};
use crate::{
    http::{Client, HttpConfig, InvalidRequest, Network, Request},
    output::{QUOTED, first_line},
};

/// How much longer than its profile an answer may take: names of functions are looked for then.
const PATIENCE: Duration = Duration::from_secs(20);

/// A request for a profile, and the way it goes.
#[derive(Debug)]
pub(super) struct Fetch {
    request: Request,
    network: Arc<Network>,
}

impl Fetch {
    /// Asks `url` for a profile that takes so many seconds. Of how the test's own requests are made only
    /// that counts which says where a server is and whether to trust it.
    pub(super) fn new(url: &str, seconds: u32, test: &HttpConfig) -> Result<Self, InvalidRequest> {
        let config = HttpConfig {
            dns: test.dns.clone(),
            hosts: test.hosts.clone(),
            insecure_skip_tls_verify: test.insecure_skip_tls_verify,
            extra_roots: test.extra_roots.clone(),
            timeout: Duration::from_secs(seconds.into()) + PATIENCE,
            ..HttpConfig::default()
        };
        let request = Request::get(url).keep_body_up_to(MOST_BYTES).build(&config)?;
        Ok(Self { request, network: Arc::new(Network::new(config, None)) })
    }

    /// What is asked, without a password.
    pub(super) fn url(&self) -> &str {
        self.request.url()
    }

    /// Asks. On a runtime that is local.
    pub(super) async fn fetch(self) -> Result<Bytes, ProfileError> {
        let client = Client::new(self.network);
        let response = client.send(&self.request, &mut |_| {}).await;
        if let Some(error) = response.error {
            return Err(ProfileError::NoAnswer(error.text));
        }
        let body = response.body.unwrap_or_default();
        match response.status {
            Some(StatusCode::OK) if response.is_cut => Err(ProfileError::TooLong),
            Some(StatusCode::OK) => Ok(body),
            status => Err(ProfileError::Refused(refusal(status.unwrap_or_default(), &body))),
        }
    }
}

fn refusal(status: StatusCode, body: &[u8]) -> String {
    let mut line = first_line(&body[..body.len().min(4 * QUOTED)]);
    line.retain(|c| !c.is_control());
    match (status, line.as_str()) {
        (StatusCode::NOT_FOUND, _) => {
            format!("{status}; servy has profiles when it is started with --pprof")
        }
        (_, "") => status.to_string(),
        (_, line) => format!("{status}: {line}"),
    }
}
