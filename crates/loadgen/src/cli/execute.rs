//! Carrying out what the command line asked for, and the code to end with.

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    panic::{self, AssertUnwindSafe},
    sync::mpsc::{self, SyncSender},
    thread::{self, JoinHandle},
};

use super::{
    CliError, Command, CompareCommand, CrawlCommand, ReportCommand, RunCommand, TestCommand,
    args::{CompareFormat, ListFormat, ReportFormat},
    lists,
    outputs::{OutputFile, Outputs},
    parse, signals,
};
use crate::{
    api, compare,
    compare::Comparison,
    control::Control,
    engine::Abort,
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
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let work = || parse(args, &|name| std::env::var_os(name)).and_then(execute);
    match panic::catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(code)) => code,
        Ok(Err(error)) => {
            complain(&error);
            error.exit_code()
        }
        // The panic hook has said what happened.
        Err(_) => ExitCode::Panic,
    }
}

fn execute(command: Command) -> Result<ExitCode, CliError> {
    match command {
        Command::Run(run) => execute_run(*run),
        Command::Inspect(inspect) => {
            inspect.test.warnings.iter().for_each(|warning| warn(warning));
            print(&inspect.to_json())?;
            Ok(ExitCode::Success)
        }
        Command::Crawl(crawl) => execute_crawl(*crawl),
        Command::Redirects(redirects) => {
            print(&redirects.execute()?)?;
            Ok(ExitCode::Success)
        }
        Command::Report(report) => execute_report(report).map(|()| ExitCode::Success),
        Command::Compare(compare) => execute_compare(compare),
        Command::Control(control) => {
            print(&control.execute()?)?;
            Ok(ExitCode::Success)
        }
        Command::Print(text) => {
            print(&text)?;
            Ok(ExitCode::Success)
        }
    }
}

/// Writes to stdout. A reader that has gone away wants no more.
fn print(text: &str) -> Result<(), CliError> {
    let mut stdout = io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(CliError::Stdout(error)),
        _ => Ok(()),
    }
}

/// Writes to stderr, with the same indulgence.
fn tell(text: &str) {
    let _ = io::stderr().write_all(text.as_bytes());
}

/// Writes an error to stderr.
fn complain(error: &dyn std::error::Error) {
    tell(&format!("error: {error}\n"));
}

/// Writes a warning to stderr.
pub(super) fn warn(text: &str) {
    tell(&format!("warning: {text}\n"));
}

fn execute_crawl(command: CrawlCommand) -> Result<ExitCode, CliError> {
    let abort = Abort::default();
    command.warnings.iter().for_each(|warning| warn(warning));
    signals::listen(abort.clone()).map_err(CliError::Runtime)?;
    let crawled = command.plan.crawl(command.progress, &abort)?;
    print(&lists::render(&crawled.paths, command.format))?;
    Ok(if crawled.is_whole { ExitCode::Success } else { ExitCode::Interrupted })
}

fn execute_run(mut command: RunCommand) -> Result<ExitCode, CliError> {
    let abort = Abort::default();
    command.test.warnings.iter().for_each(|warning| warn(warning));
    signals::listen(abort.clone()).map_err(CliError::Runtime)?;
    crawl_first(&mut command, &abort)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(CliError::Runtime)?;
    let ran = runtime.block_on(run(&command, &abort))?;
    publish(command, ran)
}

/// Finds the paths of the test, if a crawl is to find them, and stores them.
fn crawl_first(command: &mut RunCommand, abort: &Abort) -> Result<(), CliError> {
    let Some(plan) = command.test.crawl.take() else { return Ok(()) };
    let options = ProgressOptions { quiet: command.quiet, color: command.color };
    let crawled = plan.crawl(options, abort)?;
    if !crawled.is_whole {
        return Err(CliError::CrawlInterrupted);
    }
    let file = command.outputs.report.as_mut().and_then(|report| report.paths.take());
    let list = lists::render(&crawled.paths, ListFormat::Json);
    file.map(|file| file.write(list.as_bytes())).transpose()?;
    command.test.paths.splice(..0, crawled.paths);
    Ok(())
}

/// A test that was run.
struct Ran {
    report: Report,
    /// How many of the report's warnings were shown before.
    known: usize,
    /// Whether stdout carried samples.
    has_stdout: bool,
}

/// Runs the test, showing how it goes.
async fn run(command: &RunCommand, abort: &Abort) -> Result<Ran, CliError> {
    let tested = &command.test;
    let (target, service, paths) = match &tested.host {
        Some(target) => (target.clone(), None, tested.paths.clone()),
        None => demo(&tested.paths).await?,
    };
    let mut test = LoadTest::with_options(tested.options.clone()).abort_with(abort);
    let control = test.control();
    let test = test.batch_get(paths).prepare(target, service)?;
    let (known, has_stdout) = (test.warnings().len(), test.has_stdout());
    test.warnings().iter().for_each(|warning| warn(warning));
    let api = serve_api(tested, control)?;
    let header = RunEvent::Header(test.header(command.outputs.paths()));
    let options = ProgressOptions { quiet: command.quiet, color: command.color };
    let screen = Screen::start(options, header).map_err(CliError::Runtime)?;
    let report = test.run(|event| screen.show(event)).await?;
    screen.finish();
    if let Some(api) = api {
        api.stop();
    }
    Ok(Ran { report, known, has_stdout })
}

/// Starts the REST API, if there is to be one. As in k6, a port that cannot be had is an error only
/// if it was asked for on the command line.
fn serve_api(test: &TestCommand, control: Control) -> Result<Option<api::Server>, CliError> {
    let Some(address) = &test.options.address else { return Ok(None) };
    match api::Server::start(address, control) {
        Ok(server) => Ok(Some(server)),
        Err(error) if test.address_is_flag => Err(error.into()),
        Err(error) => {
            warn(&error.to_string());
            Ok(None)
        }
    }
}

/// Progress on a thread of its own: a terminal that takes nothing holds up nothing but itself.
struct Screen {
    events: SyncSender<RunEvent>,
    thread: JoinHandle<()>,
}

impl Screen {
    fn start(options: ProgressOptions, header: RunEvent) -> io::Result<Self> {
        let (events, received) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("progress".into()).spawn(move || {
            let mut progress = Progress::new(options);
            progress.on_event(&header);
            received.iter().for_each(|event| progress.on_event(&event));
        })?;
        Ok(Self { events, thread })
    }

    /// Shows a state, unless the one before it is not shown yet; the last one always.
    fn show(&self, event: RunEvent) {
        // A thread that is gone shows no more.
        let _ = match event {
            RunEvent::Ended(_) | RunEvent::Lingering => self.events.send(event).map_err(drop),
            _ => self.events.try_send(event).map_err(drop),
        };
    }

    /// Waits until all is shown.
    fn finish(self) {
        drop(self.events);
        let _ = self.thread.join();
    }
}

/// The bundled server with its demo site.
pub(super) async fn demo_service() -> Result<InProcess, CliError> {
    let router = servy::router(servy::Config::default()).await?;
    InProcess::new(Target::IN_PROCESS, router).map_err(|error| CliError::Test(error.into()))
}

/// The demo site, and what to request of it: `paths`, or everything.
async fn demo(paths: &[String]) -> Result<(Target, Option<InProcess>, Vec<String>), CliError> {
    let service = demo_service().await?;
    let paths = match paths {
        [] => {
            let aliases = servy::demo::redirects().into_iter().map(|(alias, _)| alias);
            servy::demo::paths().into_iter().chain(aliases).collect()
        }
        paths => paths.to_vec(),
    };
    Ok((Target::in_process("bundled servy, demo site"), Some(service), paths))
}

/// Shows and stores what the run gave.
fn publish(command: RunCommand, ran: Ran) -> Result<ExitCode, CliError> {
    let Ran { report, known, has_stdout } = ran;
    let error = report.error();
    let warnings = report.warnings()[known..].to_vec();
    let mut summary = report.into_summary();
    summary.options.no_color = !command.color;
    summary.state.is_stdout_tty = io::stdout().is_terminal();
    summary.state.is_stderr_tty = io::stderr().is_terminal();
    if let Some(extras) = &mut summary.loadgen {
        extras.command = command.command_line;
    }
    let printed = command.summary_mode.look().map_or(Ok(()), |look| {
        let state = &summary.state;
        let is_tty = if has_stdout { state.is_stderr_tty } else { state.is_stdout_tty };
        let color = command.color && is_tty;
        let text = framed(&summary, look, color);
        match has_stdout {
            false => print(&text),
            // Whoever reads the samples there could not make anything of it.
            true => {
                tell(&text);
                Ok(())
            }
        }
    });
    warnings.iter().for_each(|warning| warn(warning));
    let stored = store(command.outputs, &summary, command.summary_mode.look().unwrap_or_default());
    let stored = printed.and(stored);
    let Some(error) = error else { return stored.map(|()| ExitCode::Success) };
    // What became of the test counts more than what became of its files.
    if let Err(stored) = stored {
        complain(&stored);
    }
    complain(&error);
    Ok(error.exit_code())
}

/// The text as k6 frames it.
fn framed(summary: &Summary, look: Look, color: bool) -> String {
    let text = summary::text(summary, &TextOptions { look, color, time_unit: None });
    format!("\n{text}\n\n")
}

/// Writes every file, even when one of them cannot be: the run is not to be had again.
fn store(outputs: Outputs, summary: &Summary, look: Look) -> Result<(), CliError> {
    let export = outputs.summary_export.map(|file| file.write(json::export(summary).as_bytes()));
    let mut written = vec![export.transpose().map(drop).map_err(CliError::from)];
    if let Some(files) = outputs.report {
        let text = framed(summary, look, false);
        written.push(files.text.write(text.as_bytes()).map_err(CliError::from));
        let json = json::to_json(summary);
        written.push(files.json.write(json.as_bytes()).map_err(CliError::from));
        let page = html::html(summary).map_err(CliError::from);
        written.push(page.and_then(|page| Ok(files.html.write(page.as_bytes())?)));
    }
    written.into_iter().collect()
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
    deliver(command.output, &result)
}

/// Into the file, or to stdout.
fn deliver(output: Option<OutputFile>, result: &str) -> Result<(), CliError> {
    match output {
        Some(file) => Ok(file.write(result.as_bytes())?),
        None => print(result),
    }
}

/// Conditions that hold are told on stderr too, so that a job's log has them whatever the format.
fn execute_compare(command: CompareCommand) -> Result<ExitCode, CliError> {
    let CompareCommand { subjects, conditions, rows, format, color, output } = command;
    let comparison = Comparison::new(&subjects, rows, &conditions)?;
    let result = match format {
        CompareFormat::Text => comparison.text(&terminal(output.is_some(), color)),
        CompareFormat::Markdown => comparison.markdown(),
        CompareFormat::Json => comparison.json(),
        CompareFormat::Html => comparison.html(&subjects)?,
    };
    deliver(output, &result)?;
    for result in comparison.conditions.iter().filter(|result| result.holds) {
        let _ = writeln!(io::stderr(), "error: {result}");
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
