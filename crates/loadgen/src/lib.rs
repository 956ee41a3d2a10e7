//! A native load generator with k6's model: virtual users, iterations, checks, metrics, summaries.
//!
//! A *virtual user* (VU) runs *iterations*, one after the other. An iteration sends requests; each
//! request becomes *samples* of *metrics*; *checks* count what held. An *executor* decides when
//! iterations start. At the end there is a *report*.
//!
//! [`LoadTest`] is the way in:
//!
//! ```
//! use std::time::Duration;
//!
//! use loadgen::LoadTest;
//!
//! # tokio::runtime::Runtime::new().unwrap().block_on(async {
//! let report = LoadTest::new()
//!     .vus(10)
//!     .duration(Duration::from_secs(1))
//!     .batch_get(["/", "/robots.txt"])
//!     .run(servy::router(servy::Config::default()).await?) // or .run_at("http://127.0.0.1:8080")
//!     .await?;
//! report.assert_passed();
//! assert!(report.http_reqs().rate > 100.0, "{report}");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! # }).unwrap();
//! ```
//!
//! The other modules are what it is made of; `ARCHITECTURE.md` draws how they stand on each other.

pub mod api;
pub mod cli;
pub mod compare;
pub mod control;
pub mod crawl;
mod dashboard;
pub mod engine;
pub mod executor;
pub mod exit;
pub mod host;
pub mod http;
mod load_test;
pub mod metrics;
pub mod options;
pub mod output;
pub mod plan;
mod profile;
pub mod progress;
mod report;
pub mod run_event;
mod serving;
pub mod stream;
pub mod summary;
pub mod target;
pub mod thresholds;
pub mod vu;
pub mod workload;

pub use control::Control;
pub use engine::{Abort, AbortReason, EngineError, HookError, HookKind};
pub use http::InProcessService;
pub use load_test::{Custom, Iteration, LoadTest, LoadTestError, Paths};
pub use options::scenario::ScenarioOptions;
pub use profile::{InvalidProfiling, ProfileTooLong};
pub use report::{CounterValue, GaugeValue, RateValue, Report, RunError};
pub use vu::{Counter, Gauge, Rate, TimeTrend, Trend, Vu};
