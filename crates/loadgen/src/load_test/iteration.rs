//! What an iteration does, as the test is told of it.

use super::LoadTestError;
use crate::{
    http::HttpConfig,
    target::Target,
    vu::Vu,
    workload::{BatchGet, Closure, IterationResult, Workload},
};

/// What an iteration does, before it is known where.
pub trait Iteration {
    /// What it becomes.
    type Workload: Workload;

    /// The workload against a target.
    fn workload(
        self,
        target: &Target,
        config: &HttpConfig,
    ) -> Result<Self::Workload, LoadTestError>;
}

/// A list of paths or URLs, requested as one batch.
#[derive(Debug, Clone)]
pub struct Paths(pub(super) Vec<String>);

impl Iteration for Paths {
    type Workload = BatchGet;

    fn workload(self, target: &Target, config: &HttpConfig) -> Result<BatchGet, LoadTestError> {
        if self.0.is_empty() {
            return Err(LoadTestError::NoPaths);
        }
        let urls = self.0.iter().map(|path| target.resolve(path)).collect();
        Ok(BatchGet::new(urls, config)?)
    }
}

/// A workload of one's own.
#[derive(Debug, Clone)]
pub struct Custom<W>(pub(super) W);

impl<W: Workload> Iteration for Custom<W> {
    type Workload = W;

    fn workload(self, _: &Target, _: &HttpConfig) -> Result<W, LoadTestError> {
        Ok(self.0)
    }
}

impl<F, R> Iteration for Closure<F>
where
    F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
    R: IterationResult,
{
    type Workload = Self;

    fn workload(self, _: &Target, _: &HttpConfig) -> Result<Self, LoadTestError> {
        Ok(self)
    }
}
