//! Stored summaries, shown again: `loadgen report` and `loadgen compare`.

use std::io::{self, IsTerminal};

use super::{print, publish::framed};
use crate::{
    cli::{
        CliError, CompareCommand, ReportCommand,
        args::{CompareFormat, ReportFormat},
        console::Console,
        log::{Entry, Level},
        outputs::OutputFile,
    },
    compare::{self, Comparison},
    exit::ExitCode,
    summary::{self, html, json, junit, markdown},
};

/// Shows a stored summary in a format.
pub(super) fn report(command: ReportCommand, color: bool) -> Result<(), CliError> {
    let mut summary = summary::parse(&command.stored, &command.file.display().to_string())?;
    if let Some(unit) = command.summary_time_unit {
        summary.options.summary_time_unit = unit.as_str().into();
    }
    if let Some(stats) = &command.summary_trend_stats {
        summary = summary.with_trend_stats(stats)?;
    }
    let color = color && command.output.is_none() && io::stdout().is_terminal();
    let result = match command.format {
        ReportFormat::Text => match command.summary_mode.look() {
            Some(look) => framed(&summary, look, color),
            None => String::new(),
        },
        ReportFormat::Json => json::to_json(&summary),
        ReportFormat::Html => html::html(&summary)?,
        ReportFormat::Junit => junit::junit(&summary)?,
        ReportFormat::Markdown => markdown::markdown(&summary)?,
    };
    deliver(command.output, &result)
}

/// Conditions that hold are told on stderr too, so that a job's log has them whatever the format.
pub(super) fn compare(
    command: CompareCommand,
    console: &Console,
    color: bool,
) -> Result<ExitCode, CliError> {
    let CompareCommand { subjects, conditions, rows, format, output } = command;
    let comparison = Comparison::new(&subjects, rows, &conditions)?;
    let result = match format {
        CompareFormat::Text => comparison.text(&terminal(output.is_some(), color)),
        CompareFormat::Markdown => comparison.markdown(),
        CompareFormat::Json => comparison.json(),
        CompareFormat::Html => comparison.html(&subjects)?,
    };
    deliver(output, &result)?;
    for result in comparison.conditions.iter().filter(|result| result.holds) {
        console.log(Entry::new(Level::Error, result.to_string()));
    }
    Ok(if comparison.fails() { ExitCode::ThresholdsFailed } else { ExitCode::Success })
}

/// Colours, and a table as wide as the terminal, where there is one.
fn terminal(to_file: bool, color: bool) -> compare::TextOptions {
    let terminal = console::Term::stdout();
    if to_file || !terminal.is_term() {
        return compare::TextOptions::default();
    }
    let width = terminal.size_checked().map(|(_, columns)| columns.into());
    compare::TextOptions { color, width }
}

/// Into the file, or to stdout.
fn deliver(output: Option<OutputFile>, result: &str) -> Result<(), CliError> {
    match output {
        Some(file) => Ok(file.write(result.as_bytes())?),
        None => print(result),
    }
}
