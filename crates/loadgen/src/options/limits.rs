//! What no option may be, whatever the others are.

use std::{fmt::Display, time::Duration};

use super::{Options, duration::GoDuration};

/// A number or a duration that can be read but not used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{option} is {found}; allowed {allowed}")]
pub struct OutOfRange {
    option: &'static str,
    found: String,
    allowed: String,
}

impl Options {
    /// Checks what can be checked of each option alone. What the load is comes
    /// [later](crate::plan).
    ///
    /// # Errors
    ///
    /// The first option that is out of range.
    pub fn check(&self) -> Result<(), OutOfRange> {
        at_least("workers", self.workers, 1)?;
        at_least("batch", self.batch, 1)?;
        at_least("maxRedirects", self.max_redirects, 0)?;
        let millisecond = GoDuration(Duration::from_millis(1));
        for (option, time) in [
            ("timeout", self.timeout),
            ("setupTimeout", self.setup_timeout),
            ("teardownTimeout", self.teardown_timeout),
        ] {
            at_least(option, time.map(GoDuration), millisecond)?;
        }
        match self.warmup {
            // Samples are gathered by the second.
            Some(warmup) if warmup.subsec_nanos() > 0 => Err(OutOfRange {
                option: "the warm-up",
                found: GoDuration(warmup).to_string(),
                allowed: "are whole seconds".into(),
            }),
            _ => Ok(()),
        }
    }
}

fn at_least<T: PartialOrd + Display + Copy>(
    option: &'static str,
    found: Option<T>,
    least: T,
) -> Result<(), OutOfRange> {
    match found {
        Some(found) if found < least => Err(OutOfRange {
            option,
            found: found.to_string(),
            allowed: format!("is {least} or more"),
        }),
        _ => Ok(()),
    }
}
