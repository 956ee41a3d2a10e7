//! The end-of-test summary: one model, four ways to show it.
//!
//! Knows nothing of how a run is made: a summary read back from a file shows the same.

mod chart;
pub mod html;
pub mod model;
