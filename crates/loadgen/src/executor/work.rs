//! What an executor asks the engine for, as plain values: all that the engine knows of executors.
//!
//! Times are counted from the start of the scenario.

use std::time::Duration;

use super::{Budget, schedule::Schedule};

/// The work of one scenario, this instance's share of it.
#[derive(Debug, Clone, PartialEq)]
pub enum Work {
    /// VUs start their next iteration when the last one has ended.
    Loops(Loops),
    /// The clock starts iterations, on whichever VU is free.
    Arrivals(Arrivals),
    /// VUs loop while somebody outside wants them to.
    External(External),
}

impl Work {
    /// Is there nothing to do? k6 leaves out a scenario of which an instance's share is nothing.
    pub fn is_empty(&self) -> bool {
        match self {
            Self::Loops(Loops { stints, budget }) => {
                stints.is_empty() || *budget == Budget::Shared(0)
            }
            Self::Arrivals(arrivals) => arrivals.max_vus == 0,
            Self::External(_) => false,
        }
    }

    /// After this no iteration starts. None: it ends when somebody outside says so.
    pub fn duration(&self) -> Option<Duration> {
        match self {
            Self::Loops(loops) => {
                loops.stints.iter().map(Stint::stop).max().or(Some(Duration::ZERO))
            }
            Self::Arrivals(arrivals) => Some(arrivals.duration),
            Self::External(external) => external.duration,
        }
    }
}

/// VUs that loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loops {
    /// The VUs' working times, by start and then by slot.
    pub stints: Vec<Stint>,
    /// How many iterations there are.
    pub budget: Budget,
}

impl Loops {
    /// As many VUs all the time.
    pub(super) fn steady(
        vus: u64,
        duration: Duration,
        graceful_stop: Duration,
        budget: Budget,
    ) -> Self {
        let spans = vec![Span { start: Duration::ZERO, stop: duration }];
        let stint = Stint { spans, cut: duration + graceful_stop };
        Self { stints: vec![stint; vus as usize], budget }
    }
}

/// A stretch of time for which one VU is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stint {
    /// When it starts iterations, in order; at least one. A VU that is still busy with its last
    /// iteration when the next span opens goes on without having been away.
    pub spans: Vec<Span>,
    /// When an iteration that is still under way is cut off, and the VU is free for others.
    pub cut: Duration,
}

impl Stint {
    /// When the VU is first needed.
    pub fn start(&self) -> Duration {
        self.spans.first().map_or(self.cut, |span| span.start)
    }

    /// After this it starts no iteration.
    pub fn stop(&self) -> Duration {
        self.spans.last().map_or(self.cut, |span| span.stop)
    }
}

/// A stretch of time in which a VU starts iterations; of no length, when a ramp takes a VU away
/// at the instant at which it brought it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// From here.
    pub start: Duration,
    /// To here, itself not included.
    pub stop: Duration,
}

/// Iterations that are started by the clock.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrivals {
    /// When each of them is due.
    pub schedule: Schedule,
    /// VUs at the start.
    pub pre_allocated_vus: u64,
    /// Most VUs there may be.
    pub max_vus: u64,
    /// After this no iteration starts.
    pub duration: Duration,
    /// When iterations that are still under way are cut off.
    pub cut: Duration,
}

/// VUs that loop while somebody outside wants them to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct External {
    /// VUs that loop at the start.
    pub vus: u64,
    /// VUs that exist at the start.
    pub max_vus: u64,
    /// Both, of all instances together.
    pub whole: (u64, u64),
    /// When it ends, if it does. Nothing is waited for then.
    pub duration: Option<Duration>,
}
