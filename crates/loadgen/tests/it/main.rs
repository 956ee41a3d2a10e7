//! The integration tests of loadgen, one module for each subject.
#![allow(clippy::unwrap_used)]

mod http;
mod peer;
