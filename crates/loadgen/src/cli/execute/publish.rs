//! What a run gave: shown, stored, and turned into an exit code.

use std::io::{self, IsTerminal, Write};

use super::{print, run::Ran};
use crate::{
    cli::{
        CliError, RunCommand,
        console::Console,
        log::{Entry, Level},
        outputs::{OutputFile, Outputs},
    },
    dashboard::Dashboard,
    exit::ExitCode,
    summary::{
        self, Look, Summary, TextOptions,
        html::{self, HtmlError},
        json, junit, markdown, profile,
    },
};

/// Shows and stores what the run gave.
pub(super) fn publish(
    command: RunCommand,
    ran: Ran,
    dashboard: Option<&Dashboard>,
    console: &Console,
    color: bool,
) -> Result<ExitCode, CliError> {
    let Ran { report, known, has_stdout, .. } = ran;
    let error = report.error();
    let warnings = report.warnings()[known..].to_vec();
    let profile = report.profile().cloned();
    let mut summary = report.into_summary();
    summary.options.no_color = !color;
    summary.state.is_stdout_tty = io::stdout().is_terminal();
    summary.state.is_stderr_tty = io::stderr().is_terminal();
    if let Some(dashboard) = dashboard {
        match html::html(&summary) {
            Ok(page) => dashboard.end(page),
            Err(error) => console.warn(format!("the dashboard lacks the final report: {error}")),
        }
    }
    let printed = command.summary_mode.look().map_or(Ok(()), |look| {
        let state = &summary.state;
        let is_tty = if has_stdout { state.is_stderr_tty } else { state.is_stdout_tty };
        let text = framed(&summary, look, color && is_tty);
        match has_stdout {
            false => print(&text),
            // Whoever reads the samples there could not make anything of it.
            true => {
                let _ = io::stderr().write_all(text.as_bytes());
                Ok(())
            }
        }
    });
    if let Some(hottest) = profile::hottest(&summary) {
        console.log(Entry::new(Level::Info, hottest));
    }
    warnings.iter().for_each(|warning| console.warn(warning));
    let look = command.summary_mode.look().unwrap_or_default();
    let stored = store(command.outputs, &summary, profile.as_deref(), look);
    let mut failures = printed.err().into_iter().chain(stored);
    // What became of the test counts more than what became of its files.
    let result = match error {
        Some(error) => {
            failures.by_ref().for_each(|failure| console.error(&failure));
            console.error(&error);
            Ok(error.exit_code())
        }
        None => failures.next().map_or(Ok(ExitCode::Success), Err),
    };
    failures.for_each(|failure| console.error(&failure));
    result
}

/// The text as k6 frames it.
pub(super) fn framed(summary: &Summary, look: Look, color: bool) -> String {
    let text = summary::text(summary, &TextOptions { look, color, time_unit: None });
    format!("\n{text}\n\n")
}

/// Writes every file, even when one of them cannot be: the run is not to be had again.
fn store(outputs: Outputs, summary: &Summary, profile: Option<&[u8]>, look: Look) -> Vec<CliError> {
    let mut stored = Ok(());
    let Outputs { summary_export, summary_junit, summary_markdown, dashboard, report } = outputs;
    let mut files: Vec<(OutputFile, Result<String, HtmlError>)> = Vec::new();
    files.extend(summary_export.map(|file| (file, Ok(json::export(summary)))));
    files.extend(summary_junit.map(|file| (file, junit::junit(summary))));
    files.extend(summary_markdown.map(|file| (file, markdown::markdown(summary))));
    files.extend(dashboard.map(|file| (file, html::html(summary))));
    if let Some(report) = report {
        files.push((report.text, Ok(framed(summary, look, false))));
        files.push((report.json, Ok(json::to_json(summary))));
        files.push((report.html, html::html(summary)));
        stored = match (report.profile, profile) {
            (Some(file), Some(profile)) => file.write(profile),
            (Some(file), None) => file.remove(),
            (None, _) => Ok(()),
        };
    }
    let write = |(file, content): (OutputFile, Result<String, _>)| -> Result<(), CliError> {
        Ok(file.write(content?.as_bytes())?)
    };
    let failures = files.into_iter().filter_map(|file| write(file).err());
    failures.chain(stored.err().map(CliError::from)).collect()
}
