//! What no option may be, whatever the others are.

use std::time::Duration;

use super::{Options, duration::GoDuration};

/// A number or a duration that can be read but not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} is {found}; allowed is {least} or more")]
pub struct OutOfRange {
    option: &'static str,
    found: String,
    least: String,
}

impl Options {
    /// Checks what can be checked of each option alone. What the load is comes
    /// [later](crate::plan).
    ///
    /// # Errors
    ///
    /// The first option that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        at_least("workers", self.workers, 1, |count| count.to_string())?;
        at_least("batch", self.batch, 1, |count| count.to_string())?;
        at_least("maxRedirects", self.max_redirects, 0, |count| count.to_string())?;
        let millisecond = Duration::from_millis(1);
        for (option, time) in [
            ("timeout", self.timeout),
            ("setupTimeout", self.setup_timeout),
            ("teardownTimeout", self.teardown_timeout),
        ] {
            at_least(option, time, millisecond, |time| GoDuration(time).to_string())?;
        }
        Ok(())
    }
}

fn at_least<T: PartialOrd>(
    option: &'static str,
    found: Option<T>,
    least: T,
    text: impl Fn(T) -> String,
) -> Result<(), OutOfRange> {
    match found {
        Some(found) if found < least => {
            Err(OutOfRange { option, found: text(found), least: text(least) })
        }
        _ => Ok(()),
    }
}
