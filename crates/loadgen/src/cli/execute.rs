//! Carrying out what the command line asked for, and the code to end with.

use std::{
    ffi::OsString,
    io::{self, IsTerminal, Write},
    net::{Ipv4Addr, SocketAddr},
    panic::{self, AssertUnwindSafe},
};

use super::{
    CliError, Command, CompareCommand, CrawlCommand, ReportCommand, RunCommand, TestCommand,
    args::{CompareFormat, ListFormat, ReportFormat},
    console::Console,
    lists,
    log::{Entry, Level},
    outputs::{OutputFile, Outputs},
    parse, signals,
};
use crate::{
    api, compare,
    compare::Comparison,
    control::Control,
    dashboard::{Dashboard, DashboardOptions, open_browser},
    engine::Abort,
    exit::ExitCode,
    http::InProcess,
    load_test::{LoadTest, LoadTestError},
    output::OutputError,
    progress::ProgressOptions,
    report::{Report, Reporter},
    run_event::{RequestFailure, RunEvent},
    summary::{
        self, Look, Summary, TextOptions,
        html::{self, HtmlError},
        json, junit, markdown, profile,
    },
    target::Target,
};

/// The program: reads the command line `args` (program name first) and the environment, does what
/// they ask for, and says with which code to end.
pub fn main(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let work = || {
        let (options, command) = parse(args, &|name| std::env::var_os(name));
        let screen = ProgressOptions { quiet: options.quiet, color: options.color };
        let console = match Console::start(options) {
            Ok(console) => console,
            Err(error) => {
                let _ = writeln!(io::stderr(), "cannot start a thread: {error}");
                return ExitCode::Other;
            }
        };
        console.debug(format!("loadgen version: {}", env!("CARGO_PKG_VERSION")));
        let code = command.and_then(|command| execute(command, &console, screen));
        let code = code.unwrap_or_else(|error| {
            console.error(&error);
            error.exit_code()
        });
        console.debug(format!("ending with code {}", code as u8));
        console.flush();
        code
    };
    // The panic hook has said what happened.
    panic::catch_unwind(AssertUnwindSafe(work)).unwrap_or(ExitCode::Panic)
}

fn execute(
    command: Command,
    console: &Console,
    screen: ProgressOptions,
) -> Result<ExitCode, CliError> {
    let color = screen.color;
    let done = |()| ExitCode::Success;
    match command {
        Command::Run(run) => execute_run(*run, console, screen),
        Command::Inspect(inspect) => {
            inspect.test.warnings.iter().for_each(|warning| console.warn(warning));
            print(&inspect.to_json()).map(done)
        }
        Command::Crawl(crawl) => execute_crawl(*crawl, console, screen),
        Command::Redirects(redirects) => print(&redirects.execute(console)?).map(done),
        Command::Report(report) => execute_report(report, color).map(done),
        Command::Compare(compare) => execute_compare(compare, console, color),
        Command::Control(control) => print(&control.execute()?).map(done),
        Command::Print(text) => print(&text).map(done),
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

fn execute_crawl(
    command: CrawlCommand,
    console: &Console,
    screen: ProgressOptions,
) -> Result<ExitCode, CliError> {
    let abort = Abort::default();
    command.warnings.iter().for_each(|warning| console.warn(warning));
    signals::listen(abort.clone(), console.clone()).map_err(CliError::Runtime)?;
    let crawled = command.plan.crawl(screen, &abort)?;
    print(&lists::render(&crawled.paths, command.format))?;
    Ok(if crawled.is_whole { ExitCode::Success } else { ExitCode::Interrupted })
}

fn execute_run(
    mut command: RunCommand,
    console: &Console,
    screen: ProgressOptions,
) -> Result<ExitCode, CliError> {
    let abort = Abort::default();
    command.test.warnings.iter().for_each(|warning| console.warn(warning));
    signals::listen(abort.clone(), console.clone()).map_err(CliError::Runtime)?;
    // The log and the display of a crawl take turns at the terminal.
    console.flush();
    crawl_first(&mut command, screen, &abort)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .build()
        .map_err(CliError::Runtime)?;
    let mut ran = runtime.block_on(run(&command, &abort, console))?;
    // What follows goes to another stream, and must find the terminal as it will stay.
    console.flush();
    let url = ran.dashboard.as_ref().map(Dashboard::url);
    let dashboard = ran.dashboard.take();
    let code = publish(command, ran, dashboard.as_ref(), console, screen.color)?;
    // As in k6: whoever watches a test that ended as it should may look at it as long as they like.
    if let (Some(dashboard), Some(url), ExitCode::Success) = (dashboard, url, code) {
        if dashboard.is_watched() {
            let message =
                format!("the dashboard stays at {url} until nobody watches it, or Ctrl+C");
            console.log(Entry::new(Level::Info, message));
        }
        dashboard.wait(|| abort.reason().is_some());
    }
    Ok(code)
}

/// Finds the paths of the test, if a crawl is to find them, and stores them.
fn crawl_first(
    command: &mut RunCommand,
    screen: ProgressOptions,
    abort: &Abort,
) -> Result<(), CliError> {
    let Some(plan) = command.test.crawl.take() else { return Ok(()) };
    let crawled = plan.crawl(screen, abort)?;
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
    dashboard: Option<Dashboard>,
}

/// Runs the test, showing how it goes.
async fn run(command: &RunCommand, abort: &Abort, console: &Console) -> Result<Ran, CliError> {
    let tested = &command.test;
    let (target, service, paths) = match &tested.host {
        Some(target) => (target.clone(), None, tested.paths.clone()),
        None => demo(&tested.paths).await?,
    };
    console.debug(format!("testing {}, paths of an iteration: {}", target.name(), paths.len()));
    let mut test = LoadTest::with_options(tested.options.clone()).abort_with(abort);
    let control = test.control();
    let test = test.batch_get(paths).prepare(target, service)?;
    let test = test.commanded_by(command.command_line.clone());
    let (known, has_stdout) = (test.warnings().len(), test.has_stdout());
    test.warnings().iter().for_each(|warning| console.warn(warning));
    let api = serve_api(tested, control.clone(), console)?;
    let dashboard = match &command.dashboard {
        Some(options) => serve_dashboard(options, control, test.reporter(), console)?,
        None => None,
    };
    let mut header = test.header(command.outputs.paths());
    header.dashboard = dashboard.as_ref().map(Dashboard::url);
    console.show(RunEvent::Header(header));
    let on_event = |event| match event {
        RunEvent::RequestsFailed(failures) => {
            failures.iter().for_each(|it| console.log(failed(it)));
        }
        event => console.show(event),
    };
    let report = test.run(on_event).await?;
    if let Some(api) = api {
        api.stop();
    }
    Ok(Ran { report, known, has_stdout, dashboard })
}

/// k6's message about a request that failed, for all that failed alike.
fn failed(failure: &RequestFailure) -> Entry {
    Entry::new(Level::Warning, "Request Failed")
        .with("count", &failure.count)
        .with("error", failure)
}

/// Starts the REST API, if there is to be one. As in k6, a port that cannot be had is an error only
/// if it was asked for on the command line.
fn serve_api(
    test: &TestCommand,
    control: Control,
    console: &Console,
) -> Result<Option<api::Server>, CliError> {
    let Some(address) = &test.options.address else { return Ok(None) };
    match api::Server::start(address, control) {
        Ok(server) => {
            console.debug(format!("the REST API listens on {}", server.address()));
            Ok(Some(server))
        }
        Err(error) if test.address_is_flag => Err(error.into()),
        Err(error) => {
            console.warn(error.to_string());
            Ok(None)
        }
    }
}

/// Starts the dashboard, unless it is to have no server. As in k6, a port that cannot be had is an error
/// only if somebody chose it.
fn serve_dashboard(
    options: &DashboardOptions,
    control: Control,
    reporter: &Reporter,
    console: &Console,
) -> Result<Option<Dashboard>, CliError> {
    let Some(port) = options.port else { return Ok(None) };
    let address = SocketAddr::new(options.host.unwrap_or(Ipv4Addr::LOCALHOST.into()), port);
    match Dashboard::start(address, options.period, control, reporter.clone()) {
        Ok(dashboard) => {
            if options.open
                && let Err(error) = open_browser(&dashboard.url())
            {
                console.warn(format!("dashboard: cannot open a browser: {error}"));
            }
            Ok(Some(dashboard))
        }
        Err(error) if options.has_default_port() => {
            console.warn(format!("the dashboard cannot be served on {address}: {error}"));
            Ok(None)
        }
        Err(error) => {
            let reason = format!("cannot listen on {address}: {error}").into();
            let error = OutputError::Create { name: "dashboard".into(), reason };
            Err(LoadTestError::from(error).into())
        }
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
fn publish(
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
    if let (Some(dashboard), Ok(page)) = (dashboard, html::html(&summary)) {
        dashboard.end(page);
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
    let stored = printed.and(stored);
    let Some(error) = error else { return stored.map(|()| ExitCode::Success) };
    // What became of the test counts more than what became of its files.
    if let Err(stored) = stored {
        console.error(&stored);
    }
    console.error(&error);
    Ok(error.exit_code())
}

/// The text as k6 frames it.
fn framed(summary: &Summary, look: Look, color: bool) -> String {
    let text = summary::text(summary, &TextOptions { look, color, time_unit: None });
    format!("\n{text}\n\n")
}

/// Writes every file, even when one of them cannot be: the run is not to be had again.
fn store(
    outputs: Outputs,
    summary: &Summary,
    profile: Option<&[u8]>,
    look: Look,
) -> Result<(), CliError> {
    let Outputs { summary_export, summary_junit, summary_markdown, dashboard, report } = outputs;
    let mut files: Vec<(OutputFile, Result<String, HtmlError>)> = Vec::new();
    let mut stored = Ok(());
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
    let written: Vec<_> = files.into_iter().map(write).collect();
    written.into_iter().collect::<Result<(), _>>().and(stored.map_err(CliError::from))
}

fn execute_report(command: ReportCommand, color: bool) -> Result<(), CliError> {
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

/// Into the file, or to stdout.
fn deliver(output: Option<OutputFile>, result: &str) -> Result<(), CliError> {
    match output {
        Some(file) => Ok(file.write(result.as_bytes())?),
        None => print(result),
    }
}

/// Conditions that hold are told on stderr too, so that a job's log has them whatever the format.
fn execute_compare(
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
