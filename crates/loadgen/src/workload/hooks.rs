//! What runs once before all iterations, and once after them.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;
use serde::Serialize;
use serde_json::Value;

use super::{IterationError, IterationResult};
use crate::vu::Vu;

/// A function that runs once; setup's value is what all iterations can read.
pub(crate) type Hook = dyn for<'vu> Fn(&'vu mut Vu) -> LocalBoxFuture<'vu, Result<Value, IterationError>>
    + Send
    + Sync;

/// The functions of a test that are no iterations.
#[derive(Clone, Default)]
pub(crate) struct Hooks {
    pub setup: Option<Arc<Hook>>,
    pub teardown: Option<Arc<Hook>>,
}

impl Hooks {
    /// Runs before all iterations.
    pub(crate) fn set_setup<F, T, E>(&mut self, setup: F)
    where
        F: AsyncFn(&mut Vu) -> Result<T, E> + Send + Sync + 'static,
        T: Serialize,
        E: std::fmt::Display,
    {
        let setup = Arc::new(setup);
        self.setup = Some(Arc::new(move |vu: &mut Vu| {
            let setup = setup.clone();
            Box::pin(async move {
                let data = setup(vu).await.map_err(|error| error.to_string())?;
                serde_json::to_value(data)
                    .map_err(|error| format!("error marshaling setup() data to JSON: {error}"))
            })
        }));
    }

    /// Runs after all iterations.
    pub(crate) fn set_teardown<F, R>(&mut self, teardown: F)
    where
        F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
        R: IterationResult,
    {
        let teardown = Arc::new(teardown);
        self.teardown = Some(Arc::new(move |vu: &mut Vu| {
            let teardown = teardown.clone();
            Box::pin(async move { teardown(vu).await.into_result().map(|()| Value::Null) })
        }));
    }
}
