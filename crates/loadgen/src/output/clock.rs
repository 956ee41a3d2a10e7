//! Times of samples as text.

use std::{io::Write as _, str::FromStr};

use jiff::{Timestamp, tz::TimeZone};

/// How a time is written; the words are k6's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum TimeFormat {
    /// Whole seconds since the Unix epoch.
    #[default]
    Unix,
    /// Milliseconds.
    UnixMilli,
    /// Microseconds.
    UnixMicro,
    /// Nanoseconds.
    UnixNano,
    /// Whole seconds in this process's time zone.
    Rfc3339,
    /// The same with up to nine decimals, of which those at the end that are 0 are left out.
    Rfc3339Nano,
}

/// A word that is none of them.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("allowed are unix, unix_milli, unix_micro, unix_nano, rfc3339 and rfc3339_nano")]
pub(super) struct InvalidTimeFormat;

impl FromStr for TimeFormat {
    type Err = InvalidTimeFormat;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "unix" => Ok(Self::Unix),
            "unix_milli" => Ok(Self::UnixMilli),
            "unix_micro" => Ok(Self::UnixMicro),
            "unix_nano" => Ok(Self::UnixNano),
            "rfc3339" => Ok(Self::Rfc3339),
            "rfc3339_nano" => Ok(Self::Rfc3339Nano),
            _ => Err(InvalidTimeFormat),
        }
    }
}

/// Writes times. Those of a request's samples are the same, and most share their second with the one
/// before, so what was written last is kept.
pub(super) struct Clock {
    format: TimeFormat,
    zone: TimeZone,
    last: Option<u64>,
    text: Vec<u8>,
    second: Option<u64>,
    /// Date and time of that second, and its distance from UTC.
    date_time: String,
    offset: String,
}

const NANOS: u64 = 1_000_000_000;

impl Clock {
    /// Writes times in a format.
    pub(super) fn new(format: TimeFormat, zone: TimeZone) -> Self {
        Self {
            format,
            zone,
            last: None,
            text: Vec::new(),
            second: None,
            date_time: String::new(),
            offset: String::new(),
        }
    }

    /// The text of a time.
    pub(super) fn text(&mut self, unix_nanos: u64) -> &[u8] {
        if self.last != Some(unix_nanos) {
            self.last = Some(unix_nanos);
            self.text.clear();
            match self.format {
                TimeFormat::Unix => self.push_number(unix_nanos / NANOS),
                TimeFormat::UnixMilli => self.push_number(unix_nanos / 1_000_000),
                TimeFormat::UnixMicro => self.push_number(unix_nanos / 1_000),
                TimeFormat::UnixNano => self.push_number(unix_nanos),
                TimeFormat::Rfc3339 => self.push_rfc3339(unix_nanos / NANOS, 0),
                TimeFormat::Rfc3339Nano => {
                    self.push_rfc3339(unix_nanos / NANOS, unix_nanos % NANOS);
                }
            }
        }
        &self.text
    }

    fn push_number(&mut self, number: u64) {
        let _ = write!(self.text, "{number}");
    }

    fn push_rfc3339(&mut self, second: u64, nanos: u64) {
        if self.second != Some(second) {
            self.second = Some(second);
            let seconds = i64::try_from(second).unwrap_or(i64::MAX);
            let time = Timestamp::from_second(seconds).unwrap_or(Timestamp::MAX);
            let time = time.to_zoned_datetime(self.zone.clone());
            self.date_time = time.strftime("%Y-%m-%dT%H:%M:%S").to_string();
            self.offset = match time.offset().seconds() {
                0 => "Z".into(),
                _ => time.strftime("%:z").to_string(),
            };
        }
        self.text.extend_from_slice(self.date_time.as_bytes());
        if nanos > 0 {
            let _ = write!(self.text, ".{nanos:09}");
            let kept = self.text.iter().rposition(|&digit| digit != b'0');
            self.text.truncate(kept.map_or(0, |last| last + 1));
        }
        self.text.extend_from_slice(self.offset.as_bytes());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(format: &str, zone: TimeZone, unix_nanos: u64) -> String {
        let mut clock = Clock::new(format.parse().expect("a format"), zone);
        String::from_utf8(clock.text(unix_nanos).to_vec()).expect("digits")
    }

    #[test]
    fn times_are_written_as_k6_writes_them() {
        let time = 1_795_502_330_683_702_040;
        for (format, want) in [
            ("unix", "1795502330"),
            ("unix_milli", "1795502330683"),
            ("unix_micro", "1795502330683702"),
            ("unix_nano", "1795502330683702040"),
            ("rfc3339", "2026-11-24T06:38:50Z"),
            ("rfc3339_nano", "2026-11-24T06:38:50.68370204Z"),
        ] {
            assert_eq!(text(format, TimeZone::UTC, time), want);
        }
        let zone = TimeZone::fixed(jiff::tz::Offset::from_seconds(19_800).expect("an offset"));
        assert_eq!(text("rfc3339_nano", zone.clone(), time), "2026-11-24T12:08:50.68370204+05:30");
        let whole = 1_795_502_330_000_000_000;
        assert_eq!(text("rfc3339_nano", zone, whole), "2026-11-24T12:08:50+05:30");
        assert_eq!("iso".parse::<TimeFormat>(), Err(InvalidTimeFormat));
    }

    #[test]
    fn what_is_kept_does_not_outlive_its_second() {
        let mut clock = Clock::new(TimeFormat::Rfc3339Nano, TimeZone::UTC);
        let mut text = |nanos| String::from_utf8(clock.text(nanos).to_vec()).expect("digits");
        assert_eq!(text(999_999_999), "1970-01-01T00:00:00.999999999Z");
        assert_eq!(text(1_000_000_000), "1970-01-01T00:00:01Z");
        assert_eq!(text(1_500_000_000), "1970-01-01T00:00:01.5Z");
        assert_eq!(text(999_999_999), "1970-01-01T00:00:00.999999999Z");
    }
}
