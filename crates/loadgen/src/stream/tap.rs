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
    Batch, Losses, Origin, RequestTimes, TagsId,
    batch::{REQUEST_SAMPLES, Record, nanos},
    tags::TagTable,
};
use crate::{
    metrics::{MetricId, Registry, TagSet},
    options::system_tags::{SystemTag, SystemTags},
};

/// Records that a tap gathers before it hands them over: a MiB.
const BATCH: usize = 16 * 1024;

/// Batches that wait for a subscriber at most.
const WAITING: usize = 64;

/// What all threads of a run share. Clones are the same stream.
#[derive(Clone)]
pub struct Stream(Arc<Shared>);

struct Shared {
    registry: Arc<Registry>,
    system_tags: SystemTags,
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
        Self::with_system_tags(registry, SystemTags::default())
    }

    /// The same; `system_tags` says whether samples tell their VU and its iteration.
    pub fn with_system_tags(registry: Arc<Registry>, system_tags: SystemTags) -> Self {
        let since_epoch = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self(Arc::new(Shared {
            registry,
            system_tags,
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
        let kept = |tag| self.0.system_tags.has(tag);
        Tap {
            stream: self.clone(),
            records: Vec::new(),
            samples: 0,
            tells_vu: kept(SystemTag::Vu),
            tells_iteration: kept(SystemTag::Iter),
            origin: Origin::default(),
        }
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
    tells_vu: bool,
    tells_iteration: bool,
    /// Whose samples come next, as far as that is told.
    origin: Origin,
}

impl Tap {
    /// The number of a set of tags. Takes a lock: to be asked once for each set.
    pub fn tags(&self, tags: &TagSet) -> TagsId {
        self.stream.0.tags.id(tags)
    }

    /// Says which VU's samples come next, and of which iteration; `None` if they are no VU's. The
    /// VU of functions that run once has the number 0, which is not told.
    pub fn set_origin(&mut self, origin: Option<(u64, u64)>) {
        let origin = origin.map_or(Origin::default(), |(vu, iteration)| Origin {
            vu: Some(vu).filter(|&vu| self.tells_vu && vu > 0),
            iteration: Some(iteration).filter(|_| self.tells_iteration),
        });
        if origin != self.origin {
            self.origin = origin;
            self.push(Record::Origin(origin), 0);
        }
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
            if !self.origin.is_unknown() {
                self.records.push(Record::Origin(self.origin));
            }
        }
        self.records.push(record);
        self.samples += samples;
    }

    /// Hands over what was noted since the last time.
    pub fn hand_over(&mut self) {
        if self.samples > 0 {
            let records = std::mem::take(&mut self.records);
            self.stream.hand_over(records, std::mem::take(&mut self.samples));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::builtin::{CHECKS, HTTP_REQS};

    fn stream(system_tags: &[&str]) -> (Stream, Receiver<Arc<Batch>>, Losses) {
        let system_tags = SystemTags::named(system_tags.iter().copied());
        let stream = Stream::with_system_tags(Arc::new(Registry::default()), system_tags);
        let losses = Losses::default();
        let batches = stream.subscribe(losses.clone());
        (stream, batches, losses)
    }

    #[test]
    fn taps_agree_on_tags_and_a_batch_holds_all_that_its_records_name() {
        let (stream, batches, losses) = stream(&[]);
        let set = |value| TagSet::new([("check", value)]);
        let (mut first, mut second) = (stream.tap(), stream.tap());
        let (a, b) = (first.tags(&set("a")), second.tags(&set("b")));
        assert_eq!((second.tags(&set("a")), a == b), (a, false));
        let now = Instant::now();
        first.add(a, CHECKS, now, 1.0);
        first.hand_over();
        first.hand_over();
        let c = second.tags(&set("c"));
        second.add(c, CHECKS, now, 0.0);
        second.request(b, now, &RequestTimes::default(), true);
        second.hand_over();
        let shown: Vec<Vec<String>> = batches
            .try_iter()
            .map(|batch| {
                let shown = batch.samples().map(|it| {
                    let check = it.tags.get("check").unwrap_or_default();
                    format!("{} {check} {}", it.metric.name, it.value)
                });
                shown.collect()
            })
            .collect();
        assert_eq!(shown.len(), 2);
        assert_eq!(shown[0], ["checks a 1"]);
        assert_eq!((shown[1].len(), &*shown[1][0]), (10, "checks c 0"));
        assert_eq!((&*shown[1][1], &*shown[1][9]), ("http_reqs b 1", "http_req_failed b 1"));
        assert_eq!(losses.samples(), 0);
    }

    #[test]
    fn a_full_buffer_is_handed_over_and_the_next_one_tells_its_origin_too() {
        let (stream, batches, losses) = stream(&["vu", "iter"]);
        let mut tap = stream.tap();
        let tags = tap.tags(&TagSet::default());
        let samples = 3 * BATCH;
        for sample in 0..samples {
            tap.set_origin(Some((7, sample as u64 / 10_000)));
            tap.add(tags, HTTP_REQS, Instant::now(), 1.0);
        }
        tap.set_origin(None);
        tap.add(tags, HTTP_REQS, Instant::now(), 1.0);
        tap.hand_over();
        drop(tap);
        stream.close();
        let mut seen = 0;
        let mut last = 0;
        for batch in &batches {
            assert!(batch.len() as usize <= BATCH);
            assert_eq!(batch.samples().count() as u64, batch.len());
            for sample in batch.samples() {
                assert!(sample.unix_nanos >= last);
                last = sample.unix_nanos;
                let want = Origin { vu: Some(7), iteration: Some(seen / 10_000) };
                assert_eq!(sample.origin == want, seen < samples as u64);
                seen += 1;
            }
        }
        assert_eq!((seen, losses.samples()), (samples as u64 + 1, 0));
    }

    #[test]
    fn who_takes_nothing_loses_what_does_not_fit() {
        let (stream, batches, losses) = stream(&[]);
        let mut tap = stream.tap();
        let tags = tap.tags(&TagSet::default());
        let mut add = |count| {
            for _ in 0..count {
                tap.add(tags, HTTP_REQS, Instant::now(), 1.0);
                tap.hand_over();
            }
        };
        add(WAITING + 3);
        assert_eq!(
            (losses.samples(), losses.reason().as_deref()),
            (3, Some("it could not keep up"))
        );
        assert_eq!(batches.try_iter().count(), WAITING);
        drop(batches);
        add(1);
        assert_eq!((losses.samples(), losses.reason().as_deref()), (4, Some("it is gone")));
        stream.close();
        add(1);
        assert_eq!(losses.samples(), 4);
    }
}
