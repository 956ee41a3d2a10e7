//! An iteration written in Rust.

use std::{fmt::Display, sync::Arc};

use super::{IterationError, Workload};
use crate::vu::Vu;

/// What the closure of an iteration may return: nothing, or a `Result`.
pub trait IterationResult {
    /// The same as a `Result` with the error's text.
    fn into_result(self) -> Result<(), IterationError>;
}

impl IterationResult for () {
    fn into_result(self) -> Result<(), IterationError> {
        Ok(())
    }
}

impl<E: Display> IterationResult for Result<(), E> {
    fn into_result(self) -> Result<(), IterationError> {
        self.map_err(|error| error.to_string())
    }
}

/// Runs an async closure for each iteration.
pub struct Closure<F>(Arc<F>);

impl<F> Closure<F> {
    /// A workload of the closure.
    pub fn new(iteration: F) -> Self {
        Self(Arc::new(iteration))
    }
}

impl<F, R> Workload for Closure<F>
where
    F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
    R: IterationResult,
{
    type Local = Arc<F>;

    fn localize(&self) -> Arc<F> {
        self.0.clone()
    }

    async fn iterate(local: &Arc<F>, _: usize, vu: &mut Vu) -> Result<(), IterationError> {
        local(vu).await.into_result()
    }
}
