//! Iterations of several kinds, each a named function, for scenarios to choose from.

use std::sync::Arc;

use futures_util::future::LocalBoxFuture;

use super::{DEFAULT_FUNCTION, IterationError, IterationResult, Workload};
use crate::vu::Vu;

type Function =
    dyn for<'vu> Fn(&'vu mut Vu) -> LocalBoxFuture<'vu, Result<(), IterationError>> + Send + Sync;

/// Runs another workload as the function `default`, and further functions by their names.
///
/// Calling one of the further ones costs an allocation for each iteration.
pub struct Functions<W> {
    default: W,
    named: Vec<(String, Arc<Function>)>,
}

impl<W> Functions<W> {
    /// No function but the default one.
    pub fn new(default: W) -> Self {
        Self { default, named: Vec::new() }
    }

    /// Adds a function. Of two with one name the first is run.
    pub fn add<F, R>(&mut self, name: &str, function: F)
    where
        F: AsyncFn(&mut Vu) -> R + Send + Sync + 'static,
        R: IterationResult,
    {
        let function = Arc::new(function);
        let boxed: Arc<Function> = Arc::new(move |vu: &mut Vu| {
            let function = function.clone();
            Box::pin(async move { function(vu).await.into_result() })
        });
        self.named.push((name.into(), boxed));
    }

    /// Replaces the default function, if that can be done.
    pub(crate) fn try_map<V, E>(
        self,
        map: impl FnOnce(W) -> Result<V, E>,
    ) -> Result<Functions<V>, E> {
        Ok(Functions { default: map(self.default)?, named: self.named })
    }

    /// Replaces the default function.
    pub(crate) fn map<V>(self, map: impl FnOnce(W) -> V) -> Functions<V> {
        Functions { default: map(self.default), named: self.named }
    }
}

impl<W: Workload> Workload for Functions<W> {
    type Local = (W::Local, Vec<Arc<Function>>);

    fn function(&self, name: &str) -> Option<usize> {
        if name == DEFAULT_FUNCTION {
            return Some(0);
        }
        let at = self.named.iter().position(|(known, _)| known == name)?;
        Some(at + 1)
    }

    fn localize(&self) -> Self::Local {
        (self.default.localize(), self.named.iter().map(|(_, function)| function.clone()).collect())
    }

    async fn iterate(
        (default, named): &Self::Local,
        function: usize,
        vu: &mut Vu,
    ) -> Result<(), IterationError> {
        match function {
            0 => W::iterate(default, 0, vu).await,
            _ => named[function - 1](vu).await,
        }
    }
}
