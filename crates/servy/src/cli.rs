//! The command line: flags and variables in, a running server and an exit code out.

mod args;
mod log;
mod open_files;
mod print_config;
mod usage;
mod values;

use std::io::{self, IsTerminal as _, Write as _};
use std::process::ExitCode;

use clap::{CommandFactory as _, FromArgMatches as _};
use tokio::signal::unix::{SignalKind, signal};
use tracing::{info, warn};

use crate::{Config, Error, Server};
use args::Args;
use log::Log;

/// Runs servy with the arguments and variables of this process until SIGTERM or SIGINT.
///
/// The exit code is 0 after a stop, 1 when the server could not start, and 2 for arguments that
/// are no configuration.
#[must_use]
pub fn main() -> ExitCode {
    let matches = Args::command().try_get_matches();
    let parsed = matches.and_then(|matches| Ok((Args::from_arg_matches(&matches)?, matches)));
    let (args, matches) = match parsed {
        Ok(parsed) => parsed,
        Err(error) if error.use_stderr() => {
            say_last(&usage::one_line(&error));
            return ExitCode::from(2);
        }
        // What --help and --version print.
        Err(text) => text.exit(),
    };
    if args.print_config {
        // Whoever closed the pipe has read enough.
        let _ = io::stdout().write_all(print_config::render(&matches).as_bytes());
        return ExitCode::SUCCESS;
    }
    let colour = io::stderr().is_terminal();
    let log = Log::start(args.log_level, args.log_format, colour, io::stderr());
    let config = Config::from(args);
    let open_files = open_files::raise_limit();
    if let Some(shortage) = open_files::shortage(open_files, config.max_connections) {
        warn!("{shortage}");
    }
    let ended = run(config);
    // What is logged comes before what is said last.
    drop(log);
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say_last(&error.to_string());
            ExitCode::FAILURE
        }
    }
}

/// Says why the process ends.
fn say_last(reason: &str) {
    // Nobody is left to tell when even this fails.
    let _ = writeln!(io::stderr(), "servy: {reason}");
}

#[tokio::main]
async fn run(config: Config) -> Result<(), Error> {
    let mut terminate = signal(SignalKind::terminate()).map_err(Error::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(Error::Signals)?;
    let server = Server::bind(config).await?;
    let stop = async {
        tokio::select! {
            _ = terminate.recv() => info!("SIGTERM"),
            _ = interrupt.recv() => info!("SIGINT"),
        }
    };
    server.serve(stop).await;
    Ok(())
}
