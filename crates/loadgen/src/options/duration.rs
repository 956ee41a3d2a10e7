//! Durations in Go's notation (`1m30s`, `500ms`, `1.5h`), which is what k6 reads and prints.
//!
//! Flags take [`parse`]'s plain notation. Variables, files and scripts take [`parse_extended`]'s,
//! which adds bare numbers (milliseconds) and days. Knows nothing of what a duration is for.

mod format;
mod parse;

pub use format::{GoDuration, SignedGoDuration, fixed_width};
pub use parse::{InvalidDuration, parse, parse_extended, parse_extended_signed, parse_signed};

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_printed_reads_back(nanos in 0..=i64::MAX as u64) {
            let duration = Duration::from_nanos(nanos);
            let text = GoDuration(duration).to_string();
            prop_assert_eq!(parse(&text), Ok(duration));
            prop_assert_eq!(parse_extended(&text), Ok(duration));
        }

        #[test]
        fn short_ones_read_back_too(nanos in 0..2_000_000_000_u64) {
            let duration = Duration::from_nanos(nanos);
            prop_assert_eq!(parse(&GoDuration(duration).to_string()), Ok(duration));
        }

        #[test]
        fn no_text_panics(
            text in "\\PC*",
            number in "[-+]?[0-9]{0,25}[.]?[0-9]{0,25}(ns|us|d|h|e9)?",
        ) {
            for text in [text, number] {
                let _ = parse(&text);
                let _ = parse_extended(&text);
            }
        }

        #[test]
        fn fixed_width_is_fixed(max in 0..400_000_000_u64, part in 0.0..=1.0_f64) {
            let max = Duration::from_millis(max);
            let spent = max.mul_f64(part);
            prop_assert_eq!(fixed_width(spent, max).len(), fixed_width(max, max).len());
        }
    }
}
