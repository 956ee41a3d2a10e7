//! The log: what the program has to say besides results and progress, as k6 words, filters and
//! places it. Knows how a message looks and where it goes, and nothing of what else is on the screen.

mod format;
mod output;

use std::{
    fmt,
    fs::File,
    io::{self, IsTerminal, Write},
};

use jiff::Timestamp;
use tokio::time::Instant;

pub use format::LogFormat;
pub use output::{InvalidLogOutput, LogOutput};

use super::outputs::OutputError;

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Of interest to those who look for a fault.
    Debug,
    /// Of interest.
    Info,
    /// Something is not as it was meant to be.
    Warning,
    /// Something that was asked for was not done.
    Error,
}

/// One message.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) at: Timestamp,
    pub(super) level: Level,
    pub(super) message: String,
    /// What else there is to say, by name.
    pub(super) fields: Vec<(&'static str, String)>,
}

impl Entry {
    /// A message of now.
    pub(super) fn new(level: Level, message: impl Into<String>) -> Self {
        Self { at: Timestamp::now(), level, message: message.into(), fields: Vec::new() }
    }

    /// The same with one thing more to say.
    pub(super) fn with(mut self, name: &'static str, value: &dyn fmt::Display) -> Self {
        self.fields.push((name, format!("{value}")));
        self
    }
}

/// What is logged, how, and where to.
#[derive(Debug)]
pub(super) struct LogOptions {
    /// Lesser messages are left out.
    pub(super) level: Level,
    pub(super) format: LogFormat,
    pub(super) sink: Sink,
}

impl Default for LogOptions {
    fn default() -> Self {
        Self { level: Level::Info, format: LogFormat::default(), sink: Sink::Stderr }
    }
}

/// Where messages go.
#[derive(Debug)]
pub(super) enum Sink {
    Stderr,
    Stdout,
    Nowhere,
    File(File),
}

impl Sink {
    /// Opens what `output` names.
    pub(super) fn open(output: &LogOutput) -> Result<Self, OutputError> {
        let LogOutput::File { path, .. } = output else {
            return Ok(match output {
                LogOutput::Stdout => Self::Stdout,
                LogOutput::Nowhere => Self::Nowhere,
                _ => Self::Stderr,
            });
        };
        let mut options = File::options();
        options.append(true).create(true);
        // As in k6: what a test has to say may be nobody else's business.
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(path);
        let error = |source| OutputError { flag: "log-output", path: path.clone(), source };
        file.map(Self::File).map_err(error)
    }

    fn is_terminal(&self) -> bool {
        match self {
            Self::Stderr => io::stderr().is_terminal(),
            Self::Stdout => io::stdout().is_terminal(),
            Self::Nowhere | Self::File(_) => false,
        }
    }
}

/// Writes messages.
#[derive(Debug)]
pub(super) struct Writer {
    format: LogFormat,
    sink: Sink,
    is_terminal: bool,
    color: bool,
    started: Instant,
}

impl Writer {
    /// Writes as `options` say. A terminal is shown colours if `color` allows them.
    pub(super) fn new(options: LogOptions, color: bool) -> Self {
        let LogOptions { format, sink, .. } = options;
        let is_terminal = sink.is_terminal();
        Self { format, sink, is_terminal, color: color && is_terminal, started: Instant::now() }
    }

    /// Whether what is written appears among what else is on a terminal.
    pub(super) fn is_terminal(&self) -> bool {
        self.is_terminal
    }

    /// Writes one message with one write. A reader that has gone away wants no more.
    pub(super) fn write(&mut self, entry: &Entry) {
        let line = match self.color {
            true => self.format.colored(entry, self.started.elapsed()),
            false => self.format.plain(entry),
        };
        let line = line.as_bytes();
        let _ = match &mut self.sink {
            Sink::Stderr => io::stderr().write_all(line),
            Sink::Stdout => io::stdout().write_all(line).and_then(|()| io::stdout().flush()),
            Sink::Nowhere => Ok(()),
            Sink::File(file) => file.write_all(line),
        };
    }
}
