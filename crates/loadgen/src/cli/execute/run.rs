//! `loadgen run`: from the target and its paths to the last viewer of the dashboard.

use super::{demo, publish, servers};
use crate::{
    cli::{
        CliError, RunCommand,
        args::ListFormat,
        console::Console,
        lists,
        log::{Entry, Level},
        signals,
    },
    dashboard::Dashboard,
    engine::Abort,
    exit::ExitCode,
    load_test::LoadTest,
    output::Opened,
    progress::ProgressOptions,
    report::Report,
    run_event::{RequestFailure, RunEvent},
};

/// Runs the test, and shows and stores what it gave.
pub(super) fn execute(
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
    let streams = std::mem::take(&mut command.streams);
    let mut ran = runtime.block_on(run(&command, streams, &abort, console))?;
    // What follows goes to another stream, and must find the terminal as it will stay.
    console.flush();
    let dashboard = ran.dashboard.take();
    let code = publish::publish(command, ran, dashboard.as_ref(), console, screen.color)?;
    if let Some(dashboard) = dashboard {
        leave(dashboard, code, &abort, console);
    }
    Ok(code)
}

/// As in k6: whoever watches a test that ended as it should may look at it as long as they like.
fn leave(dashboard: Dashboard, code: ExitCode, abort: &Abort, console: &Console) {
    if code == ExitCode::Success && dashboard.is_watched() {
        let url = dashboard.url();
        let message = format!("the dashboard stays at {url} until nobody watches it, or Ctrl+C");
        console.log(Entry::new(Level::Info, message));
        dashboard.wait(|| abort.reason().is_some());
    }
    dashboard.close();
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
pub(super) struct Ran {
    pub(super) report: Report,
    /// How many of the report's warnings were shown before.
    pub(super) known: usize,
    /// Whether stdout carried samples.
    pub(super) has_stdout: bool,
    dashboard: Option<Dashboard>,
}

/// Runs the test, showing how it goes.
async fn run(
    command: &RunCommand,
    streams: Vec<Opened>,
    abort: &Abort,
    console: &Console,
) -> Result<Ran, CliError> {
    let tested = &command.test;
    let (target, service, paths) = match &tested.host {
        Some(target) => (target.clone(), None, tested.paths.clone()),
        None => demo::target(&tested.paths).await?,
    };
    console.debug(format!("testing {}, paths of an iteration: {}", target.name(), paths.len()));
    let mut test = LoadTest::with_options(tested.options.clone()).abort_with(abort);
    let control = test.control();
    let test = streams.into_iter().fold(test, LoadTest::output);
    let test = test.batch_get(paths).prepare(target, service)?;
    let test = test.commanded_by(command.command_line.clone());
    let (known, has_stdout) = (test.warnings().len(), test.has_stdout());
    test.warnings().iter().for_each(|warning| console.warn(warning));
    let api = servers::api(tested, control.clone(), console)?;
    let dashboard = match &command.dashboard {
        Some(options) => servers::dashboard(options, control, test.reporter(), console)?,
        None => None,
    };
    let mut header = test.header(command.outputs.paths());
    header.dashboard = dashboard.as_ref().map(Dashboard::url);
    console.show(RunEvent::Header(header));
    let on_event = |event| match event {
        RunEvent::RequestsFailed(failures) => {
            failures.iter().for_each(|it| console.log(failed(it)));
        }
        RunEvent::OutputTrouble(trouble) => console.warn(trouble.to_string()),
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
