//! The integration tests of loadgen, one module for each subject.
#![allow(clippy::unwrap_used)]

mod api;
mod browser;
mod cli;
mod compare;
mod crawl;
mod engine;
mod http;
mod load_model;
mod many_vus;
mod dashboard;
mod engine;
mod http;
mod load_model;
mod log;
mod nginx;
mod output;
mod peer;
mod truth;
mod push;
