//! What the workers have said so far.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    EngineError,
    rows::{Reading, Rows},
    site::Failures,
    worker::{Done, Message},
};
use crate::{host::ThreadTime, metrics::Delta, vu::LeftOut};

/// See the module.
pub(super) struct Gathered {
    /// Workers whose VUs exist.
    pub ready: usize,
    /// Workers that are done.
    pub done: usize,
    pub rows: Rows,
    pub failures: Failures,
    pub marked_failed: Option<String>,
    pub left_out: LeftOut,
    /// What the threads of the workers wanted, as far as they have reported.
    times: Vec<ThreadTime>,
    /// When the last of those that are done was.
    pub ended: Option<Instant>,
}

impl Gathered {
    /// Nothing yet.
    pub(super) fn new(rows: Rows) -> Self {
        Self {
            ready: 0,
            done: 0,
            failures: Failures::default(),
            marked_failed: None,
            left_out: LeftOut::default(),
            times: vec![ThreadTime::default(); rows.workers()],
            ended: None,
            rows,
        }
    }

    /// Takes in what a worker says. `on_second` gets what was gathered in each second that is then
    /// complete.
    pub(super) fn take_in(
        &mut self,
        worker: usize,
        message: Message,
        on_second: impl FnMut(&[Delta], Duration),
    ) -> Result<(), EngineError> {
        match message {
            Message::Ready => self.ready += 1,
            Message::Interval { second, active_vus, vus, usage, delta } => {
                self.times[worker] += usage.time;
                let reading = Reading { active_vus, vus, usage };
                self.rows.interval(worker, second, reading, delta, on_second);
            }
            Message::Done(mut done) => {
                self.times[worker] += done.usage.time;
                self.rows.done(worker, done.usage, std::mem::take(&mut done.delta), on_second);
                self.finish(done);
            }
            Message::Failed(error) => return Err(error),
        }
        Ok(())
    }

    fn finish(&mut self, done: Done) {
        self.done += 1;
        self.failures.count += done.failures.count;
        self.failures.first = self.failures.first.take().or(done.failures.first);
        self.mark_failed(done.marked_failed);
        self.left_out = self.left_out.plus(done.left_out);
        self.ended = self.ended.max(Some(done.ended));
    }

    /// The thread of the worker that has had most to do.
    pub(super) fn busiest(&self) -> ThreadTime {
        self.times.iter().copied().max_by_key(|time| time.wanted()).unwrap_or_default()
    }

    /// Notes why the test was marked as failed, if it was. The first reason stays.
    pub(super) fn mark_failed(&mut self, why: Option<String>) {
        self.marked_failed = self.marked_failed.take().or(why);
    }
}
