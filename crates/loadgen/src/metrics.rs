//! Metrics: what is counted, how it is added up, and how two sets of it become one.
//!
//! Knows nothing of HTTP but the names of k6's metrics, and nothing of scenarios or of how
//! results are shown.
//!
//! A [`Registry`] says which metrics and submetrics a run has. Each worker thread adds samples to
//! its own [`Recorder`]; what it has gathered since the last time, a [`Delta`], is handed over
//! once a second and added to the run's [`Tally`]. Memory depends on how many metrics, checks and
//! tag sets there are, never on how many samples.

pub mod builtin;
mod keyed;
mod kind;
mod recorder;
mod registry;
mod selector;
mod sink;
mod slowest;
mod stat;
mod tags;
mod tally;
mod trend;

pub use keyed::{Keyed, Merge};
pub use kind::{Contains, MetricKind};
pub use recorder::{Recorder, RouteId};
pub use registry::{MetricDef, MetricError, MetricId, Registry, Submetric, SubmetricId};
pub use selector::{InvalidSelector, Selector};
pub use sink::{PackedSink, Sink};
pub use slowest::{SlowRequest, Slowest, Times};
pub use stat::{InvalidTrendStat, TrendStat};
pub use tags::TagSet;
pub use tally::{CheckCount, CheckKey, Delta, OTHER, Part, SinkKey, Tally, scenario_of};
pub use trend::{PackedTrend, SIGNIFICANT_DIGITS, TICKS_PER_UNIT, Trend, interpolated};
