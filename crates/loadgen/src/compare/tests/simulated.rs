//! Runs that never were: seconds with noise that depends on the seconds before, as real ones have.

use std::sync::LazyLock;

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};

use crate::{
    compare::Subject,
    summary::{
        Summary, fixture,
        model::{Row, RowDuration},
    },
};

/// What a server is like.
#[derive(Clone, Copy)]
pub(crate) struct Server {
    /// Its speed; 1 answers 4,000 requests a second.
    pub(crate) speed: f64,
    /// Part of the requests that fail.
    pub(crate) failures: f64,
    /// Relative standard deviation of its seconds.
    pub(crate) noise: f64,
    /// How much of a second's noise comes from the second before, 0 to 1.
    pub(crate) memory: f64,
    /// Relative standard deviation of whole runs.
    pub(crate) between_runs: f64,
}

pub(crate) const STEADY: Server =
    Server { speed: 1.0, failures: 0.002, noise: 0.03, memory: 0.5, between_runs: 0.0 };

/// The same numbers on every machine.
pub(crate) struct Chance(Xoshiro256PlusPlus);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(Xoshiro256PlusPlus::seed_from_u64(seed))
    }

    fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    pub(crate) fn normal(&mut self) -> f64 {
        (-2.0 * self.uniform().ln()).sqrt() * (std::f64::consts::TAU * self.uniform()).cos()
    }

    /// Values around zero with variance 1, each correlated with the one before.
    pub(crate) fn series(&mut self, count: usize, memory: f64) -> Vec<f64> {
        let mut value = self.normal();
        let mut next = || {
            value = memory * value + (1.0 - memory * memory).sqrt() * self.normal();
            value
        };
        (0..count).map(|_| next()).collect()
    }
}

/// Several runs of a server.
pub(crate) fn subject(
    name: &str,
    server: Server,
    runs: usize,
    seconds: usize,
    chance: &mut Chance,
) -> Subject {
    let runs = (0..runs).map(|_| run(server, seconds, chance)).collect();
    Subject { name: name.into(), runs }
}

/// One run of whole seconds and a rest.
pub(crate) fn run(server: Server, seconds: usize, chance: &mut Chance) -> Summary {
    let this_run = (server.between_runs * chance.normal()).exp();
    let common = chance.series(seconds, server.memory);
    let rows: Vec<Row> = common
        .iter()
        .enumerate()
        .map(|(i, noise)| {
            let speed = server.speed * this_run * (server.noise * noise).exp();
            second(i, speed, server, seconds, chance)
        })
        .collect();
    summary(rows)
}

fn second(i: usize, speed: f64, server: Server, seconds: usize, chance: &mut Chance) -> Row {
    // Latency follows from speed, and tails have a noise of their own.
    let mut latency = |ms: f64, noise: f64| ms / speed * (noise * chance.normal()).exp();
    let duration = RowDuration {
        avg: latency(2.0, 0.01),
        p50: latency(1.5, 0.01),
        p90: latency(4.0, 0.02),
        p95: latency(6.0, 0.03),
        p99: latency(12.0, 0.06),
        max: latency(40.0, 0.5),
    };
    let requests = (4000.0 * speed).round();
    let failed = requests * server.failures;
    let failed = (failed + failed.sqrt() * chance.normal()).max(0.0).round();
    let is_last = i + 1 == seconds;
    let length = if is_last { 1.02 } else { 1.0 };
    Row {
        at: i as f64 + length,
        seconds: length,
        vus: 10,
        iterations: (requests / 40.0) as u64,
        http_reqs: requests as u64,
        http_req_failed: failed as u64,
        data_sent: 100 * requests as u64,
        data_received: 50_000 * requests as u64,
        duration: Some(duration),
        ..Row::default()
    }
}

/// What all runs have in common.
static EMPTY: LazyLock<Summary> = LazyLock::new(|| {
    let mut summary = fixture::summary();
    summary.metrics.retain(|name, _| {
        [
            "http_reqs",
            "http_req_failed",
            "http_req_duration",
            "iterations",
            "data_received",
            "checks",
        ]
        .contains(&name.as_str())
    });
    summary
});

/// The totals of seconds. Percentiles of the whole are means here: nobody stored the requests.
pub(crate) fn summary(rows: Vec<Row>) -> Summary {
    let time = rows.last().map_or(0.0, |row| row.at);
    let total = |count: fn(&Row) -> u64| rows.iter().map(count).sum::<u64>() as f64;
    let (requests, failed) = (total(|row| row.http_reqs), total(|row| row.http_req_failed));
    let mean = |value: fn(&RowDuration) -> f64| {
        let values: Vec<f64> =
            rows.iter().filter_map(|row| row.duration.as_ref()).map(value).collect();
        values.iter().sum::<f64>() / values.len() as f64
    };
    let mut summary = EMPTY.clone();
    summary.state.test_run_duration_ms = time * 1000.0;
    let mut set = |metric: &str, values: &[(&str, f64)]| {
        let metric = summary.metrics.get_mut(metric).expect("the fixture has it");
        metric.values = values.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
        metric.thresholds = None;
    };
    set("http_reqs", &[("count", requests), ("rate", requests / time)]);
    let iterations = total(|row| row.iterations);
    set("iterations", &[("count", iterations), ("rate", iterations / time)]);
    let received = total(|row| row.data_received);
    set("data_received", &[("count", received), ("rate", received / time)]);
    let share = failed / requests;
    set("http_req_failed", &[("rate", share), ("passes", failed), ("fails", requests - failed)]);
    set("checks", &[("rate", 1.0 - share), ("passes", requests - failed), ("fails", failed)]);
    set(
        "http_req_duration",
        &[
            ("avg", mean(|d| d.avg)),
            ("med", mean(|d| d.p50)),
            ("p(90)", mean(|d| d.p90)),
            ("p(95)", mean(|d| d.p95)),
            ("p(99)", mean(|d| d.p99)),
            ("max", rows.iter().filter_map(|row| Some(row.duration?.max)).fold(0.0, f64::max)),
        ],
    );
    let extras = summary.loadgen.as_mut().expect("the fixture has it");
    extras.rows = rows;
    summary
}
