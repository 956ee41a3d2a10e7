//! Colours, or none.

/// Wraps text in ANSI colours if they are wanted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint {
    pub(super) color: bool,
}

impl Paint {
    /// For streams that are no terminals.
    pub(super) const PLAIN: Self = Self { color: false };

    pub(super) fn cyan(self, text: &str) -> String {
        self.wrap(text, "36", "0")
    }

    pub(super) fn green(self, text: &str) -> String {
        self.wrap(text, "32", "0")
    }

    pub(super) fn red(self, text: &str) -> String {
        self.wrap(text, "31", "0")
    }

    pub(super) fn faint(self, text: &str) -> String {
        self.wrap(text, "2", "22")
    }

    fn wrap(self, text: &str, on: &str, off: &str) -> String {
        if self.color && !text.is_empty() {
            format!("\x1b[{on}m{text}\x1b[{off}m")
        } else {
            text.into()
        }
    }
}
