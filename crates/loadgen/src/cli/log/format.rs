//! How a message looks: `key=value` pairs, JSON, the bare message, or coloured for a terminal.

use std::{
    collections::BTreeMap, convert::Infallible, fmt::Write as _, str::FromStr, time::Duration,
};

use super::{Entry, Level};

/// Messages on a terminal are this wide at least, so that fields stand below each other.
const MESSAGE_WIDTH: usize = 44;

/// A look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// `time="…" level=info msg="…" key=value`; colours and no time on a terminal.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
    /// The message alone.
    Raw,
}

impl FromStr for LogFormat {
    type Err = Infallible;

    /// As k6 reads it: whatever is no other look is text.
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(match text {
            "json" => Self::Json,
            "raw" => Self::Raw,
            _ => Self::Text,
        })
    }
}

impl Level {
    /// k6's name.
    fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }

    /// k6's name in four letters, and its colour.
    fn short(self) -> (&'static str, &'static str) {
        match self {
            Self::Debug => ("DEBU", "37"),
            Self::Info => ("INFO", "36"),
            Self::Warning => ("WARN", "33"),
            Self::Error => ("ERRO", "31"),
        }
    }
}

impl LogFormat {
    /// The line, its end included.
    pub(super) fn plain(self, entry: &Entry) -> String {
        match self {
            Self::Text => text(entry),
            Self::Json => json(entry),
            Self::Raw => format!("{}\n", entry.message),
        }
    }

    /// The same for a terminal, `elapsed` after the start of the program.
    pub(super) fn colored(self, entry: &Entry, elapsed: Duration) -> String {
        match self {
            Self::Text => colored(entry, elapsed.as_secs()),
            Self::Json | Self::Raw => self.plain(entry),
        }
    }
}

fn time(entry: &Entry) -> String {
    entry.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn text(entry: &Entry) -> String {
    let (time, level) = (time(entry), entry.level.as_str());
    let mut line = format!("time=\"{time}\" level={level} msg={}", value(&entry.message));
    for (name, field) in sorted(entry) {
        let _ = write!(line, " {name}={}", value(field));
    }
    line + "\n"
}

fn colored(entry: &Entry, seconds: u64) -> String {
    let (level, color) = entry.level.short();
    let message = visible(&entry.message);
    let mut line = format!("\x1b[{color}m{level}\x1b[0m[{seconds:04}] {message:<MESSAGE_WIDTH$} ");
    for (name, field) in sorted(entry) {
        let _ = write!(line, "\x1b[{color}m{name}\x1b[0m={} ", value(field));
    }
    line.truncate(line.trim_end().len());
    line + "\n"
}

fn json(entry: &Entry) -> String {
    let mut object: BTreeMap<_, _> = sorted(entry).into_iter().collect();
    let time = time(entry);
    object.extend([("level", entry.level.as_str()), ("msg", &entry.message), ("time", &time)]);
    let json = serde_json::to_string(&object).expect("every key is a string");
    // As Go writes it, so that a page may hold it; these stand in strings only.
    let json = json.replace('<', "\\u003c").replace('>', "\\u003e").replace('&', "\\u0026");
    json + "\n"
}

fn sorted(entry: &Entry) -> Vec<(&'static str, &str)> {
    let mut fields: Vec<_> = entry.fields.iter().map(|(name, value)| (*name, &**value)).collect();
    fields.sort_unstable();
    fields
}

/// A value as it stands, or in quotes if it has to be.
fn value(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/@^+".contains(c);
    if text.chars().all(plain) { text.into() } else { quoted(text) }
}

/// As Go's `%q`.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            _ if c.is_ascii_control() => drop(write!(quoted, "\\x{:02x}", u32::from(c))),
            _ if c.is_control() => drop(write!(quoted, "\\u{:04x}", u32::from(c))),
            _ => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// Without what a terminal would take for a command: a server may have a hand in the text.
fn visible(text: &str) -> String {
    let harmless =
        |c: char| if c.is_control() && c != '\n' { char::REPLACEMENT_CHARACTER } else { c };
    text.chars().map(harmless).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(level: Level, message: &str) -> Entry {
        let at = "2026-11-24T06:41:00.7Z".parse().expect("an instant");
        Entry { at, ..Entry::new(level, message) }
    }

    fn failed() -> Entry {
        entry(Level::Warning, "Request Failed")
            .with("error", &"Get \"http://127.0.0.1:1/<é>\":\n\x1b\u{85}refused")
            .with("count", &12)
            .with("empty", &"")
    }

    #[test]
    fn lines_look_as_those_of_k6() {
        let lines = [
            LogFormat::Text.plain(&failed()),
            LogFormat::Text.plain(&entry(Level::Info, "called")),
            LogFormat::Json.plain(&failed()),
            LogFormat::Raw.plain(&failed()),
        ];
        insta::assert_snapshot!(lines.concat(), @r##"
        time="2026-11-24T06:41:00Z" level=warning msg="Request Failed" count=12 empty= error="Get \"http://127.0.0.1:1/<é>\":\n\x1b\u0085refused"
        time="2026-11-24T06:41:00Z" level=info msg=called
        {"count":"12","empty":"","error":"Get \"http://127.0.0.1:1/\u003cé\u003e\":\n\u001brefused","level":"warning","msg":"Request Failed","time":"2026-11-24T06:41:00Z"}
        Request Failed
        "##);
    }

    #[test]
    fn a_terminal_gets_colours_and_no_commands_of_others() {
        let second = Duration::from_secs(1);
        let lines = [
            LogFormat::Text.colored(&failed(), 12 * second),
            LogFormat::Text.colored(&entry(Level::Error, "a\x1b[2Jb"), 12_345 * second),
            LogFormat::Text.colored(&entry(Level::Debug, "x"), second / 2),
            LogFormat::Raw.colored(&entry(Level::Info, "x"), second),
        ];
        insta::assert_snapshot!(lines.concat().replace('\x1b', "^"), @r##"
        ^[33mWARN^[0m[0012] Request Failed                               ^[33mcount^[0m=12 ^[33mempty^[0m= ^[33merror^[0m="Get \"http://127.0.0.1:1/<é>\":\n\x1b\u0085refused"
        ^[31mERRO^[0m[12345] a�[2Jb
        ^[37mDEBU^[0m[0000] x
        x
        "##);
    }

    #[test]
    fn what_is_no_other_format_is_text() {
        for (text, format) in
            [("json", LogFormat::Json), ("raw", LogFormat::Raw), ("TEXT", LogFormat::Text)]
        {
            assert_eq!(text.parse(), Ok(format));
        }
    }
}
