//! The numbers at the top, and the facts of the run.

use jiff::Timestamp;

use super::{statistics::Statistics, units};
use crate::summary::model::{Extras, Summary};

/// One big number.
pub(in crate::summary) struct Tile {
    pub(in crate::summary) name: &'static str,
    pub(in crate::summary) value: String,
    /// The small line below.
    pub(in crate::summary) detail: String,
    /// Whether it is bad news.
    pub(in crate::summary) bad: bool,
}

/// One fact of the run.
pub(in crate::summary) struct Fact {
    pub(in crate::summary) name: &'static str,
    pub(in crate::summary) value: String,
    /// Whether it is something that one types.
    pub(in crate::summary) code: bool,
}

pub(in crate::summary) fn tiles(summary: &Summary, statistics: &Statistics<'_>) -> Vec<Tile> {
    let get = |metric, stat| statistics.get(metric, stat);
    let mut tiles = Vec::new();
    let mut tile = |name, value: Option<String>, detail: String, bad| {
        tiles.extend(value.map(|value| Tile { name, value, detail, bad }));
    };
    let total = |metric| get(metric, "count").map(units::number);

    let requests = get("http_reqs", "rate").map(units::round);
    if requests.is_some() {
        let detail = total("http_reqs").map_or_else(String::new, |n| format!("{n} in all"));
        tile("Requests per second", requests, detail, false);
    } else {
        let detail = total("iterations").map_or_else(String::new, |n| format!("{n} in all"));
        tile("Iterations per second", get("iterations", "rate").map(units::round), detail, false);
    }

    let failed = get("http_req_failed", "passes");
    let detail = failed.map_or_else(String::new, |n| match n {
        0.0 => "none".into(),
        _ => format!("{} requests", units::number(n)),
    });
    let rate = get("http_req_failed", "rate").map(units::percent);
    tile("Failed requests", rate, detail, failed.is_some_and(|n| n > 0.0));

    let trend = ["http_req_duration", "iteration_duration"]
        .into_iter()
        .find(|metric| summary.metrics.contains_key(*metric));
    if let Some(metric) = trend {
        let time = |stat| get(metric, stat).map(units::duration);
        let also = |stat, name| time(stat).map_or_else(String::new, |v| format!("{name} {v}"));
        let of = if metric == "http_req_duration" { "" } else { " of iterations" };
        let detail = |text: String| format!("{text}{of}");
        tile("95th percentile", time("p(95)"), detail(also("med", "median")), false);
        match time("p(99)") {
            Some(p99) => tile("99th percentile", Some(p99), detail(also("max", "longest")), false),
            None => tile("Longest", time("max"), detail(also("med", "median")), false),
        }
    }

    let received = get("data_received", "count").map(units::bytes);
    let rate = get("data_received", "rate").map(units::bytes_per_second);
    let sent = get("data_sent", "count").map(|sent| format!("{} sent", units::bytes(sent)));
    let detail = rate.into_iter().chain(sent).collect::<Vec<_>>().join(" · ");
    tile("Data received", received, detail, false);

    let detail = total("iterations").map_or_else(String::new, |n| format!("{n} iterations"));
    tile("Duration", Some(units::duration(summary.state.test_run_duration_ms)), detail, false);
    tiles
}

pub(in crate::summary) fn facts(summary: &Summary) -> Vec<Fact> {
    let Some(extras) = &summary.loadgen else { return Vec::new() };
    let mut facts = Vec::new();
    let mut fact = |name, value: String, code| {
        if !value.is_empty() {
            facts.push(Fact { name, value, code });
        }
    };
    fact("Target", extras.target.clone(), true);
    fact("Command", command_line(&extras.command), true);
    fact("Started", started(&extras.started), false);
    for scenario in &extras.scenarios {
        fact("Scenario", format!("{}: {}", scenario.name, scenario.description), false);
    }
    fact("Iterations", iterations(extras), false);
    let host = &extras.host;
    let cores = match host.cores {
        1 => "1 core".into(),
        cores => format!("{cores} cores"),
    };
    let host = [host.cpu.as_str(), &cores, &host.os];
    fact("Host", host.into_iter().filter(|s| !s.is_empty()).collect::<Vec<_>>().join(" · "), false);
    fact("Generator", generator(extras), false);
    fact("Version", format!("loadgen {}", extras.version), false);
    facts
}

fn iterations(extras: &Extras) -> String {
    let count = |n: u64| units::number(n as f64);
    let interrupted = count(extras.iterations_interrupted);
    format!("{} complete, {interrupted} interrupted", count(extras.iterations_complete))
}

fn generator(extras: &Extras) -> String {
    let used = &extras.generator;
    format!(
        "{} {}, {} of CPU time, busiest worker {} busy, {} of memory at most",
        used.workers,
        if used.workers == 1 { "worker" } else { "workers" },
        units::duration(used.cpu_seconds * 1000.0),
        units::percent(used.busiest_worker),
        units::bytes(used.peak_memory_bytes as f64),
    )
}

/// The instant in UTC; as it stands if it is none.
fn started(text: &str) -> String {
    match text.parse::<Timestamp>() {
        Ok(instant) => instant.strftime("%-d %B %Y, %H:%M:%S UTC").to_string(),
        Err(_) => text.into(),
    }
}

/// The words as a shell would want them.
fn command_line(words: &[String]) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_=+/.,:@%".contains(c);
    let quoted = words.iter().map(|word| {
        if !word.is_empty() && word.chars().all(plain) {
            word.clone()
        } else {
            format!("'{}'", word.replace('\'', r"'\''"))
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_line_can_be_typed_again() {
        let words = ["loadgen", "--header", "A: it's", "", "--host=http://x:1/"];
        assert_eq!(
            command_line(&words.map(String::from)),
            r"loadgen --header 'A: it'\''s' '' --host=http://x:1/"
        );
    }

    #[test]
    fn a_start_that_is_no_instant_stays_as_it_is() {
        assert_eq!(started("2026-11-24T23:05:07.5+01:00"), "24 November 2026, 22:05:07 UTC");
        assert_eq!(started("yesterday"), "yesterday");
    }
}
