use std::{sync::Arc, time::Duration};

use proptest::prelude::*;

use super::map;
use crate::{
    metrics::{Contains, MetricId, MetricKind, Recorder, Registry, TagSet, Tally},
    options::thresholds::{ThresholdMap, ThresholdOptions},
    thresholds::{Evaluation, Evaluator, Thresholds},
};

const KINDS: [(&str, MetricKind); 4] = [
    ("my_counter", MetricKind::Counter),
    ("my_gauge", MetricKind::Gauge),
    ("my_rate", MetricKind::Rate),
    ("my_trend", MetricKind::Trend),
];

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

/// A run whose samples are given by hand.
struct Run {
    recorder: Recorder,
    evaluator: Evaluator,
    total: Tally,
    elapsed: Duration,
}

impl Run {
    fn new(thresholds: &ThresholdMap) -> Self {
        let mut registry = Registry::default();
        for (name, kind) in KINDS {
            registry.declare(name, kind, Contains::Default).expect("a good name");
        }
        let thresholds = Thresholds::new(thresholds, &mut registry).expect("good thresholds");
        Self {
            recorder: Recorder::new(Arc::new(registry)),
            evaluator: thresholds.into_evaluator(),
            total: Tally::default(),
            elapsed: Duration::ZERO,
        }
    }

    fn id(&self, metric: &str) -> MetricId {
        self.recorder.registry().find(metric).expect("a metric")
    }

    fn add(&mut self, metric: &str, value: f64, tags: &[(&str, &str)]) {
        let (id, route) =
            (self.id(metric), self.recorder.route(&TagSet::new(tags.iter().copied())));
        self.recorder.add(id, value, route);
    }

    /// Lets a second pass.
    fn tick(&mut self) {
        self.end_interval(seconds(1));
    }

    fn end_interval(&mut self, length: Duration) {
        let gathered = [self.recorder.take()];
        self.evaluator.observe(&gathered, length);
        self.total.add(&gathered[0]);
        self.elapsed += length;
    }

    fn evaluate(&mut self, is_final: bool) -> Evaluation {
        self.evaluator.evaluate(&self.total, self.elapsed, (!is_final).then_some(self.elapsed))
    }

    /// Observed values and verdicts.
    fn shown(&self) -> String {
        let results = self.evaluator.results();
        let lines = results.iter().map(|result| {
            let observed = result.observed.map_or("nothing".into(), |value| value.to_string());
            format!("{} {}: {observed}, {}\n", result.metric, result.threshold, result.ok)
        });
        lines.collect()
    }
}

/// Trap 20: what no samples mean.
#[test]
fn empty_metrics_are_passed_over_until_the_end_and_are_zero_then() {
    let mut run = Run::new(&map(&[
        ("my_counter", &["count>0", "rate>0", "count<1"]),
        ("my_gauge", &["value>1"]),
        ("my_rate", &["rate>0.9"]),
        ("my_trend", &["avg>5", "p(95)<500"]),
        ("my_trend{a:b}", &["max>1"]),
    ]));
    run.tick();
    assert!(run.evaluate(false).passed());
    assert!(run.evaluator.tainted().is_empty());

    let last = run.evaluate(true);
    assert_eq!(last.crossed, ["my_counter", "my_gauge", "my_trend", "my_trend{a:b}"]);
    insta::assert_snapshot!(run.shown(), @r"
    my_counter count>0: 0, false
    my_counter rate>0: 0, false
    my_counter count<1: 0, true
    my_gauge value>1: 0, false
    my_rate rate>0.9: nothing, true
    my_trend avg>5: 0, false
    my_trend p(95)<500: 0, true
    my_trend{a:b} max>1: 0, false
    ");
    insta::assert_snapshot!(crate::thresholds::failure_message(&last.crossed), @"thresholds on metrics 'my_counter, my_gauge, my_trend, my_trend{a:b}' have been crossed");
    let tainted: Vec<_> = run.evaluator.tainted();
    assert_eq!(tainted.len(), 5);
    assert_eq!(tainted[2], ("my_rate".to_owned(), false));
}

#[test]
fn a_counters_rate_is_unknown_when_no_time_has_passed() {
    let mut run = Run::new(&map(&[("my_counter", &["rate>1000"])]));
    run.add("my_counter", 1.0, &[]);
    run.total.add(&run.recorder.take());
    assert!(run.evaluate(true).passed());
    run.tick();
    assert!(!run.evaluate(true).passed());
}

#[test]
fn submetrics_see_their_own_samples_only() {
    let mut run = Run::new(&map(&[
        ("my_trend", &["max<=9"]),
        ("my_trend{kind:slow,place:here}", &["min>=5", "max<9"]),
        ("my_rate{kind:slow}", &["rate==1"]),
    ]));
    run.add("my_trend", 1.0, &[("kind", "slow")]);
    run.add("my_trend", 9.0, &[("kind", "slow"), ("place", "here"), ("more", "")]);
    run.add("my_rate", 0.0, &[("kind", "fast")]);
    run.add("my_rate", 1.0, &[("kind", "slow")]);
    run.tick();
    assert_eq!(run.evaluate(false).crossed, ["my_trend{kind:slow,place:here}"]);
    insta::assert_snapshot!(run.shown(), @r"
    my_trend max<=9: 9, true
    my_trend{kind:slow,place:here} min>=5: 9, true
    my_trend{kind:slow,place:here} max<9: 9, false
    my_rate{kind:slow} rate==1: 1, true
    ");
}

#[test]
fn a_test_ends_when_the_delay_is_over_and_not_at_its_end() {
    let ending = |delay| ThresholdOptions {
        abort_on_fail: true,
        delay_abort_eval: delay,
        ..ThresholdOptions::new("count<2")
    };
    let run = |options, ticks: u64| {
        let mut run = Run::new(&ThresholdMap::from([
            ("my_counter".to_owned(), vec![options]),
            ("my_rate".to_owned(), vec![ThresholdOptions::new("rate<0.5")]),
        ]));
        run.add("my_counter", 2.0, &[]);
        run.add("my_rate", 1.0, &[]);
        (0..ticks).for_each(|_| run.tick());
        run
    };
    assert!(run(ending(None), 2).evaluate(false).abort);
    assert!(!run(ThresholdOptions::new("count<2"), 2).evaluate(false).abort);
    // The delay must be over, not just be reached.
    assert!(!run(ending(Some(seconds(2))), 2).evaluate(false).abort);
    assert!(run(ending(Some(seconds(2))), 3).evaluate(false).abort);
    assert!(!run(ending(None), 2).evaluate(true).abort);

    let evaluation = run(ending(None), 2).evaluate(false);
    insta::assert_snapshot!(evaluation.abort_message(), @"thresholds on metrics 'my_counter, my_rate' were crossed; at least one has abortOnFail enabled, stopping test prematurely");
}

#[test]
fn a_verdict_may_change_from_one_evaluation_to_the_next() {
    let mut run = Run::new(&map(&[("my_rate", &["rate<0.5"])]));
    run.add("my_rate", 1.0, &[]);
    run.tick();
    assert!(!run.evaluate(false).passed());
    (0..9).for_each(|_| run.add("my_rate", 0.0, &[]));
    run.tick();
    assert!(run.evaluate(false).passed());
    assert!(run.evaluator.results()[0].ok);
}

#[test]
fn a_window_forgets_what_lies_before_it() {
    let mut run = Run::new(&map(&[
        ("my_trend", &["max<100 last 3s", "max<100"]),
        ("my_counter", &["rate>=5 last 2s", "count<20 last 2s"]),
        ("my_rate", &["rate<0.5 last 2s"]),
    ]));
    run.add("my_trend", 500.0, &[]);
    run.add("my_counter", 20.0, &[]);
    run.add("my_rate", 1.0, &[]);
    run.tick();
    assert_eq!(run.evaluate(false).crossed, ["my_counter", "my_rate", "my_trend"]);
    for _ in 0..3 {
        run.add("my_trend", 5.0, &[]);
        run.tick();
    }
    // Nothing came in the last two seconds, which is too little for the rate of the counter.
    assert_eq!(run.evaluate(false).crossed, ["my_counter", "my_trend"]);
    insta::assert_snapshot!(run.shown(), @r"
    my_trend max<100 last 3s: 5, true
    my_trend max<100: 500, false
    my_counter rate>=5 last 2s: 0, false
    my_counter count<20 last 2s: 0, true
    my_rate rate<0.5 last 2s: nothing, true
    ");
}

#[test]
fn the_last_interval_may_be_shorter() {
    let mut run = Run::new(&map(&[("my_counter", &["rate>=9.9 last 2s"])]));
    for _ in 0..3 {
        run.add("my_counter", 10.0, &[]);
        run.tick();
    }
    run.add("my_counter", 5.0, &[]);
    run.end_interval(Duration::from_millis(500));
    assert!(run.evaluate(true).passed(), "{}", run.shown());
    // Two seconds need three intervals: 25 in 2.5 s.
    assert_eq!(run.evaluator.results()[0].observed, Some(10.0));
}

/// What happens in a second: samples of the four kinds of metric.
type Second = Vec<(usize, f64)>;

/// A statistic of plain values, as k6 defines it.
fn naive(statistic: &str, values: &[f64], seconds: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let percentile = |p: f64| {
        let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
        let index = p * last as f64;
        let (below, above) = (sorted[index.floor() as usize], sorted[index.ceil() as usize]);
        below + (above - below) * index.fract()
    };
    let sum: f64 = values.iter().sum();
    Some(match statistic {
        "count" => sum,
        "per second" => sum / seconds,
        "value" => values.last().copied().unwrap_or(0.0),
        "share" if values.is_empty() => return None,
        "share" => {
            values.iter().filter(|value| **value != 0.0).count() as f64 / values.len() as f64
        }
        "avg" if values.is_empty() => 0.0,
        "avg" => sum / values.len() as f64,
        "min" => percentile(0.0),
        "max" => percentile(1.0),
        "med" => percentile(0.5),
        "p(90)" => percentile(0.9),
        other => panic!("{other}"),
    })
}

/// Statistics by kind, as they are written and as [`naive`] knows them.
const STATISTICS: [(usize, &str, &str); 9] = [
    (0, "count", "count"),
    (0, "rate", "per second"),
    (1, "value", "value"),
    (2, "rate", "share"),
    (3, "avg", "avg"),
    (3, "min", "min"),
    (3, "max", "max"),
    (3, "med", "med"),
    (3, "p(90)", "p(90)"),
];

proptest! {
    #[test]
    fn agrees_with_a_naive_model(
        run in prop::collection::vec(
            prop::collection::vec((0..4_usize, (-40..40_i32).prop_map(f64::from)), 0..6), 1..12
        ),
        (kind, written, known) in prop::sample::select(STATISTICS.to_vec()),
        window in prop::option::of(1..6_usize),
        bound in (-50..50_i32).prop_map(|bound| f64::from(bound) + 0.3),
    ) {
        let window = window.filter(|_| kind != 1);
        let suffix = window.map_or(String::new(), |window| format!(" last {window}s"));
        let text = format!("{written}<{bound}{suffix}");
        let mut real = Run::new(&map(&[(KINDS[kind].0, &[text.as_str()])]));
        let of_kind = |second: &Second| -> Vec<f64> {
            second.iter().filter(|(of, _)| *of == kind).map(|(_, value)| *value).collect()
        };
        for (at, second) in run.iter().enumerate() {
            for (kind, value) in second {
                real.add(KINDS[*kind].0, *value, &[]);
            }
            real.tick();
            let is_final = at + 1 == run.len();
            let evaluation = real.evaluate(is_final);

            let so_far: Vec<_> = run[..=at].iter().map(of_kind).collect();
            let seen = &so_far[window.map_or(0, |window| so_far.len().saturating_sub(window))..];
            let value = naive(known, &seen.concat(), seen.len() as f64);
            let passed_over = !is_final && so_far.concat().is_empty();
            let holds = passed_over || value.is_none_or(|value| value < bound);
            prop_assert_eq!(evaluation.passed(), holds, "{} at {}: {:?}", text, at, value);
            let observed = real.evaluator.results()[0].observed;
            match (observed, value) {
                _ if passed_over => prop_assert_eq!(observed, None),
                (Some(observed), Some(value)) => {
                    prop_assert!((observed - value).abs() <= 0.001 * 80.0, "{observed} {value}");
                }
                (observed, value) => prop_assert_eq!(observed, value),
            }
        }
    }
}
