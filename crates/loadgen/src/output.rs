//! Outputs: where the samples of a run go while it goes on, `--out NAME[=ARGUMENT]`.
//!
//! An [`Output`] gets [batches](Batch) of samples and writes or sends them. It runs on a thread of
//! its own: nobody who measures waits for it. When it falls behind, the [stream](crate::stream) drops
//! batches and counts them in its [`Losses`], which the summary's warnings tell. Only the end of the
//! run waits, for [`finish`](Output::finish).
//!
//! [`open`] makes one from what was written. To add a kind, write a module with an `open` function
//! and put it into the table in `output/kinds.rs`. What it can be set to comes from [`Settings`]: the
//! argument, variables, the file. What goes to a server goes through [`delivery`].

mod aggregate;
mod clock;
mod csv;
pub mod delivery;
mod destination;
mod failure;
mod influxdb;
mod json;
mod kinds;
mod number;
mod once;
mod opentelemetry;
mod peer;
mod prometheus;
pub(crate) mod protobuf;
mod push;
mod quantiles;
mod running;
mod settings;

pub(crate) use failure::{QUOTED, first_line};
pub use kinds::{Opened, OutputError, open};
pub(crate) use kinds::{is_set_by_file, open_all};
pub(crate) use running::{Loss, Running};
pub(crate) use settings::switch;
pub use settings::{InvalidSetting, Settings};

use std::{sync::Arc, time::Duration};

pub use crate::stream::{Batch, Losses, Origin, Sample, SeriesKey};
use crate::{
    metrics::Registry,
    options::{system_tags::SystemTags, thresholds::ThresholdMap},
};

/// Something that samples go to.
///
/// All calls come from one thread, the output's own: first [`start`](Self::start), then any number
/// of [`write`](Self::write) and [`flush`](Self::flush), in the end [`finish`](Self::finish). None
/// of them returns an error: what is lost is counted in the [`Losses`] that the output was
/// [opened](Opened) with, and the run goes on.
pub trait Output: Send {
    /// How often [`flush`](Self::flush) is called.
    fn interval(&self) -> Duration;

    /// Called before all else.
    fn start(&mut self, run: &RunFacts);

    /// Takes in samples. What takes longer than a second may cost later ones.
    fn write(&mut self, batch: &Batch);

    /// Passes on what was taken in so far.
    fn flush(&mut self);

    /// Passes on what is left, and gives up on what cannot be within a few seconds. There are no
    /// calls after this one.
    fn finish(&mut self);
}

/// What outputs may want to know of a run.
#[derive(Debug, Clone)]
pub struct RunFacts {
    /// Its metrics and submetrics.
    pub registry: Arc<Registry>,
    /// Its thresholds, by metric; empty if they are ignored.
    pub thresholds: ThresholdMap,
    /// Which of the tags that samples get by themselves are kept.
    pub system_tags: SystemTags,
}
