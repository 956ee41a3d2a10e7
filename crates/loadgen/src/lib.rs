//! A native load generator with k6's model: virtual users, iterations, checks, metrics, summaries.

pub mod http;
pub mod metrics;
pub mod options;
pub mod run_event;
pub mod summary;
