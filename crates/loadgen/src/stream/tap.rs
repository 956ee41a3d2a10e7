//! Where samples come from, and how they get to subscribers.

use std::{
    fmt,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, SyncSender, TrySendError, sync_channel},
    },
    time::SystemTime,
};

use tokio::time::Instant;

use super::{
    Batch, Losses, RequestTimes, TagsId,
    batch::{REQUEST_SAMPLES, Record, nanos},
    tags::TagTable,
};
use crate::metrics::{MetricId, Registry, TagSet};

/// Records that a tap gathers before it hands them over: a MiB.
const BATCH: usize = 16 * 1024;

/// Batches that wait for a subscriber at most.
const WAITING: usize = 64;

/// What all threads of a run share. Clones are the same stream.
#[derive(Clone)]
pub struct Stream(Arc<Shared>);

struct Shared {
    registry: Arc<Registry>,
    tags: TagTable,
    subscribers: Mutex<Vec<Subscriber>>,
    /// The same moment on two clocks. Times of samples are told by how far they are from it, so
    /// that they are in order even when somebody sets the clock.
    origin: Instant,
    origin_unix_nanos: u64,
}

struct Subscriber {
    batches: SyncSender<Arc<Batch>>,
    losses: Losses,
}

impl fmt::Debug for Stream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Stream").finish_non_exhaustive()
    }
}

impl Stream {
    /// A stream of samples of the metrics of `registry`, without subscribers.
    pub fn new(registry: Arc<Registry>) -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self(Arc::new(Shared {
            registry,
            tags: TagTable::default(),
            subscribers: Mutex::default(),
            origin: Instant::now(),
            origin_unix_nanos: nanos(since_epoch.unwrap_or_default()),
        }))
    }

    /// Gets all batches from now on, until the stream is [closed](Self::close). Those for which there
    /// is no room are counted in `losses`.
    pub fn subscribe(&self, losses: Losses) -> Receiver<Arc<Batch>> {
        let (batches, received) = sync_channel(WAITING);
        self.subscribers().push(Subscriber { batches, losses });
        received
    }

    /// A tap for one thread.
    pub fn tap(&self) -> Tap {
        Tap { stream: self.clone(), records: Vec::new(), samples: 0 }
    }

    /// Ends all subscriptions. What is handed over later goes nowhere.
    pub fn close(&self) {
        self.subscribers().clear();
    }

    fn subscribers(&self) -> std::sync::MutexGuard<'_, Vec<Subscriber>> {
        self.0.subscribers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn hand_over(&self, records: Vec<Record>, samples: u64) {
        let registry = self.0.registry.clone();
        let batch = Arc::new(Batch { registry, tags: self.0.tags.all(), records, samples });
        for subscriber in &*self.subscribers() {
            let reason = match subscriber.batches.try_send(batch.clone()) {
                Ok(()) => continue,
                Err(TrySendError::Full(_)) => "it could not keep up",
                Err(TrySendError::Disconnected(_)) => "it is gone",
            };
            subscriber.losses.add(samples, reason);
        }
    }

    fn unix_nanos(&self, at: Instant) -> u64 {
        let Shared { origin, origin_unix_nanos, .. } = *self.0;
        match at.checked_duration_since(origin) {
            Some(after) => origin_unix_nanos.saturating_add(nanos(after)),
            None => origin_unix_nanos.saturating_sub(nanos(origin - at)),
        }
    }
}

/// Where one thread puts its samples. Not shared: no lock, no allocation for a sample.
#[derive(Debug)]
pub struct Tap {
    stream: Stream,
    records: Vec<Record>,
    samples: u64,
}

impl Tap {
    /// The number of a set of tags. Takes a lock: to be asked once for each set.
    pub fn tags(&self, tags: &TagSet) -> TagsId {
        self.stream.0.tags.id(tags)
    }

    /// Notes all samples of a request that ended `at`.
    pub fn request(&mut self, tags: TagsId, at: Instant, times: &RequestTimes, failed: bool) {
        let record = Record::Request {
            tags,
            failed,
            unix_nanos: self.stream.unix_nanos(at),
            blocked: nanos(times.blocked),
            connecting: nanos(times.connecting),
            tls_handshaking: nanos(times.tls_handshaking),
            sending: nanos(times.sending),
            waiting: nanos(times.waiting),
            receiving: nanos(times.receiving),
        };
        self.push(record, REQUEST_SAMPLES);
    }

    /// Notes a sample in the metric's unit.
    pub fn add(&mut self, tags: TagsId, metric: MetricId, at: Instant, value: f64) {
        let unix_nanos = self.stream.unix_nanos(at);
        self.push(Record::Single { tags, metric, unix_nanos, value }, 1);
    }

    fn push(&mut self, record: Record, samples: u64) {
        if self.records.len() == self.records.capacity() {
            self.hand_over();
            self.records.reserve_exact(BATCH);
        }
        self.records.push(record);
        self.samples += samples;
    }

    /// Hands over what was noted since the last time.
    pub fn hand_over(&mut self) {
        if !self.records.is_empty() {
            let records = std::mem::take(&mut self.records);
            self.stream.hand_over(records, std::mem::take(&mut self.samples));
        }
    }
}
