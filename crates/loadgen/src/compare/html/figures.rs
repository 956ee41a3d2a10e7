//! The subjects' runs over each other: a curve for each subject.

use hdrhistogram::Histogram;

use crate::{
    compare::{Measure, Subject},
    metrics::TICKS_PER_UNIT,
    summary::{
        chart::{Axis, Chart, Format, Frame, Mark, Scale, Series, Svg},
        html::units,
        model::{Extras, Row as Second},
        stats::decode,
    },
};

/// A chart with its heading and key.
pub(super) struct Figure<'a> {
    pub(super) title: &'static str,
    pub(super) unit: &'static str,
    /// Whether it shares its horizontal axis with the others over time.
    pub(super) over_time: bool,
    pub(super) keys: Vec<Key<'a>>,
    pub(super) svg: Svg,
}

/// Whose curve it is.
pub(super) struct Key<'a> {
    pub(super) name: &'a str,
    pub(super) class: &'static str,
}

/// Colours, and the same dashed, one for each subject; after that they begin again.
const CLASSES: [&str; 12] = [
    "c0", "c1", "c2", "c3", "c4", "c5", "c0 dash", "c1 dash", "c2 dash", "c3 dash", "c4 dash",
    "c5 dash",
];

/// Those that there is data for.
pub(super) fn figures(subjects: &[Subject]) -> Vec<Figure<'_>> {
    let per_second = |axis: fn(&[Series]) -> Axis, id, title, unit, metric, statistic| {
        over_time(subjects, id, title, unit, axis, &Measure::new(metric, statistic))
    };
    let latency = |id, title, statistic| {
        per_second(latencies, id, title, "log scale", "http_req_duration", statistic)
    };
    let failed =
        per_second(shares, "failed", "Failed requests", "share", "http_req_failed", "rate");
    [
        per_second(rates, "requests", "Requests", "per second", "http_reqs", "rate"),
        failed.filter(|_| has_failures(subjects)),
        latency("median", "Median latency", "med"),
        latency("p95", "95th percentile of latency", "p(95)"),
        latency("p99", "99th percentile of latency", "p(99)"),
        percentiles(subjects),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn has_failures(subjects: &[Subject]) -> bool {
    let mut seconds = subjects.iter().flat_map(runs).flat_map(|run| &run.rows);
    seconds.any(|second| second.http_req_failed > 0)
}

fn runs(subject: &Subject) -> impl Iterator<Item = &Extras> {
    subject.runs.iter().filter_map(|run| run.loadgen.as_ref())
}

/// A measure second by second; `None` if no run has seconds.
fn over_time<'a>(
    subjects: &'a [Subject],
    id: &'static str,
    title: &'static str,
    unit: &'static str,
    axis: fn(&[Series]) -> Axis,
    measure: &Measure,
) -> Option<Figure<'a>> {
    let value = measure.judged()?.of_second?;
    let ends = subjects.iter().flat_map(runs).flat_map(|run| &run.rows).map(|second| second.at);
    let mut xs: Vec<f64> = ends.collect();
    xs.sort_by(f64::total_cmp);
    // Runs end at slightly different times, and rows are seconds: what is nearer is the same instant.
    xs.dedup_by(|later, earlier| *later - *earlier < 0.5);
    let end = *xs.last()?;
    let curves = subjects.iter().map(|subject| mean_course(subject, &xs, value)).collect();
    let x = Axis::time(end, units::clock);
    Some(figure(subjects, curves, (id, title, unit, true), (x, axis), &xs))
}

/// The mean of a subject's runs at each instant, of those that ran then.
fn mean_course(
    subject: &Subject,
    xs: &[f64],
    value: fn(&Second) -> Option<f64>,
) -> Vec<Option<f64>> {
    let courses: Vec<_> = runs(subject).map(|run| course(run, xs, value)).collect();
    let mean = |at: usize| {
        let values: Vec<f64> = courses.iter().filter_map(|course| course[at]).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    (0..xs.len()).map(mean).collect()
}

/// The value of the interval that each instant lies in.
fn course(run: &Extras, xs: &[f64], value: fn(&Second) -> Option<f64>) -> Vec<Option<f64>> {
    let mut seconds = run.rows.iter().peekable();
    let mut at = |x: &f64| {
        while seconds.next_if(|second| second.at < *x).is_some() {}
        let second = seconds.peek().filter(|second| second.at - second.seconds < *x)?;
        value(second)
    };
    xs.iter().map(&mut at).collect()
}

/// How many points there are from one nine to the next.
const POINTS_PER_NINE: i32 = 20;

/// Latency by percentile; each further nine takes as much room as the one before. `None` if no run
/// has a histogram.
fn percentiles(subjects: &[Subject]) -> Option<Figure<'_>> {
    let histograms: Vec<_> = subjects.iter().map(latency).collect();
    let most = histograms.iter().flatten().map(Histogram::len).max()?;
    // The horizontal position is `1 / (1 - quantile)`: 1 in 10, 1 in 100, …
    let last = (most as f64).clamp(10.0, 10_000.0);
    let steps = (last.log10() * f64::from(POINTS_PER_NINE)).floor() as i32;
    let xs: Vec<f64> =
        (0..=steps).map(|i| 10_f64.powf(f64::from(i) / f64::from(POINTS_PER_NINE))).collect();
    let curve = |histogram: &Option<Histogram<u64>>| {
        let at = |x: &f64| {
            // So few requests do not tell so rare a latency.
            let histogram = histogram.as_ref().filter(|histogram| *x <= histogram.len() as f64)?;
            Some(histogram.value_at_quantile(1.0 - 1.0 / x) as f64 / TICKS_PER_UNIT)
        };
        xs.iter().map(at).collect()
    };
    let curves = histograms.iter().map(curve).collect();
    let ticks = [2.0, 10.0, 100.0, 1000.0, 10_000.0];
    let ticks = ticks.into_iter().filter(|x| *x <= last).map(|x| (x, percentile(x))).collect();
    let x = Axis { scale: Scale::Log { min: 1.0, max: last }, ticks, format: percentile };
    let about = ("percentiles", "Latency by percentile", "whole runs, log scale", false);
    Some(figure(subjects, curves, about, (x, latencies), &xs))
}

/// The latencies of all runs together.
fn latency(subject: &Subject) -> Option<Histogram<u64>> {
    let stored = runs(subject).filter_map(|run| run.histograms.get("http_req_duration"));
    let histograms = stored.filter_map(|text| decode(text).ok());
    histograms
        .reduce(|mut sum, histogram| {
            // One that grows by itself takes all values.
            sum.auto(true);
            let _ = sum.add(histogram);
            sum
        })
        .filter(|histogram| !histogram.is_empty())
}

/// `99.9%` of 1000.
fn percentile(x: f64) -> String {
    let percent = (100.0 - 100.0 / x) * 1000.0;
    format!("{}%", percent.round() / 1000.0)
}

fn figure<'a>(
    subjects: &'a [Subject],
    curves: Vec<Vec<Option<f64>>>,
    (id, title, unit, over_time): (&'static str, &'static str, &'static str, bool),
    (x, y): (Axis, fn(&[Series]) -> Axis),
    xs: &[f64],
) -> Figure<'a> {
    let classes = CLASSES.into_iter().cycle();
    let keys: Vec<Key> = subjects
        .iter()
        .zip(classes.clone())
        .map(|(subject, class)| Key { name: &subject.name, class })
        .collect();
    let series: Vec<Series> = curves
        .into_iter()
        .zip(classes)
        // The key beside the chart has the name.
        .map(|(values, class)| Series { name: "", class, mark: Mark::Line, right: false, values })
        .collect();
    let y = y(&series);
    let description = describe(&keys, &series, y.format);
    let frame = Frame { id, title, description: &description, x, y, y2: None, bands: &[] };
    let chart = Chart { frame, xs, series: &series, markers: &[] };
    Figure { title, unit, over_time, keys, svg: chart.svg() }
}

/// The range of each curve in words.
fn describe(keys: &[Key<'_>], series: &[Series], format: Format) -> String {
    let range = |(key, series): (&Key<'_>, &Series)| {
        let values = || series.values.iter().copied().flatten();
        let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        Some(format!("{} from {} to {}", key.name, format(low), format(high)))
    };
    keys.iter().zip(series).filter_map(range).collect::<Vec<_>>().join("; ")
}

fn rates(series: &[Series]) -> Axis {
    Axis::linear(highest(series), units::round)
}

fn shares(series: &[Series]) -> Axis {
    Axis::linear(highest(series), units::percent)
}

fn latencies(series: &[Series]) -> Axis {
    Axis::log(values(series), units::duration)
}

fn highest(series: &[Series]) -> f64 {
    values(series).fold(0.0, f64::max)
}

fn values(series: &[Series]) -> impl Iterator<Item = f64> {
    series.iter().flat_map(|series| &series.values).filter_map(|value| *value)
}
