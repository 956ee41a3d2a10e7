//! Metrics: what is counted, how it is added up, and how two sets of it become one.
//!
//! Knows nothing of HTTP, of scenarios, or of how results are shown.

mod kind;
mod stat;

pub use kind::{Contains, MetricKind};
pub use stat::{InvalidTrendStat, TrendStat};
