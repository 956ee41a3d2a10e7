//! The end-of-test summary: one model, and the ways to show, store and read it.
//!
//! Knows nothing of how a run is made: a summary read back from a file shows the same.

pub mod buckets;
pub(crate) mod chart;
pub mod collate;
#[cfg(test)]
pub(crate) mod fixture;
pub mod format;
pub mod html;
pub mod json;
pub mod junit;
mod load;
pub mod markdown;
pub mod model;
pub(crate) mod profile;
pub(crate) mod stats;
mod text;

pub use load::{LoadError, load, parse};
pub use model::Summary;
pub use stats::MissingStat;
pub(crate) use text::Paint;
pub use text::{InvalidLook, Look, TextOptions, text};
