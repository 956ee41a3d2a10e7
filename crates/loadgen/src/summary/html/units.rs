//! Values as people read them: as the text summary has them, but for thousands that stand apart and
//! what is too small to be told. Non-finite values become `–` and `∞`.

use crate::{metrics::Contains, options::TimeUnit, summary::format};

/// A value of a metric; `time_unit` forces a unit for times.
pub(in crate::summary) fn value(
    contains: Contains,
    time_unit: Option<TimeUnit>,
    value: f64,
) -> String {
    match contains {
        Contains::Default => number(value),
        Contains::Data => bytes(value),
        Contains::Time => finite(value, |ms| format::value(ms, contains, time_unit)),
    }
}

/// A plain number, thousands apart: three decimals at most, six below one.
pub(in crate::summary) fn number(value: f64) -> String {
    finite(value, |value| {
        if value.abs() >= 1e15 {
            return format!("{value:e}");
        }
        let decimals = if value.abs() >= 1.0 { 3 } else { 6 };
        let text = trimmed(format!("{value:.decimals$}"));
        let (whole, fraction) = text.split_at(text.find('.').unwrap_or(text.len()));
        let (sign, digits) = whole.split_at(usize::from(whole.starts_with('-')));
        let mut apart = String::new();
        for (i, digit) in digits.chars().enumerate() {
            if i > 0 && (digits.len() - i).is_multiple_of(3) {
                apart.push(',');
            }
            apart.push(digit);
        }
        format!("{sign}{apart}{fraction}")
    })
}

/// A number for a headline or an axis: no decimals from 100 on, one below.
pub(crate) fn round(value: f64) -> String {
    number(if value.abs() >= 100.0 { value.round() } else { (value * 10.0).round() / 10.0 })
}

/// A share, 0 to 1, cut (not rounded) to hundredths of a percent; what is not zero never
/// reads as zero.
pub(crate) fn percent(rate: f64) -> String {
    finite(rate, |rate| match rate {
        rate if rate > 0.0 && rate < 0.0001 => "<0.01%".into(),
        rate => format::percent(rate),
    })
}

/// Bytes, in powers of 1000.
pub(in crate::summary) fn bytes(value: f64) -> String {
    finite(value, |value| match value {
        // The text summary has all digits of a rate that is hardly one.
        ..10.0 => format!("{} B", trimmed(format!("{value:.2}"))),
        value => format::bytes(value),
    })
}

/// Bytes a second.
pub(in crate::summary) fn bytes_per_second(value: f64) -> String {
    finite(value, |value| format!("{}/s", bytes(value)))
}

/// Milliseconds in the unit that suits them, cut to two decimals.
pub(crate) fn duration(ms: f64) -> String {
    finite(ms, format::duration)
}

/// Cores of a CPU.
pub(super) fn cores(value: f64) -> String {
    finite(value, |value| trimmed(format!("{value:.2}")))
}

/// Seconds since the start, as on a stop-watch.
pub(crate) fn clock(seconds: f64) -> String {
    finite(seconds, |seconds| {
        let tenths = (seconds * 10.0).round() as u64;
        let (hours, minutes, rest) = (tenths / 36_000, tenths / 600 % 60, tenths % 600);
        let fraction = if rest % 10 == 0 { String::new() } else { format!(".{}", rest % 10) };
        let rest = rest / 10;
        if hours > 0 {
            format!("{hours}:{minutes:02}:{rest:02}{fraction}")
        } else {
            format!("{minutes}:{rest:02}{fraction}")
        }
    })
}

fn finite(value: f64, format: impl FnOnce(f64) -> String) -> String {
    match value {
        _ if value.is_finite() => format(value),
        f64::INFINITY => "∞".into(),
        f64::NEG_INFINITY => "−∞".into(),
        _ => "–".into(),
    }
}

/// Without zeros at the end of its decimals.
fn trimmed(decimal: String) -> String {
    if decimal.contains('.') {
        decimal.trim_end_matches('0').trim_end_matches('.').into()
    } else {
        decimal
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_read_well() {
        for (text, expected) in [
            (number(1_331_889.0), "1,331,889"),
            (number(-44_333.219_428), "-44,333.219"),
            (number(1.0 / 3.0), "0.333333"),
            (number(999.0), "999"),
            (number(f64::NAN), "–"),
            (number(f64::INFINITY), "∞"),
            (round(4512.77), "4,513"),
            (round(0.25), "0.3"),
            (percent(0.999_999), "99.99%"),
            (percent(0.000_001), "<0.01%"),
            (percent(0.0), "0.00%"),
            (bytes(9.99), "9.99 B"),
            (bytes(10_499.0), "11 kB"),
            (bytes(148_012_345_678.0), "148 GB"),
            (bytes(1e40), "10000000000000000 YB"),
            (duration(0.0), "0s"),
            (duration(0.000_999), "999ns"),
            (duration(0.416), "416µs"),
            (duration(38.0899), "38.08ms"),
            (duration(1234.567), "1.23s"),
            (duration(60_000.0), "1m0s"),
            (duration(90_061_000.0), "25h1m1s"),
            (clock(5.0), "0:05"),
            (clock(3725.5), "1:02:05.5"),
            (value(Contains::Time, Some(TimeUnit::Seconds), 1500.0), "1.50s"),
            (value(Contains::Time, None, f64::NAN), "–"),
            (value(Contains::Data, Some(TimeUnit::Seconds), 1500.0), "1.5 kB"),
        ] {
            assert_eq!(text, expected);
        }
    }
}
