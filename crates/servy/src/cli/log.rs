//! The log of the `servy` command: written by a thread of its own, so that a slow terminal or
//! pipe slows no request.
//!
//! A request only copies its line into a buffer. When the buffer is full the line is lost, and
//! the log says how many were.

use std::io::{self, Write};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use clap::ValueEnum;
use tokio::time::Instant;
use tracing_subscriber::filter::LevelFilter;
use tracing_subscriber::fmt::MakeWriter;

/// The buffer holds this many bytes: seconds of a busy server's log.
const CAPACITY: usize = 8 << 20;

/// Lines are gathered this long before they are written together.
const GATHER: Duration = Duration::from_millis(10);

/// What is left when the process ends is waited for so long: a terminal that was stopped, or a
/// pipe that nobody reads, must not keep it.
const FAREWELL: Duration = Duration::from_secs(2);

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// Writes what is left when it is dropped, as far as somebody reads it. Keep it until the
/// process ends.
pub(crate) struct Log {
    lines: Lines,
    writer: JoinHandle<()>,
}

impl Log {
    /// Sends everything that is logged in this process, down to that level, to `out`.
    pub(crate) fn start(
        level: LevelFilter,
        format: Format,
        colour: bool,
        out: impl Write + Send + 'static,
    ) -> Log {
        let lines = Lines::default();
        let writer = std::thread::spawn({
            let lines = lines.clone();
            move || lines.write_to(out)
        });
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(level)
            .with_target(false)
            .with_writer(lines.clone());
        match format {
            Format::Text => subscriber.with_ansi(colour).init(),
            Format::Json => subscriber.json().init(),
        }
        Log { lines, writer }
    }
}

impl Drop for Log {
    fn drop(&mut self) {
        self.lines.lock().closed = true;
        self.lines.0.arrived.notify_one();
        let begin = Instant::now();
        while !self.writer.is_finished() && begin.elapsed() < FAREWELL {
            std::thread::sleep(GATHER);
        }
    }
}

/// The lines that wait to be written.
#[derive(Clone, Default)]
struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
}

#[derive(Default)]
struct Waiting {
    bytes: Vec<u8>,
    lost: u64,
    closed: bool,
}

impl Lines {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a line, unless there is no room.
    fn push(&self, line: &[u8]) {
        let mut waiting = self.lock();
        if waiting.bytes.len() + line.len() > CAPACITY {
            waiting.lost += 1;
            return;
        }
        let first = waiting.bytes.is_empty();
        waiting.bytes.extend_from_slice(line);
        drop(waiting);
        // The writer sleeps only on an empty buffer, so the other lines need not wake it.
        if first {
            self.0.arrived.notify_one();
        }
    }

    /// Writes lines as they come, until the log is closed and empty.
    fn write_to(&self, mut out: impl Write) {
        let mut batch = Vec::new();
        loop {
            let idle = |waiting: &mut Waiting| waiting.bytes.is_empty() && !waiting.closed;
            let waiting = self.0.arrived.wait_while(self.lock(), idle);
            let closed = waiting.unwrap_or_else(PoisonError::into_inner).closed;
            if !closed {
                std::thread::sleep(GATHER);
            }
            let mut waiting = self.lock();
            std::mem::swap(&mut waiting.bytes, &mut batch);
            let (lost, done) = (std::mem::take(&mut waiting.lost), waiting.closed);
            drop(waiting);
            if lost > 0 {
                let line =
                    format!("servy: {lost} lines of the log were lost: it is read too slowly\n");
                batch.extend_from_slice(line.as_bytes());
            }
            // A log that nobody reads any more is no reason to stop serving.
            let _ = out.write_all(&batch).and_then(|()| out.flush());
            batch.clear();
            if done {
                return;
            }
        }
    }
}

impl<'a> MakeWriter<'a> for Lines {
    type Writer = LineWriter<'a>;

    fn make_writer(&'a self) -> LineWriter<'a> {
        LineWriter(self)
    }
}

/// Takes whole lines: the subscriber formats a line first and then writes it in one go.
struct LineWriter<'a>(&'a Lines);

impl Write for LineWriter<'_> {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        self.0.push(line);
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that takes its time.
    #[derive(Clone, Default)]
    struct Slow(Arc<Mutex<Vec<u8>>>);

    impl Write for Slow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            std::thread::sleep(Duration::from_millis(20));
            self.0.lock().expect("nobody panics").extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn every_line_is_written_or_counted_as_lost() {
        let (lines, out) = (Lines::default(), Slow::default());
        let line = [b"x".repeat(1023), b"\n".to_vec()].concat();
        let pushed = 3 * CAPACITY / line.len();
        let writer = std::thread::spawn({
            let (lines, out) = (lines.clone(), out.clone());
            move || lines.write_to(out)
        });
        for _ in 0..pushed {
            lines.push(&line);
        }
        lines.lock().closed = true;
        lines.0.arrived.notify_one();
        writer.join().expect("the writer does not panic");

        let out = out.0.lock().expect("nobody panics");
        let text = std::str::from_utf8(&out).expect("lines are not torn");
        let (reports, written): (Vec<&str>, Vec<&str>) =
            text.lines().partition(|line| line.starts_with("servy: "));
        assert!(written.iter().all(|line| line.len() == 1023), "lines are not torn");
        let lost = |report: &&str| report.split(' ').nth(1).and_then(|n| n.parse::<usize>().ok());
        let lost: usize = reports.iter().filter_map(lost).sum();
        assert_eq!(written.len() + lost, pushed);
    }
}
