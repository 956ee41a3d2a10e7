//! From a duration to text.

use std::{fmt, time::Duration};

use jiff::SignedDuration;

/// Prints a duration as Go does: `1m30s`, `500ms`, `1h0m0s`, `0s`, `10m30.2s`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd)]
pub struct GoDuration(pub Duration);

impl fmt::Display for GoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let nanos = u128::from(self.0.subsec_nanos());
        let seconds = self.0.as_secs();
        if seconds == 0 {
            return match nanos {
                0 => f.write_str("0s"),
                1..1_000 => write!(f, "{nanos}ns"),
                1_000..1_000_000 => write_decimal(f, nanos, 3, "\u{b5}s"),
                _ => write_decimal(f, nanos, 6, "ms"),
            };
        }
        let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
        if hours > 0 {
            write!(f, "{hours}h")?;
        }
        if seconds >= 60 {
            write!(f, "{minutes}m")?;
        }
        write_decimal(f, u128::from(seconds % 60) * 1_000_000_000 + nanos, 9, "s")
    }
}

/// Prints a duration of either sign as Go does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignedGoDuration(pub SignedDuration);

impl fmt::Display for SignedGoDuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_negative() {
            f.write_str("-")?;
        }
        GoDuration(self.0.unsigned_abs()).fmt(f)
    }
}

/// `value` with its last `places` digits behind the point, without trailing zeros.
fn write_decimal(f: &mut fmt::Formatter<'_>, value: u128, places: u32, unit: &str) -> fmt::Result {
    let scale = 10_u128.pow(places);
    let (whole, fraction) = (value / scale, value % scale);
    if fraction == 0 {
        return write!(f, "{whole}{unit}");
    }
    let digits = format!("{fraction:0width$}", width = places as usize);
    write!(f, "{whole}.{}{unit}", digits.trim_end_matches('0'))
}

/// `spent` to a tenth of a second, in as many places as `max` needs, so that a line which counts
/// up to `max` does not move: `1.0s`, `01.0s`, `0m01.0s`, … up to `2d00h00m01.0s`.
pub fn fixed_width(spent: Duration, max: Duration) -> String {
    let tenths = |duration: Duration| (duration.as_millis() + 50) / 100;
    let spent = tenths(spent);
    let widest = tenths(max).max(spent) / 10;

    let (seconds, tenth) = (spent / 10, spent % 10);
    let (s, m, h, d) =
        (seconds % 60, seconds / 60 % 60, seconds / 3600 % 24, seconds / (24 * 3600));
    const MINUTE: u128 = 60;
    const HOUR: u128 = 60 * MINUTE;
    match widest {
        ..10 => format!("{s}.{tenth}s"),
        10..MINUTE => format!("{s:02}.{tenth}s"),
        MINUTE..600 => format!("{m}m{s:02}.{tenth}s"),
        600..HOUR => format!("{m:02}m{s:02}.{tenth}s"),
        HOUR..36_000 => format!("{h}h{m:02}m{s:02}.{tenth}s"),
        36_000..86_400 => format!("{h:02}h{m:02}m{s:02}.{tenth}s"),
        _ => {
            let days = (widest / 86_400).to_string().len();
            format!("{d:0days$}d{h:02}h{m:02}m{s:02}.{tenth}s")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_text() {
        for (nanos, text) in [
            (0, "0s"),
            (1, "1ns"),
            (1_100, "1.1\u{b5}s"),
            (2_200_000, "2.2ms"),
            (500_000_000, "500ms"),
            (3_300_000_000, "3.3s"),
            (90_000_000_000, "1m30s"),
            (245_000_000_000, "4m5s"),
            (245_001_000_000, "4m5.001s"),
            (630_200_000_000, "10m30.2s"),
            (3_600_000_000_000, "1h0m0s"),
            (18_367_001_000_000, "5h6m7.001s"),
            (480_000_000_001, "8m0.000000001s"),
            (i64::MAX as u64, "2562047h47m16.854775807s"),
        ] {
            assert_eq!(GoDuration(Duration::from_nanos(nanos)).to_string(), text);
        }
    }

    #[test]
    fn a_sign_stands_before_it() {
        let text = |seconds| SignedGoDuration(SignedDuration::from_secs(seconds)).to_string();
        assert_eq!((text(-90), text(0), text(5)), ("-1m30s".into(), "0s".into(), "5s".into()));
    }

    #[test]
    fn the_maximum_decides_the_width() {
        let second = Duration::from_secs(1);
        for (max, text) in [
            (9, "1.0s"),
            (10, "01.0s"),
            (59, "01.0s"),
            (60, "0m01.0s"),
            (600, "00m01.0s"),
            (3_600, "0h00m01.0s"),
            (36_000, "00h00m01.0s"),
            (86_400, "0d00h00m01.0s"),
            (864_000, "00d00h00m01.0s"),
        ] {
            assert_eq!(fixed_width(second, Duration::from_secs(max)), text);
        }
    }

    #[test]
    fn tenths_are_rounded_and_an_overrun_widens() {
        let ms = Duration::from_millis;
        assert_eq!(fixed_width(ms(1_249), ms(9_000)), "1.2s");
        assert_eq!(fixed_width(ms(1_250), ms(9_000)), "1.3s");
        assert_eq!(fixed_width(ms(59_960), ms(59_000)), "1m00.0s");
        assert_eq!(fixed_width(ms(12_000), ms(9_000)), "12.0s");
        assert_eq!(fixed_width(ms(90_061_000), ms(90_061_000)), "1d01h01m01.0s");
    }
}
