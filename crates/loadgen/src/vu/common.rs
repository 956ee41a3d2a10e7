//! What the VUs of one worker have in common: where their samples go, and requests that any of
//! them may send again.

use std::{
    cell::{RefCell, RefMut},
    rc::Rc,
    sync::Arc,
};

use rustc_hash::FxHashMap;

use super::samples::Samples;
use crate::{
    http::{InvalidRequest, Request},
    metrics::{Delta, Registry},
};

/// Requests that are kept prepared, so that a URL that was used is not parsed again.
const MAX_PREPARED: usize = 10_000;

/// See the module.
pub(crate) struct Common {
    samples: RefCell<Samples>,
    prepared: RefCell<FxHashMap<String, Rc<Request>>>,
}

impl Common {
    /// For the VUs of one scenario.
    pub(crate) fn new(registry: Arc<Registry>, scenario: &str) -> Self {
        Self {
            samples: RefCell::new(Samples::new(registry, scenario)),
            prepared: RefCell::default(),
        }
    }

    pub(super) fn samples(&self) -> RefMut<'_, Samples> {
        self.samples.borrow_mut()
    }

    /// The request of a URL; made by `prepare` if it is not kept.
    pub(super) fn prepared(
        &self,
        url: &str,
        prepare: impl FnOnce() -> Result<Request, InvalidRequest>,
    ) -> Result<Rc<Request>, InvalidRequest> {
        if let Some(request) = self.prepared.borrow().get(url) {
            return Ok(request.clone());
        }
        let request = Rc::new(prepare()?);
        let mut prepared = self.prepared.borrow_mut();
        if prepared.len() < MAX_PREPARED {
            prepared.insert(url.into(), request.clone());
        }
        Ok(request)
    }

    /// Takes out the samples that were added since the last time.
    pub(crate) fn take(&self) -> Delta {
        self.samples().take()
    }

    /// How many values of a test's own metrics were left out because they were no numbers.
    pub(crate) fn rejected(&self) -> u64 {
        self.samples().rejected()
    }
}
