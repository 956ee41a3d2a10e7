//! When iterations of an arrival rate are due.

/// The due times of this instance's share of the iterations.
#[derive(Debug, Clone, PartialEq)]
pub enum Schedule {}
