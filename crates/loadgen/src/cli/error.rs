//! What can be wrong with a command line, in one line each.

use super::{
    config::ConfigError, env::InvalidVariable, outputs::OutputError, paths::PathsError,
    report::ReportFileError,
};
use crate::{
    api::{StartError, client::ClientError},
    exit::ExitCode,
    load_test::LoadTestError,
    plan::PlanError,
    summary::{LoadError, MissingStat, html::HtmlError},
    target::InvalidHost,
};

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// Unknown flags, values that cannot be read.
    #[error("{0}")]
    Flags(String),
    /// A variable cannot be read.
    #[error(transparent)]
    Variable(#[from] InvalidVariable),
    /// A file of options cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The target is no URL that can be tested.
    #[error("--{0}")]
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
    /// A stored summary is none.
    #[error(transparent)]
    Summary(#[from] LoadError),
    /// A stored summary lacks a statistic that was asked for.
    #[error(transparent)]
    Stat(#[from] MissingStat),
    /// The page could not be made.
    #[error(transparent)]
    Html(#[from] HtmlError),
    /// The REST API cannot be served.
    #[error(transparent)]
    Api(#[from] StartError),
    /// A running test could not be asked, or would not.
    #[error(transparent)]
    Control(#[from] ClientError),
    /// The options make no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// The test cannot be run.
    #[error(transparent)]
    Test(#[from] LoadTestError),
    /// The bundled server cannot be started.
    #[error("cannot start the bundled server: {0}")]
    Demo(#[from] servy::Error),
    /// Stdout takes nothing.
    #[error("cannot write to stdout: {0}")]
    Stdout(#[source] std::io::Error),
    /// A runtime or a thread cannot be made.
    #[error("cannot start: {0}")]
    Runtime(#[source] std::io::Error),
}

impl CliError {
    /// The code to end with: k6 tells command lines that it cannot read from those that it reads
    /// but cannot obey.
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Flags(_)
            | Self::ReportFile(_)
            | Self::Summary(_)
            | Self::Stat(_)
            | Self::Html(_)
            | Self::Control(_)
            | Self::Demo(_)
            | Self::Stdout(_)
            | Self::Runtime(_)
            | Self::Test(LoadTestError::Engine(_) | LoadTestError::Output(_)) => ExitCode::Other,
            Self::Api(_) => ExitCode::ApiUnavailable,
            Self::Variable(_)
            | Self::Config(_)
            | Self::Host(_)
            | Self::Plan(_)
            | Self::Paths(_)
            | Self::Output(_)
            | Self::Test(_) => ExitCode::InvalidConfig,
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
