//! What an iteration does. The engine runs iterations without knowing which kind they are.

mod batch_get;
mod closure;
mod functions;
mod hooks;

pub use batch_get::BatchGet;
pub use closure::{Closure, IterationResult};
pub use functions::Functions;
pub(crate) use hooks::{Hook, Hooks};

use crate::vu::Vu;

/// Why an iteration failed, as its author words it.
pub type IterationError = String;

/// The function that a scenario runs if it names none.
pub const DEFAULT_FUNCTION: &str = "default";

/// Something that can run one iteration.
pub trait Workload: Send + Sync + 'static {
    /// What each worker has of it on its own thread, so that workers share nothing.
    type Local: 'static;

    /// The number of a function that scenarios may name as their `exec`.
    fn function(&self, name: &str) -> Option<usize> {
        (name == DEFAULT_FUNCTION).then_some(0)
    }

    /// Makes a worker's own.
    fn localize(&self) -> Self::Local;

    /// Runs one iteration of a function.
    ///
    /// An `Err` is what an exception is to a k6 script: it is counted and shown, the iteration
    /// counts as complete, and the run goes on.
    fn iterate(
        local: &Self::Local,
        function: usize,
        vu: &mut Vu,
    ) -> impl Future<Output = Result<(), IterationError>>;
}
