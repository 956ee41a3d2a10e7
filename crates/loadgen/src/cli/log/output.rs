//! `--log-output` as it is written: `stderr`, `stdout`, `none`, `file=PATH[,level=LEVEL]`.

use std::{path::PathBuf, str::FromStr};

use super::Level;

/// Where the log goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LogOutput {
    /// The usual place.
    Stderr,
    /// Among the results.
    Stdout,
    /// Nothing is logged.
    Nowhere,
    /// Behind what is in a file.
    File {
        /// The file; its folder must exist.
        path: PathBuf,
        /// Lesser messages are left out.
        level: Level,
    },
}

/// A place that there is not.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidLogOutput {
    /// k6 has it.
    #[error(
        "'loki' is not supported: log to stderr, or to file=PATH, and let an agent send it there"
    )]
    Loki,
    /// Nobody has it.
    #[error("allowed are stderr, stdout, none and file=PATH[,level=LEVEL]")]
    Unknown,
    /// The file has no name.
    #[error("the path of file=PATH must not be empty")]
    NoPath,
    /// A file has no such setting.
    #[error("a file has no setting '{0}'; allowed is level=LEVEL")]
    UnknownSetting(String),
    /// There is no such level.
    #[error("there is no level '{0}'; allowed are debug, info, warning and error")]
    UnknownLevel(String),
}

impl FromStr for LogOutput {
    type Err = InvalidLogOutput;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, rest) = text.split_once('=').unwrap_or((text, ""));
        match kind.split(',').next().unwrap_or_default() {
            "loki" => Err(InvalidLogOutput::Loki),
            "file" if kind == "file" => file(rest),
            _ => match text {
                "stderr" => Ok(Self::Stderr),
                "stdout" => Ok(Self::Stdout),
                "none" => Ok(Self::Nowhere),
                _ => Err(InvalidLogOutput::Unknown),
            },
        }
    }
}

/// What stands behind `file=`.
fn file(text: &str) -> Result<LogOutput, InvalidLogOutput> {
    let mut parts = text.split(',');
    let path = parts.next().unwrap_or_default();
    if path.is_empty() {
        return Err(InvalidLogOutput::NoPath);
    }
    let mut level = Level::Debug;
    for part in parts {
        level = match part.split_once('=') {
            Some(("level", name)) => at_least(name)?,
            _ => return Err(InvalidLogOutput::UnknownSetting(part.into())),
        };
    }
    Ok(LogOutput::File { path: path.into(), level })
}

/// The level of a name; those of k6 that nothing here has are the nearest that there is.
fn at_least(name: &str) -> Result<Level, InvalidLogOutput> {
    match name.to_ascii_lowercase().as_str() {
        "trace" | "debug" => Ok(Level::Debug),
        "info" => Ok(Level::Info),
        "warn" | "warning" => Ok(Level::Warning),
        "error" | "fatal" | "panic" => Ok(Level::Error),
        _ => Err(InvalidLogOutput::UnknownLevel(name.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_that_k6_has_is_read_or_refused() {
        let read = |text: &str| match text.parse::<LogOutput>() {
            Ok(output) => format!("{output:?}"),
            Err(error) => error.to_string(),
        };
        let texts = [
            "stderr",
            "stdout",
            "none",
            "file=./a b.log",
            "file=k6.log,level=WARN",
            "file",
            "file=,level=info",
            "file=x,level=loud",
            "file=x,mode=1",
            "loki",
            "loki=http://h:3100/loki/api/v1/push,label.a=b",
            "",
            "Stderr",
            "filename=x",
        ];
        let all: Vec<_> = texts.map(|text| format!("{text}: {}", read(text))).into();
        insta::assert_snapshot!(all.join("\n"), @r##"
        stderr: Stderr
        stdout: Stdout
        none: Nowhere
        file=./a b.log: File { path: "./a b.log", level: Debug }
        file=k6.log,level=WARN: File { path: "k6.log", level: Warning }
        file: the path of file=PATH must not be empty
        file=,level=info: the path of file=PATH must not be empty
        file=x,level=loud: there is no level 'loud'; allowed are debug, info, warning and error
        file=x,mode=1: a file has no setting 'mode=1'; allowed is level=LEVEL
        loki: 'loki' is not supported: log to stderr, or to file=PATH, and let an agent send it there
        loki=http://h:3100/loki/api/v1/push,label.a=b: 'loki' is not supported: log to stderr, or to file=PATH, and let an agent send it there
        : allowed are stderr, stdout, none and file=PATH[,level=LEVEL]
        Stderr: allowed are stderr, stdout, none and file=PATH[,level=LEVEL]
        filename=x: allowed are stderr, stdout, none and file=PATH[,level=LEVEL]
        "##);
    }
}
