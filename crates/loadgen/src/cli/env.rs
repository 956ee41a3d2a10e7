//! Variables: k6's `K6_*`, and the few that loadgen adds.
//!
//! clap could read variables itself, but it would read them with the flag's grammar. k6's
//! variables have another one: durations may be bare numbers of milliseconds, booleans are
//! `true` or `false`, and an empty variable is not set.

use std::ffi::OsString;

use super::args::{ConsoleArgs, RunArgs, SummaryMode};
use crate::options::{Options, notation::Reason, table::ROWS};

/// Asks for a variable: [`std::env::var_os`], or a table in tests.
pub type Lookup<'a> = dyn Fn(&str) -> Option<OsString> + 'a;

/// A variable with a value that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("variable {name} has an invalid value '{value}' for {option}: {reason}")]
pub struct InvalidVariable {
    /// Its name.
    pub name: &'static str,
    /// What it stands for: a flag, or an option that has none.
    pub option: String,
    /// What was found.
    pub value: String,
    /// What is wrong, and what is allowed.
    pub reason: Reason,
}

/// A variable that stands for no option of the test.
pub(super) struct Variable<A> {
    pub(super) name: &'static str,
    pub(super) flag: &'static str,
    /// Reads a value and keeps it where no stronger one is.
    read: fn(&mut A, &str) -> Result<(), Reason>,
}

const fn variable<A>(
    name: &'static str,
    flag: &'static str,
    read: fn(&mut A, &str) -> Result<(), Reason>,
) -> Variable<A> {
    Variable { name, flag, read }
}

/// All of those; of two for one flag, the stronger comes first.
pub(super) const VARIABLES: &[Variable<RunArgs>] = &[
    variable("K6_CONFIG", "config", |a, v| keep(&mut a.config, v.into())),
    variable("LOADGEN_HOST", "host", |a, v| keep(&mut a.host, v.into())),
    variable("K6_HOST", "host", |a, v| keep(&mut a.host, v.into())),
    variable("K6_SUMMARY_MODE", "summary-mode", |a, v| keep(&mut a.summary_mode, mode(v)?)),
    variable("K6_SUMMARY_EXPORT", "summary-export", |a, v| {
        keep(&mut a.results.summary_export, v.into())
    }),
];

/// Those that tell how the program speaks.
pub(super) const CONSOLE_VARIABLES: &[Variable<ConsoleArgs>] = &[
    variable("K6_NO_COLOR", "no-color", |a, _| {
        a.no_color = true;
        Ok(())
    }),
    variable("K6_LOG_OUTPUT", "log-output", |a, v| keep(&mut a.log_output, v.parse()?)),
    variable("K6_LOG_FORMAT", "log-format", |a, v| keep(&mut a.log_format, v.parse()?)),
];

fn keep<T>(slot: &mut Option<T>, value: T) -> Result<(), Reason> {
    slot.get_or_insert(value);
    Ok(())
}

fn mode(text: &str) -> Result<SummaryMode, Reason> {
    #[derive(Debug, thiserror::Error)]
    #[error("allowed are legacy, compact, full and disabled")]
    struct NotAllowed;
    Ok(clap::ValueEnum::from_str(text, false).map_err(|_| NotAllowed)?)
}

/// Variables that k6 has in name only, and their options, which are in files.
const IN_NAME_ONLY: [(&str, &str); 2] = [("K6_HOSTS", "hosts"), ("K6_THRESHOLDS", "thresholds")];

/// Fills what the flags left open, but for the options of the test, with what the variables say.
///
/// # Errors
///
/// The first variable whose value cannot be used, even where a flag is stronger.
pub(super) fn fill(args: &mut RunArgs, lookup: &Lookup<'_>) -> Result<(), InvalidVariable> {
    apply_all(VARIABLES, args, lookup)
}

/// The same for how the program speaks.
pub(super) fn fill_console(
    args: &mut ConsoleArgs,
    lookup: &Lookup<'_>,
) -> Result<(), InvalidVariable> {
    // By its own convention this one counts as soon as it exists, even when it is empty.
    args.no_color |= lookup("NO_COLOR").is_some();
    apply_all(CONSOLE_VARIABLES, args, lookup)
}

fn apply_all<A>(
    variables: &[Variable<A>],
    args: &mut A,
    lookup: &Lookup<'_>,
) -> Result<(), InvalidVariable> {
    variables.iter().try_for_each(|Variable { name, flag, read }| {
        apply(lookup, name, || format!("--{flag}"), |value| read(args, value))
    })
}

/// The options that variables set, and which variables have no effect.
///
/// # Errors
///
/// The first variable whose value cannot be used.
pub(super) fn options(lookup: &Lookup<'_>) -> Result<(Options, Vec<String>), InvalidVariable> {
    let mut options = Options::default();
    let mut warnings = Vec::new();
    for row in ROWS {
        let Some(name) = row.variable else { continue };
        let option = || row.flag.map_or(row.name().to_owned(), |flag| format!("--{}", flag.long));
        match &row.access {
            Some(access) => {
                apply(lookup, name, option, |value| (access.variable)(&mut options, value))?;
            }
            None if is_set(lookup, name) => {
                let option = row.name();
                warnings.push(format!(
                    "variable {name}: option '{option}' is not supported and has no effect"
                ));
            }
            None => {}
        }
    }
    for (name, option) in IN_NAME_ONLY.into_iter().filter(|(name, _)| is_set(lookup, name)) {
        warnings.push(format!(
            "variable {name} has no effect, as in k6; option '{option}' can be in a file"
        ));
    }
    Ok((options, warnings))
}

/// Reads a variable if it is set.
pub(super) fn apply(
    lookup: &Lookup<'_>,
    name: &'static str,
    option: impl FnOnce() -> String,
    read: impl FnOnce(&str) -> Result<(), Reason>,
) -> Result<(), InvalidVariable> {
    let Some(value) = lookup(name).filter(|value| !value.is_empty()) else { return Ok(()) };
    let (value, outcome) = match value.into_string() {
        Ok(value) => {
            let outcome = read(&value);
            (value, outcome)
        }
        Err(value) => (value.to_string_lossy().into_owned(), Err("it is not UTF-8".into())),
    };
    outcome.map_err(|reason| InvalidVariable { name, option: option(), value, reason })
}

fn is_set(lookup: &Lookup<'_>, name: &str) -> bool {
    lookup(name).is_some_and(|value| !value.is_empty())
}
