//! Carrying out what the command line asked for, and the code to end with.

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    panic::{self, AssertUnwindSafe},
};

use super::{
    CliError, Command, ReportCommand, RunCommand, args::ReportFormat, outputs::Outputs, parse,
};
use crate::{
    engine::{Abort, AbortReason},
    exit::ExitCode,
    http::InProcess,
    load_test::LoadTest,
    progress::{Progress, ProgressOptions},
    report::Report,
    run_event::RunEvent,
    summary::{self, Look, Summary, TextOptions, html, json},
    target::Target,
};

/// The program: reads the command line `args` (program name first) and the environment, does what
/// they ask for, and says with which code to end.
#[expect(clippy::print_stderr, reason = "this is where errors reach the person")]
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let work = || parse(args, &|name| std::env::var_os(name)).and_then(execute);
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            eprintln!("error: {error}");
            error.exit_code()
        }
        // The panic hook has said what happened.
        Err(_) => ExitCode::Panic,
    }
}

fn execute(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Run(run) => execute_run(*run),
        Command::Report(report) => execute_report(report).map(|()| ExitCode::Success),
        Command::Print(text) => {
            print(&text);
            Ok(ExitCode::Success)
        }
    }
}

/// Writes to stdout. A reader that has gone away wants no more.
fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
}

/// Writes a line to stderr, with the same indulgence.
fn warn(text: &str) {
    let _ = writeln!(io::stderr(), "warning: {text}");
}

fn execute_run(command: RunCommand) -> Result<ExitCode, CliError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(CliError::Runtime)?;
    runtime.block_on(async {
        let abort = Abort::default();
        tokio::spawn(abort_on_signals(abort.clone()));
        let report = run(&command, &abort).await?;
        publish(command, report, abort.reason())
    })
}

/// Runs the test, showing how it goes.
async fn run(command: &RunCommand, abort: &Abort) -> Result<Report, CliError> {
    let test = LoadTest::with_options(command.options.clone());
    let (target, service, paths) = match &command.host {
        Some(target) => (target.clone(), None, command.paths.clone()),
        None => demo(&command.paths).await?,
    };
    let test = test.batch_get(paths).prepare(target, service)?;
    let mut progress =
        Progress::new(ProgressOptions { quiet: command.quiet, color: command.color });
    progress.on_event(&RunEvent::Header(test.header(command.outputs.paths())));
    Ok(test.run(abort, |event| progress.on_event(&event)).await?)
}

/// The bundled server with its demo site, and what to request of it: `paths`, or everything.
async fn demo(paths: &[String]) -> Result<(Target, Option<InProcess>, Vec<String>), CliError> {
    let router = servy::router(servy::Config::default()).await?;
    let service =
        InProcess::new(Target::IN_PROCESS, router).map_err(|error| CliError::Test(error.into()))?;
    let paths = match paths {
        [] => {
            let aliases = servy::demo::redirects().into_iter().map(|(alias, _)| alias);
            servy::demo::paths().into_iter().chain(aliases).collect()
        }
        paths => paths.to_vec(),
    };
    Ok((Target::in_process("bundled servy, demo site"), Some(service), paths))
}

/// Ends the run at the first signal and the program at the second.
async fn abort_on_signals(abort: Abort) {
    abort.abort(AbortReason::Signal(signal().await));
    signal().await;
    warn("aborting at once, without a summary");
    std::process::exit(ExitCode::Interrupted as i32);
}

/// Waits for a signal that asks for the end; gives k6's name of it.
async fn signal() -> &'static str {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        if let Ok(mut terminate) = signal(SignalKind::terminate()) {
            return tokio::select! {
                _ = tokio::signal::ctrl_c() => "interrupt",
                _ = terminate.recv() => "terminated",
            };
        }
    }
    let _ = tokio::signal::ctrl_c().await;
    "interrupt"
}

/// Shows and stores what the run gave.
fn publish(
    command: RunCommand,
    report: Report,
    aborted: Option<AbortReason>,
) -> Result<ExitCode, CliError> {
    let warnings = report.warnings().to_vec();
    let mut summary = report.into_summary();
    summary.options.no_color = !command.color;
    summary.state.is_stdout_tty = io::stdout().is_terminal();
    summary.state.is_stderr_tty = io::stderr().is_terminal();
    if let Some(extras) = &mut summary.loadgen {
        extras.command = command.command_line;
    }
    if let Some(look) = command.summary_mode.look() {
        let color = command.color && summary.state.is_stdout_tty;
        print(&framed(&summary, look, color));
    }
    warnings.iter().for_each(|warning| warn(warning));
    store(command.outputs, &summary, command.summary_mode.look().unwrap_or_default())?;
    Ok(match aborted {
        Some(_) => ExitCode::Interrupted,
        None => ExitCode::Success,
    })
}

/// The text as k6 frames it.
fn framed(summary: &Summary, look: Look, color: bool) -> String {
    let text = summary::text(summary, &TextOptions { look, color, time_unit: None });
    format!("\n{text}\n\n")
}

fn store(outputs: Outputs, summary: &Summary, look: Look) -> Result<(), CliError> {
    if let Some(file) = outputs.summary_export {
        file.write(json::export(summary).as_bytes())?;
    }
    if let Some(files) = outputs.report {
        files.text.write(framed(summary, look, false).as_bytes())?;
        files.json.write(json::to_json(summary).as_bytes())?;
        files.html.write(html::html(summary)?.as_bytes())?;
    }
    Ok(())
}

fn execute_report(command: ReportCommand) -> Result<(), CliError> {
    let mut summary = summary::parse(&command.stored, &command.file.display().to_string())?;
    if let Some(unit) = command.summary_time_unit {
        summary.options.summary_time_unit = unit.as_str().into();
    }
    if let Some(stats) = &command.summary_trend_stats {
        summary = summary.with_trend_stats(stats)?;
    }
    let color = command.color && command.output.is_none() && io::stdout().is_terminal();
    let result = match command.format {
        ReportFormat::Text => match command.summary_mode.look() {
            Some(look) => framed(&summary, look, color),
            None => String::new(),
        },
        ReportFormat::Json => json::to_json(&summary),
        ReportFormat::Html => html::html(&summary)?,
    };
    match command.output {
        Some(file) => file.write(result.as_bytes())?,
        None => print(&result),
    }
    Ok(())
}
