//! The integration tests of loadgen, one module for each subject.
#![allow(clippy::unwrap_used)]

mod api;
mod browser;
mod cli;
mod compare;
mod crawl;
mod dashboard;
mod engine;
mod http;
mod load_model;
mod log;
mod many_vus;
mod nginx;
mod output;
mod peer;
mod profile;
mod push;
mod truth;
