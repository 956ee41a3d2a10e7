//! `--out prometheus-rw`: Prometheus remote write 1.0, with the names that k6 gives its series.
//!
//! | metric | series | value |
//! |---|---|---|
//! | counter | `k6_NAME_total` | sum |
//! | gauge | `k6_NAME` | last |
//! | rate | `k6_NAME_rate` | share of samples that were not zero |
//! | trend | `k6_NAME_STAT` for each statistic | of all samples so far |
//! | trend as native histogram | `k6_NAME`, `k6_NAME_seconds`, `k6_NAME_bytes` | of all samples so far |
//!
//! Times of trends are in seconds. As in k6, every statistic is divided by a thousand for that, and
//! so is `count`.

mod labels;
mod native_histogram;
mod post;
mod settings;
mod sigv4;
mod trend_form;
mod write_request;

use super::{Losses, Opened, Settings, push::Push};
use crate::options::notation::Reason;

pub(super) use self::settings::KEYS;

use self::{
    post::RemoteWrite,
    settings::{RemoteWriteSettings, Trends},
    trend_form::{NativeHistograms, Statistics},
    write_request::WriteRequests,
};

/// Checks the settings, and begins to wait for samples.
///
/// # Errors
///
/// A setting cannot be used, or there is no thread to be had.
pub(super) fn open(settings: &Settings<'_>) -> Result<Opened, Reason> {
    let RemoteWriteSettings { target, interval, trends, stale_markers } =
        RemoteWriteSettings::read(settings)?;
    let losses = Losses::default();
    let name = format!("Prometheus remote write ({})", target.shown());
    let post = RemoteWrite::new(target)?;
    Ok(Opened {
        name,
        is_stdout: false,
        losses: losses.clone(),
        output: match trends {
            Trends::Statistics(stats) => {
                let protocol = WriteRequests::new(Statistics(stats), stale_markers);
                Box::new(Push::start(protocol, post, interval, losses)?)
            }
            Trends::NativeHistograms => {
                let protocol = WriteRequests::new(NativeHistograms, stale_markers);
                Box::new(Push::start(protocol, post, interval, losses)?)
            }
        },
    })
}
