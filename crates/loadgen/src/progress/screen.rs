//! Progress on a terminal: one block that indicatif redraws in place.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle, TermLike};

use super::{LINGERING, block::Layout, header::header, paint::Paint};
use crate::run_event::RunEvent;

/// Redraws at most this often each second; events come ten times.
const REFRESH_HZ: u8 = 20;

/// Redraws a block on `term`.
///
/// The block is one message, not a bar for each line: all lines change in the same draw, and
/// the bars share the room that the longest line leaves.
#[derive(Debug)]
pub(super) struct Screen<T> {
    term: T,
    paint: Paint,
    running: Option<(Layout, ProgressBar)>,
}

impl<T: TermLike + Clone + 'static> Screen<T> {
    pub(super) fn new(term: T, color: bool) -> Self {
        Self { term, paint: Paint { color }, running: None }
    }

    pub(super) fn on_event(&mut self, event: &RunEvent) {
        match event {
            RunEvent::Header(run) => {
                self.print(header(run, self.paint).trim_end());
                self.running = Some((Layout::new(run, self.paint), self.start()));
            }
            RunEvent::Progress(progress) => {
                if let Some((layout, bar)) = &self.running {
                    bar.set_message(layout.block(progress, Some(self.width())));
                }
            }
            RunEvent::Ended(progress) => {
                if let Some((layout, bar)) = self.running.take() {
                    bar.finish_and_clear();
                    // Plain lines: the summary that follows goes to another stream, and must
                    // find the cursor at the beginning of a line.
                    self.print(&layout.block(progress, Some(self.width())));
                }
            }
            RunEvent::Lingering => self.print(LINGERING),
            RunEvent::RequestsFailed(_) | RunEvent::OutputTrouble(_) => {}
        }
    }

    /// Takes the block away while `write` writes.
    pub(super) fn above(&self, write: impl FnOnce()) {
        match &self.running {
            Some((_, bar)) => bar.suspend(write),
            None => write(),
        }
    }

    fn start(&self) -> ProgressBar {
        let term = Box::new(self.term.clone());
        let target = ProgressDrawTarget::term_like_with_hz(term, REFRESH_HZ);
        let style = ProgressStyle::with_template("{msg}").expect("a constant template");
        ProgressBar::with_draw_target(None, target).with_style(style)
    }

    fn width(&self) -> usize {
        usize::from(self.term.width())
    }

    fn print(&self, text: &str) {
        for line in text.lines() {
            let _ = self.term.write_line(line);
        }
        let _ = self.term.flush();
    }
}
