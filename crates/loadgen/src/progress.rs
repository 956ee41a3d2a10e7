//! What a run shows while it goes on, on stderr: the header, then where it stands.
//!
//! On a terminal one block of lines is redrawn in place; elsewhere a block is printed each
//! second. Consumes [`RunEvent`]s and knows nothing of where they come from, nor of the log. Nobody can be told
//! that stderr is closed, so errors of writing are ignored; the run goes on.

mod block;
mod crawl;
mod header;
mod lines;
mod paint;
mod screen;

use std::io::{self, IsTerminal};

use console::Term;

use crate::run_event::RunEvent;
pub use crawl::CrawlProgress;
use lines::Lines;
use screen::Screen;

/// k6's words for a run that waits for a signal.
const LINGERING: &str =
    "The test is done, but --linger was enabled, so loadgen is waiting for Ctrl+C to continue...\n";

/// How much is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ProgressOptions {
    /// Show nothing.
    pub quiet: bool,
    /// Colours, if stderr is a terminal.
    pub color: bool,
}

/// Shows a run on stderr.
#[derive(Debug)]
pub struct Progress(Display);

#[derive(Debug)]
enum Display {
    Hidden,
    Lines(Lines<io::Stderr>),
    Screen(Screen<Term>),
}

impl Progress {
    /// Chooses the display; shows nothing yet.
    pub fn new(options: ProgressOptions) -> Self {
        Self(if options.quiet {
            Display::Hidden
        } else if can_redraw() {
            Display::Screen(Screen::new(Term::stderr(), options.color))
        } else {
            Display::Lines(Lines::new(io::stderr()))
        })
    }

    /// Lets `write` add lines of its own, above what is drawn.
    pub fn above(&mut self, write: impl FnOnce()) {
        match &mut self.0 {
            Display::Screen(screen) => screen.above(write),
            Display::Hidden | Display::Lines(_) => write(),
        }
    }

    /// Shows what happened.
    pub fn on_event(&mut self, event: &RunEvent) {
        match &mut self.0 {
            Display::Hidden => {}
            Display::Lines(lines) => lines.on_event(event),
            Display::Screen(screen) => screen.on_event(event),
        }
    }
}

/// Whether stderr is a terminal that can move its cursor.
fn can_redraw() -> bool {
    io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests;
