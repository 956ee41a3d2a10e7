//! A native load generator with k6's model: virtual users, iterations, checks, metrics, summaries.

pub mod cli;
pub mod exit;
pub mod host;
pub mod http;
pub mod metrics;
pub mod options;
pub mod progress;
pub mod run_event;
pub mod summary;
