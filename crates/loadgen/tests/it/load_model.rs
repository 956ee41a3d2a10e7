//! The load model from outside: option files and Rust tests go in, and what a server saw and what
//! the summary says must be what paper says.
//!
//! Tests whose name begins with `trap_` are about what is easily got wrong; each trap has a number,
//! and one search for it finds all of its tests in this crate (see [`traps`]).

mod cases;
mod control;
mod executors;
mod plans;
mod process;
mod refusals;
mod rust_api;
mod signals;
mod site;
mod starts;
mod thresholds;
mod traps;
