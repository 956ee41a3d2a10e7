//! Variables that stand in for flags: k6's `K6_*`, and the few that loadgen adds.
//!
//! clap could read variables itself, but it would read them with the flag's grammar. k6's
//! variables have another one: durations may be bare numbers of milliseconds, booleans are
//! `true` or `false`, and an empty variable is not set.

use std::{error::Error, ffi::OsString};

use super::{
    args::{RunArgs, SummaryMode},
    value::{self, integer},
};
use crate::options::duration::parse_extended;

/// Asks for a variable: [`std::env::var_os`], or a table in tests.
pub type Lookup<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// A variable with a value that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("variable {name} has an invalid value '{value}' for --{flag}: {reason}")]
pub struct InvalidVariable {
    /// Its name.
    pub name: &'static str,
    /// The flag that it stands in for.
    pub flag: &'static str,
    /// What was found.
    pub value: String,
    /// What is wrong, and what is allowed.
    pub reason: Box<dyn Error + Send + Sync>,
}

type Read = fn(&mut RunArgs, &str) -> Result<(), Box<dyn Error + Send + Sync>>;

/// One variable.
struct Variable {
    name: &'static str,
    flag: &'static str,
    /// Reads a value and keeps it where no stronger one is.
    read: Read,
}

const fn variable(name: &'static str, flag: &'static str, read: Read) -> Variable {
    Variable { name, flag, read }
}

/// All of them; of two for one flag, the stronger comes first.
const VARIABLES: &[Variable] = &[
    variable("K6_VUS", "vus", |a, v| keep(&mut a.vus, integer(v))),
    variable("K6_DURATION", "duration", |a, v| keep(&mut a.duration, parse_extended(v))),
    variable("K6_ITERATIONS", "iterations", |a, v| keep(&mut a.iterations, integer(v))),
    variable("K6_RPS", "rps", |a, v| keep(&mut a.rps, integer(v))),
    variable("LOADGEN_HOST", "host", |a, v| keep(&mut a.host, v.parse())),
    variable("K6_HOST", "host", |a, v| keep(&mut a.host, v.parse())),
    variable("K6_BATCH", "batch", |a, v| keep(&mut a.batch, integer(v))),
    variable("K6_BATCH_PER_HOST", "batch-per-host", |a, v| keep(&mut a.batch_per_host, integer(v))),
    variable("K6_MAX_REDIRECTS", "max-redirects", |a, v| keep(&mut a.max_redirects, integer(v))),
    variable("K6_USER_AGENT", "user-agent", |a, v| keep(&mut a.user_agent, value::header_text(v))),
    variable("K6_DISCARD_RESPONSE_BODIES", "discard-response-bodies", |a, v| {
        keep(&mut a.discard_response_bodies, boolean(v))
    }),
    variable("K6_DNS", "dns", |a, v| {
        let fields: value::DnsFields = v.parse()?;
        a.dns = Some(a.dns.unwrap_or_default().or(fields));
        Ok(())
    }),
    variable("K6_INSECURE_SKIP_TLS_VERIFY", "insecure-skip-tls-verify", |a, v| {
        keep(&mut a.insecure_skip_tls_verify, boolean(v))
    }),
    variable("K6_NO_CONNECTION_REUSE", "no-connection-reuse", |a, v| {
        keep(&mut a.no_connection_reuse, boolean(v))
    }),
    variable("K6_NO_VU_CONNECTION_REUSE", "no-vu-connection-reuse", |a, v| {
        keep(&mut a.no_vu_connection_reuse, boolean(v))
    }),
    variable("K6_SUMMARY_MODE", "summary-mode", |a, v| keep(&mut a.summary_mode, mode(v))),
    variable("K6_SUMMARY_TREND_STATS", "summary-trend-stats", |a, v| {
        keep(&mut a.summary_trend_stats, v.parse())
    }),
    variable("K6_SUMMARY_TIME_UNIT", "summary-time-unit", |a, v| {
        keep(&mut a.summary_time_unit, value::time_unit(v))
    }),
    variable("K6_SUMMARY_EXPORT", "summary-export", |a, v| keep(&mut a.summary_export, v.parse())),
    variable("K6_NO_COLOR", "no-color", |a, _| {
        a.no_color = true;
        Ok(())
    }),
];

/// Fills what the flags left open with what the variables say.
///
/// `--duration` or `--iterations` shuts out both variables of these names: a flag that says what
/// the load is must not be mixed with half of another load.
///
/// # Errors
///
/// The first variable whose value cannot be used, even where a flag is stronger.
pub fn fill(args: &mut RunArgs, lookup: &Lookup<'_>) -> Result<(), InvalidVariable> {
    let (duration, iterations) = (args.duration, args.iterations);
    for Variable { name, flag, read } in VARIABLES {
        let Some(value) = lookup(name).filter(|value| !value.is_empty()) else { continue };
        let invalid = |value, reason| InvalidVariable { name, flag, value, reason };
        let value = value.into_string().map_err(|value| {
            invalid(value.to_string_lossy().into_owned(), "it is not UTF-8".into())
        })?;
        read(args, &value).map_err(|reason| invalid(value, reason))?;
    }
    if duration.is_some() || iterations.is_some() {
        (args.duration, args.iterations) = (duration, iterations);
    }
    // By its own convention this one counts as soon as it exists, even when it is empty.
    args.no_color |= lookup("NO_COLOR").is_some();
    Ok(())
}

/// Whether the variables alone allow colours.
pub(super) fn allows_color(lookup: &Lookup<'_>) -> bool {
    let is_set = |name| lookup(name).is_some_and(|value| !value.is_empty());
    lookup("NO_COLOR").is_none() && !is_set("K6_NO_COLOR")
}

fn keep<T, E>(slot: &mut Option<T>, value: Result<T, E>) -> Result<(), Box<dyn Error + Send + Sync>>
where
    E: Error + Send + Sync + 'static,
{
    let value = value?;
    slot.get_or_insert(value);
    Ok(())
}

/// A word that is none of those allowed.
#[derive(Debug, thiserror::Error)]
#[error("allowed are {0}")]
struct NotAllowed(&'static str);

fn boolean(text: &str) -> Result<bool, NotAllowed> {
    text.parse().map_err(|_| NotAllowed("true and false"))
}

fn mode(text: &str) -> Result<SummaryMode, NotAllowed> {
    clap::ValueEnum::from_str(text, false)
        .map_err(|_| NotAllowed("legacy, compact, full and disabled"))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;
    use crate::cli::args::Cli;

    #[test]
    fn every_variable_is_named_in_the_help_of_its_flag() {
        let command = Cli::command();
        for Variable { name, flag, .. } in VARIABLES {
            let flag = command.get_arguments().find(|arg| arg.get_long() == Some(flag));
            let help = flag.and_then(clap::Arg::get_help).map(ToString::to_string);
            let help = help.unwrap_or_default();
            let (_, variables) = help.split_once("(env: ").unwrap_or_default();
            let names: Vec<_> = variables.trim_end_matches(')').split(", ").collect();
            assert!(names.contains(name), "{name} is not in: {help}");
        }
    }
}
