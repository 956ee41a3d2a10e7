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

/// VUs that loop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Loops {
    /// The VUs' working times, by start and then by slot.
    pub stints: Vec<Stint>,
    /// How many iterations there are.
    pub budget: Budget,
}

/// A stretch of time for which one VU is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stint {
    /// When it starts iterations, in order; never empty. A VU that is still busy with its last
    /// iteration when the next span opens goes on without having been away.
    pub spans: Vec<Span>,
    /// When an iteration that is still under way is cut off, and the VU is free for others.
    pub cut: Duration,
}

/// A stretch of time in which a VU starts iterations.
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
    /// When it ends, if it does. Nothing is waited for then.
    pub duration: Option<Duration>,
}
