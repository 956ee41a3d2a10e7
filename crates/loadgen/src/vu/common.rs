//! What the VUs of one worker have in common: where their samples go, and requests that any of
//! them may send again.

use std::{
    cell::{OnceCell, RefCell, RefMut},
    rc::Rc,
    sync::Arc,
};

use rustc_hash::FxHashMap;
use serde_json::Value;
use tokio::time::Instant;

use super::samples::Samples;
use crate::{
    http::{InvalidRequest, Request},
    metrics::{Delta, MetricId, Registry, TagSet},
    options::system_tags::SystemTags,
    stream::Tap,
};

/// Requests that are kept prepared, so that a URL that was used is not parsed again.
const MAX_PREPARED: usize = 10_000;

/// See the module.
pub(crate) struct Common {
    samples: RefCell<Samples>,
    prepared: RefCell<FxHashMap<String, Rc<Request>>>,
    setup_data: OnceCell<Arc<Value>>,
    failed: RefCell<Option<String>>,
}

/// What was left out of the metrics, because it fits into none or there is too much of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LeftOut {
    /// Values of a test's own metrics that were no finite numbers.
    pub values: u64,
    /// Calls for tags that would have made too many different sets.
    pub tags: u64,
}

impl LeftOut {
    /// Both together.
    pub(crate) fn plus(self, other: Self) -> Self {
        Self { values: self.values + other.values, tags: self.tags + other.tags }
    }
}

impl Common {
    /// For the VUs of one worker, whose samples also go into `tap`.
    pub(crate) fn new(registry: Arc<Registry>, system_tags: SystemTags, tap: Option<Tap>) -> Self {
        Self {
            samples: RefCell::new(Samples::new(registry, system_tags, tap)),
            prepared: RefCell::default(),
            setup_data: OnceCell::new(),
            failed: RefCell::default(),
        }
    }

    /// Adds a sample that carries just these tags.
    pub(crate) fn add(&self, tags: &TagSet, metric: MetricId, value: f64) {
        let mut samples = self.samples();
        samples.set_origin(None);
        let scope = samples.scopes().root(tags);
        samples.add(scope, metric, Instant::now, value);
    }

    /// Keeps what the setup function returned. Has an effect once.
    pub(crate) fn set_setup_data(&self, data: Arc<Value>) {
        let _ = self.setup_data.set(data);
    }

    pub(super) fn setup_data(&self) -> Option<&Value> {
        self.setup_data.get().map(|data| &**data)
    }

    /// Marks the test as failed. Only the first reason is kept.
    pub(super) fn fail_test(&self, why: String) {
        self.failed.borrow_mut().get_or_insert(why);
    }

    /// Why the test was marked as failed, if it was.
    pub(crate) fn failed(&self) -> Option<String> {
        self.failed.borrow().clone()
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

    /// What was left out.
    pub(crate) fn left_out(&self) -> LeftOut {
        self.samples().left_out()
    }
}
