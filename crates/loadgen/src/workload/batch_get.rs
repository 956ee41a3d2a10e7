//! The batched GET: every iteration requests a whole list and checks each status.

use super::{IterationError, Workload};
use crate::{
    http::{ExpectedStatuses, HttpConfig, InvalidRequest, Request},
    vu::Vu,
};

/// The check that counts whether a status was expected.
const STATUS_CHECK: &str = "status";

/// GETs every URL of a list as one batch. Bodies are counted and dropped.
pub struct BatchGet {
    urls: Vec<String>,
    config: HttpConfig,
}

/// A worker's requests.
pub struct Prepared {
    requests: Vec<Request>,
    expected: ExpectedStatuses,
}

impl BatchGet {
    /// A batch of GETs; the statuses that `config` expects pass the check.
    ///
    /// # Errors
    ///
    /// The first URL or header that no request can be made from.
    pub fn new(urls: Vec<String>, config: &HttpConfig) -> Result<Self, InvalidRequest> {
        for url in &urls {
            Request::get(url).build(config)?;
        }
        Ok(Self { urls, config: config.clone() })
    }
}

impl Workload for BatchGet {
    type Local = Prepared;

    fn localize(&self) -> Prepared {
        let request = |url| {
            let request = Request::get(url).keep_headers(false);
            request.build(&self.config).expect("was built before")
        };
        Prepared {
            requests: self.urls.iter().map(request).collect(),
            expected: self.config.expected.clone(),
        }
    }

    async fn iterate(local: &Prepared, _: usize, vu: &mut Vu) -> Result<(), IterationError> {
        let vu = &*vu;
        vu.run_batch(&local.requests, |_, response| {
            vu.count_check(STATUS_CHECK, local.expected.contains(response.status_code()));
        })
        .await;
        Ok(())
    }
}
