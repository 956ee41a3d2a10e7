//! Progress where nothing can be redrawn: a block each second, and one at the end.

use std::{io::Write, time::Duration};

use super::{LINGERING, block::Layout, header::header, paint::Paint};
use crate::run_event::{Progress, RunEvent};

/// Prints blocks to `out`.
#[derive(Debug)]
pub(super) struct Lines<W> {
    out: W,
    layout: Option<Layout>,
    next: Duration,
}

impl<W: Write> Lines<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out, layout: None, next: Duration::from_secs(1) }
    }

    pub(super) fn on_event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Header(run) => {
                self.layout = Some(Layout::new(run, Paint::PLAIN));
                self.print(&header(run, Paint::PLAIN));
            }
            RunEvent::Progress(progress) if progress.elapsed < self.next => {}
            RunEvent::Progress(progress) => {
                self.next = Duration::from_secs(progress.elapsed.as_secs() + 1);
                self.block(progress);
            }
            RunEvent::Ended(progress) => self.block(progress),
            RunEvent::Lingering => self.print(LINGERING),
            RunEvent::RequestsFailed(_) | RunEvent::OutputTrouble(_) => {}
        }
    }

    fn block(&mut self, progress: &Progress) {
        if let Some(layout) = &self.layout {
            let block = layout.block(progress, None) + "\n";
            self.print(&block);
        }
    }

    /// One write for a whole block, so that it does not mix with other writers' lines.
    fn print(&mut self, text: &str) {
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}

#[cfg(test)]
impl Lines<Vec<u8>> {
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.out).into_owned()
    }
}
