//! The thread that writes all that people read while the program runs: progress, and the log above
//! it. A terminal that takes nothing holds up this thread and nobody else.

use std::{
    io,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender},
    },
    thread,
    time::Duration,
};

use super::{
    CliError,
    args::ConsoleArgs,
    env::{self, Lookup},
    log::{Entry, Level, LogOptions, LogOutput, Sink, Writer},
};
use crate::{
    progress::{Progress, ProgressOptions},
    run_event::RunEvent,
};

/// Messages that wait to be written; what comes on top is counted, and lost.
const WAITING: usize = 1_000;

/// How long last words wait to be written.
const PATIENCE: Duration = Duration::from_millis(200);

/// How the program speaks.
#[derive(Debug)]
pub struct ConsoleOptions {
    /// No progress.
    pub quiet: bool,
    /// Whether colours are allowed; a stream that is no terminal gets none all the same.
    pub color: bool,
    pub(super) log: LogOptions,
}

impl Default for ConsoleOptions {
    fn default() -> Self {
        Self { quiet: false, color: true, log: LogOptions::default() }
    }
}

impl ConsoleOptions {
    /// Lays the flags over the variables, and opens the file of the log.
    pub(super) fn resolve(mut args: ConsoleArgs, lookup: &Lookup<'_>) -> Result<Self, CliError> {
        env::fill_console(&mut args, lookup)?;
        let output = args.log_output.unwrap_or(LogOutput::Stderr);
        let level = if args.verbose { Level::Debug } else { Level::Info };
        let level = match &output {
            LogOutput::File { level: least, .. } => level.max(*least),
            _ => level,
        };
        let format = args.log_format.unwrap_or_default();
        let log = LogOptions { level, format, sink: Sink::open(&output)? };
        Ok(Self { quiet: args.quiet, color: !args.no_color, log })
    }
}

/// What is to be written.
enum Piece {
    Entry(Entry),
    Event(RunEvent),
    /// Dropped when all before it is written.
    Mark(SyncSender<()>),
}

#[derive(Debug)]
struct Shared {
    level: Level,
    /// Whether a state of the run waits to be shown.
    is_busy: AtomicBool,
    lost: AtomicU64,
}

/// A handle to the thread. Clones are the same handle.
#[derive(Debug, Clone)]
pub(super) struct Console {
    pieces: SyncSender<Piece>,
    shared: Arc<Shared>,
}

impl Console {
    /// Starts the thread.
    pub(super) fn start(options: ConsoleOptions) -> io::Result<Self> {
        let ConsoleOptions { quiet, color, log } = options;
        let shared = Arc::new(Shared {
            level: log.level,
            is_busy: AtomicBool::new(false),
            lost: AtomicU64::new(0),
        });
        let (pieces, received) = mpsc::sync_channel(WAITING);
        let page = Page {
            progress: Progress::new(ProgressOptions { quiet, color }),
            log: Writer::new(log, color),
            shared: shared.clone(),
        };
        thread::Builder::new().name("console".into()).spawn(move || page.fill(&received))?;
        Ok(Self { pieces, shared })
    }

    /// Logs a message, unless too many wait already.
    pub(super) fn log(&self, entry: Entry) {
        if entry.level >= self.shared.level && self.pieces.try_send(Piece::Entry(entry)).is_err() {
            self.shared.lost.fetch_add(1, Ordering::Relaxed);
        }
    }

    pub(super) fn debug(&self, message: impl Into<String>) {
        self.log(Entry::new(Level::Debug, message));
    }

    pub(super) fn warn(&self, message: impl Into<String>) {
        self.log(Entry::new(Level::Warning, message));
    }

    pub(super) fn error(&self, error: &dyn std::error::Error) {
        self.log(Entry::new(Level::Error, error.to_string()));
    }

    /// Shows a state of the run, unless the one before it is not shown yet; the first and the last
    /// one always.
    pub(super) fn show(&self, event: RunEvent) {
        let is_busy = &self.shared.is_busy;
        // A thread that is gone shows no more.
        match event {
            RunEvent::Progress(_) if is_busy.swap(true, Ordering::Relaxed) => {}
            RunEvent::Progress(_) => match self.pieces.try_send(Piece::Event(event)) {
                Ok(()) => {}
                Err(_) => is_busy.store(false, Ordering::Relaxed),
            },
            event => drop(self.pieces.send(Piece::Event(event))),
        }
    }

    /// Waits until all is written.
    pub(super) fn flush(&self) {
        let (mark, passed) = mpsc::sync_channel(0);
        let _ = self.pieces.send(Piece::Mark(mark)).map(|()| passed.recv());
    }

    /// Logs a message before the program ends at once. Does not wait for a terminal that takes
    /// nothing.
    pub(super) fn last_words(&self, entry: Entry) {
        self.log(entry);
        let (mark, passed) = mpsc::sync_channel(0);
        let _ = self.pieces.try_send(Piece::Mark(mark)).map(|()| passed.recv_timeout(PATIENCE));
    }
}

/// What the thread has.
struct Page {
    progress: Progress,
    log: Writer,
    shared: Arc<Shared>,
}

impl Page {
    /// Writes what comes, as long as somebody can send.
    fn fill(mut self, pieces: &Receiver<Piece>) {
        for piece in pieces {
            match piece {
                Piece::Entry(entry) => self.write(&entry),
                Piece::Event(event) => {
                    self.progress.on_event(&event);
                    self.shared.is_busy.store(false, Ordering::Relaxed);
                }
                Piece::Mark(mark) => drop(mark),
            }
            match self.shared.lost.swap(0, Ordering::Relaxed) {
                0 => {}
                lost => self.write(&Entry::new(
                    Level::Warning,
                    format!(
                        "{lost} messages were lost: they came faster than they could be written"
                    ),
                )),
            }
        }
    }

    fn write(&mut self, entry: &Entry) {
        let Self { progress, log, .. } = self;
        if log.is_terminal() {
            progress.above(|| log.write(entry));
        } else {
            log.write(entry);
        }
    }
}
