//! What can be wrong with a command line, in one line each.

use super::{
    env::InvalidVariable,
    outputs::OutputError,
    paths::PathsError,
    report::ReportFileError,
    run::{InvalidHost, OutOfRange},
};
use crate::exit::ExitCode;

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Unknown flags, values that cannot be read.
    #[error("{0}")]
    Flags(String),
    /// A variable cannot be read.
    #[error(transparent)]
    Variable(#[from] InvalidVariable),
    /// A number that can be read but not used.
    #[error(transparent)]
    OutOfRange(#[from] OutOfRange),
    /// The target is no URL that can be tested.
    #[error(transparent)]
    Host(#[from] InvalidHost),
    /// A list of paths cannot be used.
    #[error(transparent)]
    Paths(#[from] PathsError),
    /// A file cannot be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// A stored summary cannot be read.
    #[error(transparent)]
    ReportFile(#[from] ReportFileError),
}

impl CliError {
    /// The code to end with: k6 tells command lines that it cannot read from those that it reads
    /// but cannot obey.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Flags(_) | Self::ReportFile(_) => ExitCode::Other,
            Self::Variable(_)
            | Self::OutOfRange(_)
            | Self::Host(_)
            | Self::Paths(_)
            | Self::Output(_) => ExitCode::InvalidConfig,
        }
    }

    /// clap's message in one line: its first paragraphs, without the usage text behind them.
    pub(super) fn from_clap(error: &clap::Error) -> Self {
        let text = error.render().to_string();
        let mut line = String::new();
        let parts = text
            .lines()
            .map(str::trim)
            .take_while(|part| !part.starts_with("Usage:") && !part.starts_with("For more"))
            .filter(|part| !part.is_empty());
        for part in parts {
            if !line.is_empty() {
                line.push_str(if line.ends_with(':') { " " } else { "; " });
            }
            line.push_str(part.strip_prefix("error: ").unwrap_or(part));
        }
        Self::Flags(line)
    }
}
