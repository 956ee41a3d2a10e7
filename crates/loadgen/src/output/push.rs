//! Sending [totals](super::aggregate) again and again while a run goes on.
//!
//! An output that does this is a [`Protocol`], which writes totals down, and a [`Post`], which sends
//! them. What is kept for a server that is away is the totals themselves: nothing queues up, and the
//! next push that arrives brings everything that the ones before it should have. So only what the
//! last push does not bring is lost.
//!
//! Sending, and trying again, is the work of a thread of its own, the [pusher](pusher): who adds
//! samples up never waits.

mod pusher;

use std::{
    io,
    sync::{Arc, mpsc},
    thread,
    time::Duration,
};

use bytes::Bytes;
use tokio::sync::watch;

use self::pusher::{Failures, Pusher};
use super::{
    Batch, Losses, Output, RunFacts,
    aggregate::{Aggregate, Distribution, Series},
    delivery::Post,
};
use crate::metrics::OTHER;

/// Series that one output tells apart; enough for 2,000 URLs.
const MOST_SERIES: usize = 20_000;

/// Bytes of tags, more or less, that go into one request: servers have limits, of 4 MiB often.
const REQUEST: usize = 1 << 20;

/// How totals are written down.
pub(super) trait Protocol: Send {
    /// What it has of a trend.
    type Trend: Distribution + Send;

    /// Whether a series that has arrived is sent again although there is nothing new.
    const REPEATS: bool;

    /// The body of a request that tells of these series. The same place is always the same series.
    fn encode(&mut self, series: &[Placed<'_, Self::Trend>]) -> Bytes;

    /// The body of a request that says that these series are at their end, if there is such a thing.
    fn farewell(&mut self, series: &[Placed<'_, Self::Trend>]) -> Option<Bytes>;
}

/// A series with its place among all.
pub(super) type Placed<'a, D> = (usize, &'a Series<D>);

/// The totals of one moment, in as many requests as they need.
type Snapshot = Arc<[Part]>;

struct Part {
    body: Bytes,
    tells: Vec<Told>,
}

/// How many samples of a series something tells of.
#[derive(Clone, Copy)]
struct Told {
    place: usize,
    samples: u64,
}

/// See the module.
pub(super) struct Push<P: Protocol> {
    protocol: P,
    interval: Duration,
    aggregate: Aggregate<P::Trend>,
    losses: Losses,
    /// Where the newest totals wait; older ones are forgotten.
    newest: Option<watch::Sender<Snapshot>>,
    arrivals: mpsc::Receiver<Vec<Told>>,
    thread: Option<thread::JoinHandle<Failures>>,
}

impl<P: Protocol> Push<P> {
    /// Pushes every `interval`, through `post`. What does not arrive in the end is counted in
    /// `losses`.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had.
    pub(super) fn start(
        protocol: P,
        post: impl Post + Send,
        interval: Duration,
        losses: Losses,
    ) -> io::Result<Self> {
        let (newest, snapshots) = watch::channel(Snapshot::from([]));
        let (arrived, arrivals) = mpsc::channel();
        let failing = losses.clone();
        let thread = thread::Builder::new()
            .name("push".into())
            .spawn(|| Pusher::new(post, snapshots, arrived, failing).run())?;
        Ok(Self {
            protocol,
            interval,
            aggregate: Aggregate::new(MOST_SERIES),
            losses,
            newest: Some(newest),
            arrivals,
            thread: Some(thread),
        })
    }

    /// Notes what has arrived since the last time.
    fn note_arrivals(&mut self) {
        for Told { place, samples } in self.arrivals.try_iter().flatten() {
            self.aggregate.arrived(place, samples);
        }
    }

    /// The totals that are to be told now; the last ones with farewells.
    fn snapshot(&mut self, is_last: bool) -> Snapshot {
        self.note_arrivals();
        let all: Vec<_> = self.aggregate.series().iter().enumerate().collect();
        let news = |(_, series): &Placed<'_, _>| P::REPEATS || series.missing() > 0;
        let tell: Vec<_> = all.iter().copied().filter(news).collect();
        let mut parts = Vec::new();
        for series in requests(&tell) {
            let told = |&(place, series): &Placed<'_, _>| Told { place, samples: series.samples };
            let tells = series.iter().map(told).collect();
            parts.push(Part { body: self.protocol.encode(series), tells });
        }
        if is_last {
            let farewells = requests(&all).filter_map(|series| self.protocol.farewell(series));
            parts.extend(farewells.map(|body| Part { body, tells: Vec::new() }));
        }
        parts.into()
    }

    /// Says what did not arrive, and what did not arrive as it should.
    fn count_losses(&self, failures: Option<Failures>) {
        let missing = self.aggregate.missing();
        let merged = self.aggregate.merged();
        let mut reasons = Vec::new();
        match failures {
            None => reasons.push("it panicked".into()),
            Some(Failures { count, reason: Some(reason) }) if missing == 0 => reasons.push(format!(
                "{count} pushes failed, and later ones brought all totals; the last failure: {reason}"
            )),
            Some(Failures { reason: Some(reason), .. }) => reasons.push(reason),
            Some(_) if missing > 0 => reasons.push("there was no time left to send them".into()),
            Some(_) => {}
        }
        if merged > 0 {
            reasons.push(format!(
                "{merged} series beyond the first {MOST_SERIES} are not told apart: what they have \
                 is in one named '{OTHER}' for each metric"
            ));
        }
        if !reasons.is_empty() {
            // Why samples did not even get here.
            reasons.extend(self.losses.reason());
            self.losses.add(missing, reasons.join("; "));
        }
    }
}

/// Cuts series into what fits a request.
fn requests<'a, 'b, D>(
    series: &'a [Placed<'b, D>],
) -> impl Iterator<Item = &'a [Placed<'b, D>]> + use<'a, 'b, D> {
    let mut bytes = 0;
    series.chunk_by(move |(_, series), _| {
        /// What a series needs beside its tags, in any protocol.
        const NUMBERS: usize = 400;
        let tags = series.tags.iter().map(|(name, value)| name.len() + value.len());
        bytes += NUMBERS + tags.sum::<usize>();
        let fits = bytes < REQUEST;
        if !fits {
            bytes = 0;
        }
        fits
    })
}

impl<P: Protocol> Output for Push<P> {
    fn interval(&self) -> Duration {
        self.interval
    }

    fn start(&mut self, _: &RunFacts) {}

    fn write(&mut self, batch: &Batch) {
        for sample in batch.samples() {
            self.aggregate.add(&sample);
        }
    }

    fn flush(&mut self) {
        let snapshot = self.snapshot(false);
        if let Some(newest) = self.newest.as_ref().filter(|_| !snapshot.is_empty()) {
            newest.send_replace(snapshot);
        }
    }

    fn finish(&mut self) {
        let snapshot = self.snapshot(true);
        if let Some(newest) = self.newest.take() {
            newest.send_replace(snapshot);
        }
        let failures = self.thread.take().and_then(|thread| thread.join().ok());
        self.note_arrivals();
        self.count_losses(failures);
    }
}

#[cfg(test)]
mod tests;
