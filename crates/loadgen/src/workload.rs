//! What an iteration does. The engine runs iterations without knowing which kind they are.

mod batch_get;
mod closure;

pub use batch_get::BatchGet;
pub use closure::{Closure, IterationResult};

use crate::vu::Vu;

/// Why an iteration failed, as its author words it.
pub type IterationError = String;

/// Something that can run one iteration.
pub trait Workload: Send + Sync + 'static {
    /// What each worker has of it on its own thread, so that workers share nothing.
    type Local: 'static;

    /// Makes a worker's own.
    fn localize(&self) -> Self::Local;

    /// Runs one iteration.
    ///
    /// An `Err` is what an exception is to a k6 script: it is counted and shown, the iteration
    /// counts as complete, and the run goes on.
    fn iterate(
        local: &Self::Local,
        vu: &mut Vu,
    ) -> impl Future<Output = Result<(), IterationError>>;
}
