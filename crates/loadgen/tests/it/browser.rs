//! What people see of a run, in the browser that they see it with.

pub(crate) mod chromium;
mod dashboard;
mod report;
mod runs;
