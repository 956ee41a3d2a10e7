//! The command line: from words and variables to something that can be done.
//!
//! Two stages, so that nothing half-parsed travels on. [`args`], [`mod@env`] and [`config`] only read.
//! [`run`], [`inspect`], [`mod@crawl`], [`report`] and [`compare`] lay what was read over each other and resolve it into
//! commands whose values are all valid, whose input files are read and whose output files are
//! open; [`main`] carries them out.

pub mod args;
pub mod compare;
pub mod config;
mod console;
pub mod control;
pub mod crawl;
pub mod env;
mod error;
mod execute;
pub mod inspect;
mod lists;
mod log;
pub mod option_flags;
pub mod outputs;
pub mod paths;
pub mod redirects;
pub mod report;
pub mod run;
mod signals;

pub use compare::CompareCommand;
pub use console::ConsoleOptions;
pub use control::ControlCommand;
pub use crawl::CrawlCommand;
pub use error::CliError;
pub use execute::main;
pub use inspect::InspectCommand;
pub use log::{InvalidLogOutput, Level, LogFormat, LogOutput};
pub use redirects::RedirectsCommand;
pub use report::ReportCommand;
pub use run::{RunCommand, TestCommand};

use std::{ffi::OsString, mem};

use clap::{CommandFactory, Parser};

use args::{Cli, Subcommand};

/// What the command line asks for.
#[derive(Debug)]
pub enum Command {
    /// Run a test.
    Run(Box<RunCommand>),
    /// Print the options of a test.
    Inspect(Box<InspectCommand>),
    /// Print the paths of a site.
    Crawl(Box<CrawlCommand>),
    /// Print the paths of short links.
    Redirects(RedirectsCommand),
    /// Show a stored summary again.
    Report(ReportCommand),
    /// Compare stored summaries.
    Compare(CompareCommand),
    /// Ask something of a running test.
    Control(ControlCommand),
    /// Print this text on stdout and succeed: help, version, completions.
    Print(String),
}

/// Reads the command line (`args`, program name first) and the variables that `lookup` knows: what
/// to do, and how to speak meanwhile.
///
/// Reads the files that the flags name as input and creates those that they name as output.
///
/// # Errors
///
/// The first thing that is wrong, in one line. Sending has not begun then.
pub fn parse(
    args: impl IntoIterator<Item = OsString>,
    lookup: &env::Lookup<'_>,
) -> (ConsoleOptions, Result<Command, CliError>) {
    let words: Vec<OsString> = args.into_iter().collect();
    let mut read = Cli::try_parse_from(&words);
    // Where the flags cannot be read, the variables say how to tell.
    let console = read.as_mut().map(|cli| mem::take(&mut cli.console)).unwrap_or_default();
    match ConsoleOptions::resolve(console, lookup) {
        Err(error) => (ConsoleOptions::default(), Err(error)),
        Ok(console) => (console, resolve(read, &words, lookup)),
    }
}

fn resolve(
    read: Result<Cli, clap::Error>,
    words: &[OsString],
    lookup: &env::Lookup<'_>,
) -> Result<Command, CliError> {
    let cli = match read {
        Ok(cli) => cli,
        Err(error) if error.use_stderr() => return Err(CliError::from_clap(&error)),
        Err(help) => return Ok(Command::Print(help.render().to_string())),
    };
    let words = || words.iter().map(|word| word.to_string_lossy().into_owned()).collect();
    match cli.subcommand {
        None => run::resolve(cli.run, lookup, words()).map(|run| Command::Run(Box::new(run))),
        Some(Subcommand::Run(run)) => {
            run::resolve(*run, lookup, words()).map(|run| Command::Run(Box::new(run)))
        }
        Some(Subcommand::Inspect(inspect)) => {
            inspect::resolve(*inspect, lookup).map(|inspect| Command::Inspect(Box::new(inspect)))
        }
        Some(Subcommand::Crawl(crawl)) => {
            crawl::resolve(*crawl, lookup).map(|crawl| Command::Crawl(Box::new(crawl)))
        }
        Some(Subcommand::Redirects(redirects)) => {
            Ok(Command::Redirects(redirects::resolve(redirects)))
        }
        Some(Subcommand::Report(report)) => report::resolve(report).map(Command::Report),
        Some(Subcommand::Compare(compare)) => compare::resolve(compare).map(Command::Compare),
        Some(Subcommand::Control(control)) => {
            control::resolve(control, lookup).map(Command::Control)
        }
        Some(Subcommand::Completions { shell }) => Ok(Command::Print(completions(shell))),
    }
}

fn completions(shell: clap_complete::Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "loadgen", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

#[cfg(test)]
mod tests;
