//! Values as k6 prints them.
//!
//! k6 formats in JavaScript, so the arithmetic here is IEEE `f64` in JavaScript's order of
//! operations; a shorter formula gives other digits. Knows nothing of metrics or layout.

use icu_normalizer::ComposingNormalizerBorrowed;

use crate::{metrics::Contains, options::TimeUnit};

const BYTE_UNITS: [&str; 9] = ["B", "kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"];

/// A value with the unit that `contains` says it has; `unit` forces one for times.
pub fn value(value: f64, contains: Contains, unit: Option<TimeUnit>) -> String {
    match (contains, unit) {
        (Contains::Default, _) => number(value),
        (Contains::Data, _) => bytes(value),
        (Contains::Time, None) => duration(value),
        (Contains::Time, Some(unit)) => duration_in(value, unit),
    }
}

/// A plain number with up to six decimals, rounded: `0.333333`.
pub fn number(value: f64) -> String {
    js(to_fixed(value, 6).parse().unwrap_or(value))
}

/// A share from 0 to 1 as a percentage with two decimals, cut off: 0.999999 is `99.99%`.
pub fn percent(share: f64) -> String {
    format!("{}%", to_fixed((share * 100.0 * 100.0).trunc() / 100.0, 2))
}

/// Bytes in decimal units, two digits: `9.9 kB`, `148 GB`.
pub fn bytes(value: f64) -> String {
    if value.is_nan() || value < 10.0 {
        return format!("{} B", js(value));
    }
    let largest = (BYTE_UNITS.len() - 1) as f64;
    let exponent = (value.ln() / 1000f64.ln()).floor().min(largest);
    let scaled = (value / 1000f64.powf(exponent) * 10.0 + 0.5).floor() / 10.0;
    let decimals = if scaled < 10.0 { 1 } else { 0 };
    format!("{} {}", to_fixed(scaled, decimals), BYTE_UNITS[exponent as usize])
}

/// Milliseconds in the unit that fits, cut off: `2.41µs`, `38.08ms`, `1m1s`.
pub fn duration(ms: f64) -> String {
    if ms == 0.0 {
        "0s".into()
    } else if ms < 0.001 {
        format!("{}ns", js((ms * 1e6).trunc()))
    } else if ms < 1.0 {
        format!("{}µs", cut(ms * 1000.0))
    } else if ms < 1000.0 {
        format!("{}ms", cut(ms))
    } else {
        clock(ms)
    }
}

/// Milliseconds in one unit, two decimals, rounded: `0.04s`.
pub fn duration_in(ms: f64, unit: TimeUnit) -> String {
    match unit {
        TimeUnit::Seconds => format!("{}s", to_fixed(ms * 0.001, 2)),
        TimeUnit::Milliseconds => format!("{}ms", to_fixed(ms, 2)),
        TimeUnit::Microseconds => format!("{}µs", to_fixed(ms * 1000.0, 2)),
    }
}

/// A second and more: `1.23s`, `1m1s`, `25h1m1s`. Above a minute seconds have no decimals.
fn clock(ms: f64) -> String {
    let seconds = ms % 60_000.0 / 1000.0;
    let seconds = if ms > 60_000.0 { js(seconds.trunc()) } else { cut(seconds) };
    let minutes = (ms / 60_000.0).trunc();
    let hours = (minutes / 60.0).trunc();
    if hours >= 1.0 {
        format!("{}h{}m{seconds}s", js(hours), js(minutes % 60.0))
    } else if minutes >= 1.0 {
        format!("{}m{seconds}s", js(minutes))
    } else {
        format!("{seconds}s")
    }
}

/// At most two decimals, cut off, without trailing zeros.
fn cut(value: f64) -> String {
    let text = to_fixed((100.0 * value).trunc() / 100.0, 2);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// JavaScript's `toFixed`: the exact binary value, ties away from zero.
pub fn to_fixed(value: f64, decimals: u8) -> String {
    if !value.is_finite() || value.abs() >= 1e21 {
        return js(value);
    }
    // A tie has its last digit in the next decimal, so it is an odd multiple of 2^-(decimals + 1).
    // Rust rounds ties to even; one step away from zero there is no tie any more.
    let halves = value * 2f64.powi(i32::from(decimals) + 1);
    let tie = halves.fract() == 0.0 && halves % 2.0 != 0.0;
    let value = match (tie, value > 0.0) {
        (false, _) => value + 0.0, // -0 prints without its sign
        (true, true) => value.next_up(),
        (true, false) => value.next_down(),
    };
    format!("{value:.*}", usize::from(decimals))
}

/// JavaScript's `String(number)`: the shortest digits, an exponent from 1e21 and below 1e-6.
pub fn js(value: f64) -> String {
    let magnitude = value.abs();
    if value == 0.0 {
        "0".into()
    } else if magnitude.is_infinite() {
        if value > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else if magnitude >= 1e21 {
        format!("{value:e}").replace('e', "e+")
    } else if magnitude < 1e-6 {
        format!("{value:e}")
    } else {
        format!("{value}")
    }
}

/// Columns of a text: code points after NFKC, colour escapes left out.
pub fn width(text: &str) -> usize {
    let normalized = ComposingNormalizerBorrowed::new_nfkc().normalize(text);
    let mut parts = normalized.split("\x1b[");
    let first = parts.next().unwrap_or_default().chars().count();
    first
        + parts
            .map(|part| {
                let escape = part.find(|c: char| c.is_ascii_alphabetic()).map_or(0, |end| end + 1);
                part[escape..].chars().count()
            })
            .sum::<usize>()
}

#[cfg(test)]
mod tests;
