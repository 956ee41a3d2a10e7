//! Where text goes that is written and not sent: stdout, a file, or a compressed file.

use std::{
    fs::File,
    io::{self, Write},
    os::fd::AsFd as _,
};

use flate2::{Compression, write::GzEncoder};

use super::Losses;
use crate::{
    options::notation::Reason,
    result_file::{claim, clear},
};

/// Bytes that are gathered before they are written.
const CHUNK: usize = 256 << 10;

/// After [`begin`](Self::begin), text is gathered in [`text`](Self::text); after that
/// [`added`](Self::added) must be called.
pub(super) struct Destination {
    writer: Writer,
    buffer: Vec<u8>,
    /// Samples in the buffer.
    samples: u64,
    losses: Losses,
    /// Why nothing more can be written.
    broken: Option<String>,
}

enum Writer {
    Stdout(File),
    Plain(File),
    Compressed(GzEncoder<File>),
}

impl Destination {
    /// Opens `path`. An empty one, and `-`, is stdout; with `.gz` at its end the text is compressed.
    /// What cannot be written is counted in `losses`.
    ///
    /// # Errors
    ///
    /// The file cannot be opened, or somebody else writes to it.
    pub(super) fn open(path: &str, losses: Losses) -> Result<Self, Reason> {
        let own =
            || claim(path.as_ref()).map_err(|error| format!("{path}: cannot be written: {error}"));
        let writer = if is_stdout(path) {
            // Not std's stdout, which would look through all of it for ends of lines.
            Writer::Stdout(File::from(io::stdout().as_fd().try_clone_to_owned()?))
        } else if path.ends_with(".gz") {
            Writer::Compressed(GzEncoder::new(own()?, Compression::fast()))
        } else {
            Writer::Plain(own()?)
        };
        Ok(Self { writer, buffer: Vec::new(), samples: 0, losses, broken: None })
    }

    /// Empties the file. To be called when the run starts, and not earlier.
    pub(super) fn begin(&mut self) {
        let cleared = match &self.writer {
            // What others wrote there is theirs.
            Writer::Stdout(_) => Ok(()),
            Writer::Plain(file) => clear(file),
            Writer::Compressed(encoder) => clear(encoder.get_ref()),
        };
        self.broken = cleared.err().map(|error| error.to_string());
    }

    /// The text that is gathered, to be added to.
    pub(super) fn text(&mut self) -> &mut Vec<u8> {
        &mut self.buffer
    }

    /// Says how many samples were added, and writes if there is enough to be worth it.
    pub(super) fn added(&mut self, samples: u64) {
        self.samples += samples;
        if self.buffer.len() >= CHUNK {
            self.write();
        }
    }

    /// Writes what was gathered.
    pub(super) fn write(&mut self) {
        let samples = std::mem::take(&mut self.samples);
        if self.broken.is_none() {
            let written = match &mut self.writer {
                Writer::Stdout(file) | Writer::Plain(file) => file.write_all(&self.buffer),
                Writer::Compressed(file) => file.write_all(&self.buffer),
            };
            self.broken = written.err().map(|error| error.to_string());
        }
        if let Some(reason) = &self.broken {
            self.losses.add(samples, reason.as_str());
        }
        self.buffer.clear();
    }

    /// Writes what is left, and whatever ends the file.
    pub(super) fn finish(&mut self) {
        let samples = self.samples;
        self.write();
        if let (Writer::Compressed(file), None) = (&mut self.writer, &self.broken)
            && let Err(error) = file.try_finish()
        {
            // What is missing then is in the compressor: the end of the last chunk.
            self.losses.add(samples, error.to_string());
        }
    }
}

/// Whether a path stands for stdout.
pub(super) fn is_stdout(path: &str) -> bool {
    matches!(path, "" | "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn what_a_full_disk_does_not_take_is_counted() {
        let losses = Losses::default();
        let mut destination = Destination::open("/dev/full", losses.clone()).expect("it opens");
        destination.begin();
        destination.text().extend_from_slice(b"a line\n");
        destination.added(3);
        assert_eq!(losses.samples(), 0);
        destination.write();
        destination.added(2);
        destination.finish();
        assert_eq!(losses.samples(), 5);
        assert!(losses.reason().is_some_and(|it| it.contains("No space left")));
    }
}
