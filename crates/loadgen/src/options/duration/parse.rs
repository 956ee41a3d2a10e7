//! From text to a duration.

use std::time::Duration;

use jiff::SignedDuration;

/// Go keeps a duration in a signed 64-bit count of nanoseconds: 292 years.
const MAX_NANOS: u128 = i64::MAX as u128;

const DAY_NANOS: u128 = 24 * 3600 * 1_000_000_000;

/// A text that is not a duration, or one that cannot be used. Holds the whole text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidDuration {
    /// A number without a unit where one is needed.
    #[error(
        "missing unit in duration \"{0}\"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s"
    )]
    MissingUnit(String),
    /// A unit that does not exist.
    #[error("unknown unit \"{unit}\" in duration \"{text}\"; allowed are ns, us, ms, s, m and h")]
    UnknownUnit {
        /// The unit that was found.
        unit: String,
        /// The whole text.
        text: String,
    },
    /// Not numbers and units at all.
    #[error("invalid duration \"{0}\"; allowed are numbers with units, as in 30s, 1m30s or 1.5h")]
    Malformed(String),
    /// Days that are no whole number.
    #[error("invalid days in duration \"{0}\"; allowed are whole days, as in 2d or 1d12h")]
    Days(String),
    /// Less than nothing.
    #[error("negative duration \"{0}\"; allowed is zero or more")]
    Negative(String),
    /// More than Go can hold.
    #[error("duration \"{0}\" is too long; allowed are up to 292 years")]
    TooLong(String),
}

/// Reads Go's notation: decimal numbers with units (`ns`, `us`, `µs`, `ms`, `s`, `m`, `h`), no
/// spaces, or `0` alone. Fractions of a nanosecond are cut off.
///
/// # Errors
///
/// Says what is wrong with the text, and what is allowed.
pub fn parse(text: &str) -> Result<Duration, InvalidDuration> {
    unsigned(text, parse_signed(text)?)
}

/// Reads what [`parse`] reads, with either sign.
///
/// # Errors
///
/// Says what is wrong with the text, and what is allowed.
pub fn parse_signed(text: &str) -> Result<SignedDuration, InvalidDuration> {
    go_nanos(text, text)?.to_duration(text)
}

/// Reads k6's extended notation: what [`parse`] reads, bare numbers as milliseconds (`1500`,
/// `2.5`, `1e3`), and whole days before the rest (`2d`, `1d12h`).
///
/// # Errors
///
/// Says what is wrong with the text, and what is allowed.
pub fn parse_extended(text: &str) -> Result<Duration, InvalidDuration> {
    unsigned(text, parse_extended_signed(text)?)
}

/// Reads what [`parse_extended`] reads, with either sign.
///
/// # Errors
///
/// Says what is wrong with the text, and what is allowed.
pub fn parse_extended_signed(text: &str) -> Result<SignedDuration, InvalidDuration> {
    if let Ok(millis) = text.parse::<f64>() {
        return Signed::from_millis(millis, text)?.to_duration(text);
    }
    let Some((days, rest)) = text.split_once('d') else {
        return parse_signed(text);
    };
    let days: i64 = days.parse().map_err(|_| InvalidDuration::Days(text.into()))?;
    let rest = if rest.is_empty() { Signed::default() } else { go_nanos(rest, text)? };
    if rest.is_negative() {
        return Err(InvalidDuration::Days(text.into()));
    }
    // The sign before the days holds for the rest, too: `-1d6h` is 30 hours before.
    let nanos = u128::from(days.unsigned_abs()) * DAY_NANOS + rest.nanos;
    Signed { negative: text.starts_with('-'), nanos }.to_duration(text)
}

fn unsigned(text: &str, duration: SignedDuration) -> Result<Duration, InvalidDuration> {
    duration.try_into().map_err(|_| InvalidDuration::Negative(text.into()))
}

/// Nanoseconds with a sign; the sign of zero has no meaning.
#[derive(Clone, Copy, Default)]
struct Signed {
    negative: bool,
    nanos: u128,
}

impl Signed {
    fn from_millis(millis: f64, text: &str) -> Result<Self, InvalidDuration> {
        let nanos = (millis * 1e6).trunc();
        if nanos.is_nan() {
            return Err(InvalidDuration::Malformed(text.into()));
        }
        // The cast saturates, so that infinity is too long and not an overflow.
        Ok(Self { negative: nanos < 0.0, nanos: nanos.abs() as u128 })
    }

    fn is_negative(self) -> bool {
        self.negative && self.nanos > 0
    }

    fn to_duration(self, text: &str) -> Result<SignedDuration, InvalidDuration> {
        match i64::try_from(self.nanos) {
            Ok(nanos) if self.negative => Ok(SignedDuration::from_nanos(-nanos)),
            Ok(nanos) => Ok(SignedDuration::from_nanos(nanos)),
            Err(_) => Err(InvalidDuration::TooLong(text.into())),
        }
    }
}

/// The value of `part`, which is `text` or its end; errors show the whole `text`.
fn go_nanos(part: &str, text: &str) -> Result<Signed, InvalidDuration> {
    let malformed = || InvalidDuration::Malformed(text.into());
    let negative = part.starts_with('-');
    let mut rest = part.strip_prefix(['-', '+']).unwrap_or(part);
    if rest == "0" {
        return Ok(Signed::default());
    }
    if rest.is_empty() {
        return Err(malformed());
    }
    let mut nanos = 0_u128;
    while !rest.is_empty() {
        let (whole, after) = take_digits(rest);
        let (fraction, after) = match after.strip_prefix('.') {
            Some(after) => take_digits(after),
            None => ("", after),
        };
        if whole.is_empty() && fraction.is_empty() {
            return Err(malformed());
        }
        let end = after.find(|c: char| c == '.' || c.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        if unit.is_empty() {
            return Err(InvalidDuration::MissingUnit(text.into()));
        }
        let Some(unit) = unit_nanos(unit) else {
            return Err(InvalidDuration::UnknownUnit { unit: unit.into(), text: text.into() });
        };
        nanos = value_nanos(whole, fraction, unit)
            .and_then(|value| nanos.checked_add(value))
            .filter(|&sum| sum <= MAX_NANOS)
            .ok_or_else(|| InvalidDuration::TooLong(text.into()))?;
        rest = after;
    }
    Ok(Signed { negative, nanos })
}

fn take_digits(text: &str) -> (&str, &str) {
    text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()))
}

/// Nanoseconds in a unit. Micro has two signs: U+00B5 and the Greek letter.
fn unit_nanos(unit: &str) -> Option<u128> {
    Some(match unit {
        "ns" => 1,
        "us" | "\u{b5}s" | "\u{3bc}s" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60 * 1_000_000_000,
        "h" => 3600 * 1_000_000_000,
        _ => return None,
    })
}

/// `whole.fraction` times `unit`, or `None` if that is beyond all bounds.
fn value_nanos(whole: &str, fraction: &str, unit: u128) -> Option<u128> {
    let whole = if whole.is_empty() { 0 } else { whole.parse::<u128>().ok()? };
    // An hour has 13 digits of nanoseconds: what stands behind the 18th digit cannot matter.
    let fraction = &fraction[..fraction.len().min(18)];
    let scale = 10_u128.pow(u32::try_from(fraction.len()).ok()?);
    let fraction = if fraction.is_empty() { 0 } else { fraction.parse::<u128>().ok()? };
    whole.checked_mul(unit)?.checked_add(fraction * unit / scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nanos(parser: fn(&str) -> Result<Duration, InvalidDuration>, text: &str) -> u128 {
        parser(text).unwrap_or_else(|error| panic!("{error}")).as_nanos()
    }

    #[test]
    fn go_notation() {
        const S: u128 = 1_000_000_000;
        for (text, expected) in [
            ("0", 0),
            ("0s", 0),
            ("-0s", 0),
            ("30s", 30 * S),
            ("+5s", 5 * S),
            ("1m30s", 90 * S),
            ("1.5h", 5400 * S),
            ("1h2m3.5s", 3_723_500_000_000),
            (".5s", S / 2),
            ("1.s", S),
            ("500ms", S / 2),
            ("10us", 10_000),
            ("10\u{b5}s", 10_000),
            ("10\u{3bc}s", 10_000),
            ("7ns", 7),
            ("1.9ns", 1),
            ("0.333333333333333333333333333s", 333_333_333),
            ("9223372036854775807ns", i64::MAX as u128),
        ] {
            assert_eq!(nanos(parse, text), expected, "{text}");
            assert_eq!(nanos(parse_extended, text), expected, "{text}");
        }
    }

    #[test]
    fn extended_notation() {
        const H: u128 = 3_600_000_000_000;
        for (text, expected) in [
            ("30", 30_000_000),
            ("1.5", 1_500_000),
            ("1e3", 1_000_000_000),
            ("0.0000019", 1),
            ("2d", 48 * H),
            ("1d12h", 36 * H),
            ("+1d0s", 24 * H),
            ("-0d", 0),
        ] {
            assert_eq!(nanos(parse_extended, text), expected, "{text}");
        }
    }

    #[test]
    fn either_sign() {
        for (text, seconds) in [("-5s", -5), ("-30000", -30), ("-1d6h", -108_000), ("2d", 172_800)]
        {
            let expected = Ok(SignedDuration::from_secs(seconds));
            assert_eq!(parse_extended_signed(text), expected, "{text}");
        }
        assert_eq!(parse_signed("-1.5s"), Ok(SignedDuration::from_millis(-1_500)));
        assert!(parse_signed("-5").is_err());
        assert!(parse_extended_signed("-inf").is_err());
    }

    #[test]
    fn errors_say_what_is_allowed() {
        let messages: Vec<_> = [
            "",
            "30",
            "2d",
            "s",
            "1.5x",
            "1 s",
            "-5s",
            "3000000h",
            "1m30",
            "99999999999999999999h",
        ]
        .iter()
        .map(|text| parse(text).map_or_else(|error| error.to_string(), |d| format!("{d:?}")))
        .collect();
        insta::assert_snapshot!(messages.join("\n"), @r#"
        invalid duration ""; allowed are numbers with units, as in 30s, 1m30s or 1.5h
        missing unit in duration "30"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
        unknown unit "d" in duration "2d"; allowed are ns, us, ms, s, m and h
        invalid duration "s"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
        unknown unit "x" in duration "1.5x"; allowed are ns, us, ms, s, m and h
        unknown unit " s" in duration "1 s"; allowed are ns, us, ms, s, m and h
        negative duration "-5s"; allowed is zero or more
        duration "3000000h" is too long; allowed are up to 292 years
        missing unit in duration "1m30"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
        duration "99999999999999999999h" is too long; allowed are up to 292 years
        "#);
    }

    #[test]
    fn extended_errors_say_what_is_allowed() {
        let messages: Vec<_> =
            ["", "1.5d", "d", "1d-6h", "-1d6h", "1dx", "-30", "inf", "nan", "999999999d"]
                .iter()
                .map(|text| {
                    parse_extended(text)
                        .map_or_else(|error| error.to_string(), |d| format!("{d:?}"))
                })
                .collect();
        insta::assert_snapshot!(messages.join("\n"), @r#"
        invalid duration ""; allowed are numbers with units, as in 30s, 1m30s or 1.5h
        invalid days in duration "1.5d"; allowed are whole days, as in 2d or 1d12h
        invalid days in duration "d"; allowed are whole days, as in 2d or 1d12h
        invalid days in duration "1d-6h"; allowed are whole days, as in 2d or 1d12h
        negative duration "-1d6h"; allowed is zero or more
        invalid duration "1dx"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
        negative duration "-30"; allowed is zero or more
        duration "inf" is too long; allowed are up to 292 years
        invalid duration "nan"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
        duration "999999999d" is too long; allowed are up to 292 years
        "#);
    }
}
