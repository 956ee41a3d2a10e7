//! What a run gave, for a program to look at: every metric by its type, the summary for all else.

mod assemble;
pub(crate) mod check_tree;
mod phases;
mod requests;
mod scopes;
mod verdict;
mod warnings;

pub use verdict::RunError;

use std::fmt;

use bytes::Bytes;

use crate::{
    engine::Outcome,
    metrics::{self, MetricId, Sink, builtin},
    options::Options,
    plan::Plan,
    profile::Taken,
    summary::{Summary, TextOptions, profile, text},
    target::Target,
    thresholds::ThresholdResult,
};

/// The result of a load test. `Display` is the text summary.
#[derive(Debug, Clone)]
#[must_use = "a load test that failed is no error: ask `assert_passed` or `passed`"]
pub struct Report {
    outcome: Outcome,
    summary: Summary,
    profile: Option<Bytes>,
}

/// A sum.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CounterValue {
    /// The sum.
    pub count: f64,
    /// The sum for each second of the run.
    pub rate: f64,
}

/// A share.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RateValue {
    /// Samples that held; for `http_req_failed`, requests that failed.
    pub passes: u64,
    /// Samples that did not.
    pub fails: u64,
    /// Share of samples that held, 0 to 1; 0 without samples.
    pub rate: f64,
}

/// A last value with its extremes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct GaugeValue {
    /// The last value.
    pub value: f64,
    /// The smallest.
    pub min: f64,
    /// The largest.
    pub max: f64,
}

/// What is known of a run besides what it gave.
#[derive(Debug, Clone)]
pub(crate) struct Reporter {
    pub plan: Plan,
    pub target: Target,
    pub options: Options,
    /// The command line, program name first; empty for a run made from Rust.
    pub command: Vec<String>,
    pub warnings: Vec<String>,
    /// When it began, or will.
    pub started: jiff::Timestamp,
}

impl Reporter {
    /// The report of a run that gave this.
    pub(crate) fn report(&self, outcome: Outcome) -> Report {
        Report { summary: self.summary(&outcome), outcome, profile: None }
    }

    /// Its summary alone.
    pub(crate) fn summary(&self, outcome: &Outcome) -> Summary {
        assemble::summary(outcome, self)
    }
}

impl Report {
    /// The summary, which can be shown in every format.
    pub fn summary(&self) -> &Summary {
        &self.summary
    }

    pub(crate) fn into_summary(self) -> Summary {
        self.summary
    }

    /// The CPU profile of the target in pprof's format, not packed, if one was
    /// [asked for](crate::LoadTest::profile_target) and came. The summary has the gist of it.
    pub fn profile(&self) -> Option<&Bytes> {
        self.profile.as_ref()
    }

    /// The same with what was taken of the target meanwhile.
    pub(crate) fn with_profile(mut self, taken: Option<Taken>) -> Self {
        if let (Some(Taken { mut profile, message }), Some(extras)) =
            (taken, &mut self.summary.loadgen)
        {
            let setup = self.outcome.setup_took.as_secs_f64();
            (profile.start, profile.end) = (profile.start + setup, profile.end + setup);
            extras.profile = Some(profile);
            self.profile = Some(message);
        }
        self
    }

    fn sink(&self, id: MetricId) -> Option<&Sink> {
        self.outcome.total.metric(id)
    }

    fn named(&self, name: &str) -> Option<&Sink> {
        self.sink(self.outcome.registry.find(name)?)
    }

    fn counter_of(&self, sink: Option<&Sink>) -> Option<CounterValue> {
        let &Sink::Counter { sum, .. } = sink? else { return None };
        Some(CounterValue {
            count: sum,
            rate: assemble::rate(sink?, self.outcome.measured.as_secs_f64()),
        })
    }

    /// A counter, by name; `None` if no such counter has a sample.
    pub fn counter(&self, name: &str) -> Option<CounterValue> {
        self.counter_of(self.named(name))
    }

    /// A rate, by name; `None` if no such rate has a sample.
    pub fn rate(&self, name: &str) -> Option<RateValue> {
        rate_of(self.named(name))
    }

    /// A gauge, by name; `None` if no such gauge has a sample.
    pub fn gauge(&self, name: &str) -> Option<GaugeValue> {
        let Some(&Sink::Gauge { last, min, max, .. }) = self.named(name) else { return None };
        Some(GaugeValue { value: last, min, max })
    }

    /// A trend, by name; `None` if no such trend has a sample. Times are milliseconds.
    pub fn trend(&self, name: &str) -> Option<&metrics::Trend> {
        match self.named(name) {
            Some(Sink::Trend(trend)) => Some(trend),
            _ => None,
        }
    }

    /// Requests.
    pub fn http_reqs(&self) -> CounterValue {
        self.counter_of(self.sink(builtin::HTTP_REQS)).unwrap_or_default()
    }

    /// Requests that failed: `passes` is their number.
    pub fn http_req_failed(&self) -> RateValue {
        rate_of(self.sink(builtin::HTTP_REQ_FAILED)).unwrap_or_default()
    }

    /// How long requests took, in milliseconds; `None` if there were none.
    pub fn http_req_duration(&self) -> Option<&metrics::Trend> {
        self.trend("http_req_duration")
    }

    /// Iterations that ran to their end.
    pub fn iterations(&self) -> CounterValue {
        self.counter_of(self.sink(builtin::ITERATIONS)).unwrap_or_default()
    }

    /// Checks: `fails` is the number of those that did not hold.
    pub fn checks(&self) -> RateValue {
        rate_of(self.sink(builtin::CHECKS)).unwrap_or_default()
    }

    /// Bytes received, as the socket counts them.
    pub fn data_received(&self) -> CounterValue {
        self.counter_of(self.sink(builtin::DATA_RECEIVED)).unwrap_or_default()
    }

    /// Bytes sent, as the socket counts them.
    pub fn data_sent(&self) -> CounterValue {
        self.counter_of(self.sink(builtin::DATA_SENT)).unwrap_or_default()
    }

    /// What a reader of the numbers must know.
    pub fn warnings(&self) -> &[String] {
        self.summary.loadgen.as_ref().map_or(&[], |extras| &extras.warnings)
    }

    /// Thresholds with the values that decided, in the order in which they were given.
    pub fn thresholds(&self) -> &[ThresholdResult] {
        self.summary.loadgen.as_ref().map_or(&[], |extras| &extras.thresholds)
    }

    /// What k6 would end with an exit code for: the run was cut short, setup or teardown failed, the
    /// test marked itself as failed, thresholds were crossed.
    pub fn error(&self) -> Option<RunError> {
        RunError::of(&self.outcome)
    }

    /// Why the test did not pass; empty if it did: an [`error`](Self::error), requests or
    /// checks that failed, iterations that failed, were cut off or never started, a run in which no
    /// iteration ran to its end.
    ///
    /// A threshold on `http_req_failed`, `checks` or `dropped_iterations` says how many there may
    /// be, and decides alone.
    #[must_use]
    pub fn failures(&self) -> Vec<String> {
        let outcome = &self.outcome;
        let mut failures = Vec::new();
        let mut fail = |number: u64, what: &str| {
            if number > 0 {
                failures.push(format!("{number} {what}"));
            }
        };
        if !self.is_judged("http_req_failed") {
            fail(self.http_req_failed().passes, "requests failed");
        }
        if !self.is_judged("checks") {
            fail(self.checks().fails, "checks failed");
        }
        fail(outcome.failed, "iterations returned an error or panicked");
        fail(outcome.interrupted, "iterations were cut off");
        if !self.is_judged("dropped_iterations") {
            fail(outcome.dropped + outcome.unserved, "iterations were never started");
        }
        if outcome.complete == 0 {
            failures.push("no iteration ran to its end".into());
        }
        failures.extend(self.error().map(|error| error.to_string()));
        failures
    }

    /// Whether there are thresholds on a metric.
    fn is_judged(&self, metric: &str) -> bool {
        self.thresholds().iter().any(|result| result.metric == metric)
    }

    /// Whether the test passed; see [`failures`](Self::failures).
    #[must_use]
    pub fn passed(&self) -> bool {
        self.failures().is_empty()
    }

    /// Panics if the test did not pass, with the reasons and the summary.
    ///
    /// # Panics
    ///
    /// If [`passed`](Self::passed) is false.
    #[track_caller]
    pub fn assert_passed(&self) {
        let failures = self.failures();
        assert!(failures.is_empty(), "the load test failed: {}\n\n{self}", failures.join(", "));
    }
}

fn rate_of(sink: Option<&Sink>) -> Option<RateValue> {
    let Some(&Sink::Rate { trues, total }) = sink else { return None };
    // It does not depend on time.
    let rate = assemble::rate(sink?, 0.0);
    Some(RateValue { passes: trues, fails: total - trues, rate })
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&text(&self.summary, &TextOptions::default()))?;
        if let Some(hottest) = profile::hottest(&self.summary) {
            write!(f, "\n{hottest}")?;
        }
        self.warnings().iter().try_for_each(|warning| write!(f, "\nwarning: {warning}"))
    }
}
