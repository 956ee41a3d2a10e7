//! `loadgen run`: from flags and variables to a test with nothing left to doubt.

use std::time::Duration;

use super::{
    CliError,
    args::{RunArgs, SummaryMode},
    env::{self, Lookup},
    outputs::Outputs,
    paths,
};
use crate::{
    options::{Options, duration::GoDuration},
    target::Target,
};

/// A test to run.
#[derive(Debug)]
pub struct RunCommand {
    /// k6's options, as far as somebody set them.
    pub options: Options,
    /// The site under test; `None` for the bundled demo site.
    pub host: Option<Target>,
    /// What each iteration gets, each beginning with `/`; empty only for the demo site, and then
    /// it is everything there.
    pub paths: Vec<String>,
    /// How the summary on stdout looks.
    pub summary_mode: SummaryMode,
    /// Files that wait for the results.
    pub outputs: Outputs,
    /// No progress.
    pub quiet: bool,
    /// Whether colours are allowed; a stream that is no terminal gets none all the same.
    pub color: bool,
    /// The words of the command line, program name first.
    pub command_line: Vec<String>,
}

/// Lays the flags over the variables, checks what came out, and opens the files.
pub(super) fn resolve(
    mut args: RunArgs,
    lookup: &Lookup<'_>,
    command_line: Vec<String>,
) -> Result<RunCommand, CliError> {
    env::fill(&mut args, lookup)?;
    check_ranges(&args)?;
    let host = args.host.as_deref().map(Target::at).transpose()?;
    let mut paths = paths::read_all(&args.paths)?;
    if paths.is_empty() && host.is_some() {
        paths.push("/".into());
    }
    // Last, so that a command line that is wrong elsewhere leaves no files behind.
    let outputs = Outputs::create(args.summary_export.as_deref(), args.report_dir.as_deref())?;
    Ok(RunCommand {
        host,
        paths,
        outputs,
        summary_mode: args.summary_mode.unwrap_or_default(),
        quiet: args.quiet,
        color: !args.no_color,
        options: options(args),
        command_line,
    })
}

fn options(args: RunArgs) -> Options {
    Options {
        vus: args.vus,
        duration: args.duration,
        graceful_stop: None,
        scenarios: None,
        iterations: args.iterations,
        batch: args.batch,
        batch_per_host: args.batch_per_host,
        rps: args.rps,
        max_redirects: args.max_redirects,
        follow_offsite: args.follow_offsite,
        expected: args.expect_status,
        user_agent: args.user_agent,
        headers: args.header.into_iter().map(|header| (header.0, header.1)).collect(),
        timeout: args.timeout,
        insecure_skip_tls_verify: args.insecure_skip_tls_verify,
        no_connection_reuse: args.no_connection_reuse,
        no_vu_connection_reuse: args.no_vu_connection_reuse,
        discard_response_bodies: args.discard_response_bodies,
        dns: args.dns.unwrap_or_default().or_default(),
        summary_trend_stats: args.summary_trend_stats.map(|stats| stats.0),
        summary_time_unit: args.summary_time_unit,
        thresholds: None,
        workers: args.workers.and_then(|workers| usize::try_from(workers).ok()),
    }
}

/// A number or a duration that can be read but not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("--{flag} is {found}; allowed is {allowed} or more")]
pub struct OutOfRange {
    /// The flag, or the one that the variable stands in for.
    pub flag: &'static str,
    /// What was found.
    pub found: String,
    /// The least that can be used.
    pub allowed: String,
}

fn check_ranges(args: &RunArgs) -> Result<(), OutOfRange> {
    for (flag, found, least) in [
        ("vus", args.vus, 1),
        ("iterations", args.iterations, 1),
        ("workers", args.workers, 1),
        ("batch", args.batch, 1),
        ("max-redirects", args.max_redirects, 0),
    ] {
        at_least(flag, found, least, |number| number.to_string())?;
    }
    for (flag, found, least) in [
        ("duration", args.duration, Duration::from_secs(1)),
        ("timeout", args.timeout, Duration::from_millis(1)),
    ] {
        at_least(flag, found, least, |duration| GoDuration(duration).to_string())?;
    }
    Ok(())
}

fn at_least<T: PartialOrd + Copy>(
    flag: &'static str,
    found: Option<T>,
    least: T,
    text: impl Fn(T) -> String,
) -> Result<(), OutOfRange> {
    match found {
        Some(found) if found < least => {
            Err(OutOfRange { flag, found: text(found), allowed: text(least) })
        }
        _ => Ok(()),
    }
}
