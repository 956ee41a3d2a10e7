//! Carrying out what the command line asked for, and the code to end with.

mod demo;
mod publish;
mod run;
mod servers;
mod show;

use std::{
    ffi::OsString,
    io::{self, Write},
    panic::{self, AssertUnwindSafe},
};

use super::{CliError, Command, CrawlCommand, console::Console, lists, parse, signals};
use crate::{engine::Abort, exit::ExitCode, progress::ProgressOptions};

pub(super) use demo::service as demo_service;

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
        Command::Run(run) => run::execute(*run, console, screen),
        Command::Inspect(inspect) => {
            inspect.test.warnings.iter().for_each(|warning| console.warn(warning));
            print(&inspect.to_json()).map(done)
        }
        Command::Crawl(crawl) => execute_crawl(*crawl, console, screen),
        Command::Redirects(redirects) => print(&redirects.execute(console)?).map(done),
        Command::Report(report) => show::report(report, color).map(done),
        Command::Compare(compare) => show::compare(compare, console, color),
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
