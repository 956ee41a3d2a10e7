//! `loadgen report`: a stored summary, and what to make of it.

use std::{fs, io, path::PathBuf};

use super::{
    CliError,
    args::{ReportArgs, ReportFormat, SummaryMode},
    outputs::OutputFile,
};
use crate::{metrics::TrendStat, options::TimeUnit};

/// A stored summary to show again.
#[derive(Debug)]
pub struct ReportCommand {
    /// Where the summary was read from.
    pub file: PathBuf,
    /// Its text.
    pub stored: String,
    /// What to make of it.
    pub format: ReportFormat,
    /// How the text looks.
    pub summary_mode: SummaryMode,
    /// Statistics to show instead of the stored choice.
    pub summary_trend_stats: Option<Vec<TrendStat>>,
    /// The unit to show instead of the stored choice.
    pub summary_time_unit: Option<TimeUnit>,
    /// Where the result goes; `None` for stdout.
    pub output: Option<OutputFile>,
}

/// A stored summary cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("report {}: cannot be read: {source}", file.display())]
pub struct ReportFileError {
    /// The file.
    pub file: PathBuf,
    /// What the system says.
    pub source: io::Error,
}

/// Reads the stored summary, then creates the output: they may be the same file.
pub(super) fn resolve(args: ReportArgs) -> Result<ReportCommand, CliError> {
    let stored = fs::read_to_string(&args.file)
        .map_err(|source| ReportFileError { file: args.file.clone(), source })?;
    let output = args.output.map(|path| OutputFile::create("output", &path)).transpose()?;
    Ok(ReportCommand {
        file: args.file,
        stored,
        format: args.format,
        summary_mode: args.summary_mode.unwrap_or_default(),
        summary_trend_stats: args.summary_trend_stats,
        summary_time_unit: args.summary_time_unit,
        output,
    })
}
