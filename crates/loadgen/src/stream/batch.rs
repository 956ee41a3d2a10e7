//! Samples that were measured by one thread, in the order in which they were.

use std::{sync::Arc, time::Duration};

use super::TagsId;
use crate::metrics::{MetricDef, MetricId, Registry, TagSet, builtin::*};

/// A sample.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// Its metric and tags as numbers.
    pub series: SeriesKey,
    /// Its metric: name, kind, and what its values are.
    pub metric: &'a MetricDef,
    /// Its tags, sorted by name. Empty values are among them.
    pub tags: &'a TagSet,
    /// When it was measured, in nanoseconds since the Unix epoch.
    pub unix_nanos: u64,
    /// Its value in k6's unit: milliseconds for times, bytes for data, 0 or 1 for rates.
    pub value: f64,
    /// Who measured it, as far as the system tags `vu` and `iter` are kept; k6's metadata.
    pub origin: Origin,
}

/// A virtual user and one of its iterations. They are no tags: that would make a series of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Origin {
    /// The number of the VU, from 1. `None` for what no VU measured.
    pub vu: Option<u64>,
    /// The number of its iteration, from 0.
    pub iteration: Option<u64>,
}

impl Origin {
    /// What is known, by k6's names, sorted by these.
    pub fn metadata(&self) -> impl Iterator<Item = (&'static str, u64)> {
        let iteration = self.iteration.map(|iteration| ("iter", iteration));
        iteration.into_iter().chain(self.vu.map(|vu| ("vu", vu)))
    }

    /// Whether nothing is known.
    pub fn is_unknown(&self) -> bool {
        *self == Self::default()
    }
}

/// Which metric, with which tags. Equal keys have equal metrics and tags throughout a run, whichever
/// thread measured; both numbers are small and count from 0, so they may index tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    /// The tags.
    pub tags: TagsId,
    /// The metric.
    pub metric: MetricId,
}

/// See the module. Everything in it can be read without a lock.
#[derive(Debug)]
pub struct Batch {
    pub(super) registry: Arc<Registry>,
    /// By [`TagsId`]: at least those that the records name.
    pub(super) tags: Arc<[TagSet]>,
    pub(super) records: Vec<Record>,
    /// How many samples the records stand for.
    pub(super) samples: u64,
}

/// How long the parts of a request took.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(missing_docs, reason = "they are the metrics of the same names")]
pub struct RequestTimes {
    pub blocked: Duration,
    pub connecting: Duration,
    pub tls_handshaking: Duration,
    pub sending: Duration,
    pub waiting: Duration,
    pub receiving: Duration,
}

/// What a tap notes. A cache line, not more.
#[derive(Debug, Clone, Copy)]
pub(super) enum Record {
    /// All samples of a request; times in nanoseconds.
    Request {
        tags: TagsId,
        failed: bool,
        unix_nanos: u64,
        blocked: u64,
        connecting: u64,
        tls_handshaking: u64,
        sending: u64,
        waiting: u64,
        receiving: u64,
    },
    /// Who measured what follows.
    Origin(Origin),
    /// One sample.
    Single { tags: TagsId, metric: MetricId, unix_nanos: u64, value: f64 },
}

const _: () = assert!(size_of::<Record>() == 64);

/// Samples that a request stands for.
pub(super) const REQUEST_SAMPLES: u64 = 9;

impl Batch {
    /// The metrics of the run.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// How many samples it holds; never 0.
    #[expect(clippy::len_without_is_empty, reason = "there are no empty ones")]
    pub fn len(&self) -> u64 {
        self.samples
    }

    /// The samples in the order in which they were measured. Those of a request follow each other,
    /// with the same time and tags.
    pub fn samples(&self) -> impl Iterator<Item = Sample<'_>> {
        let mut origin = Origin::default();
        let measured = self.records.iter().filter_map(move |record| match record {
            Record::Origin(next) => {
                origin = *next;
                None
            }
            record => record.values().map(|values| (values, origin)),
        });
        measured.flat_map(move |((tags, unix_nanos, values), origin)| {
            let set = &self.tags[tags.index()];
            values.into_iter().flatten().map(move |(metric, value)| Sample {
                series: SeriesKey { tags, metric },
                metric: self.registry.metric(metric),
                tags: set,
                unix_nanos,
                value,
                origin,
            })
        })
    }
}

type Values = (TagsId, u64, [Option<(MetricId, f64)>; REQUEST_SAMPLES as usize]);

impl Record {
    /// The tags, the time, and what was measured, in k6's order.
    fn values(&self) -> Option<Values> {
        match *self {
            Self::Origin(_) => None,
            Self::Request {
                tags,
                failed,
                unix_nanos,
                blocked,
                connecting,
                tls_handshaking,
                sending,
                waiting,
                receiving,
            } => {
                let time = |metric, nanos| Some((metric, millis(nanos)));
                let values = [
                    Some((HTTP_REQS, 1.0)),
                    time(HTTP_REQ_DURATION, sending + waiting + receiving),
                    time(HTTP_REQ_BLOCKED, blocked),
                    time(HTTP_REQ_CONNECTING, connecting),
                    time(HTTP_REQ_TLS_HANDSHAKING, tls_handshaking),
                    time(HTTP_REQ_SENDING, sending),
                    time(HTTP_REQ_WAITING, waiting),
                    time(HTTP_REQ_RECEIVING, receiving),
                    Some((HTTP_REQ_FAILED, f64::from(u8::from(failed)))),
                ];
                Some((tags, unix_nanos, values))
            }
            Self::Single { tags, metric, unix_nanos, value } => {
                let mut values = [None; REQUEST_SAMPLES as usize];
                values[0] = Some((metric, value));
                Some((tags, unix_nanos, values))
            }
        }
    }
}

/// Nanoseconds as milliseconds, in k6's order of operations.
fn millis(nanos: u64) -> f64 {
    nanos as f64 / 1e6
}

/// A duration as whole nanoseconds; 584 years at most.
pub(super) fn nanos(duration: Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}
