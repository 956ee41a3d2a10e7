//! How latency was distributed over the whole run.

use super::{Figure, finite, highest, keys, series};
use crate::summary::{
    chart::{Axis, Chart, Frame, Mark, Scale},
    html::{statistics::Statistics, units},
};

/// What is distributed.
const METRIC: &str = "http_req_duration";

/// Bars that are equally wide on a logarithmic axis.
const BARS: usize = 60;

/// How many requests took how long; `None` if that is not known.
pub(super) fn histogram(statistics: &Statistics<'_>) -> Option<Figure> {
    let histogram = statistics.histogram(METRIC)?;
    let (min, max) = (milliseconds(histogram.min().max(1)), milliseconds(histogram.max().max(2)));
    let x = Axis::log([min, max].into_iter(), units::duration);
    let (Scale::Log { min: low, max: high } | Scale::Linear { min: low, max: high }) = x.scale;
    let edge = |i: usize| low * (high / low).powf(i as f64 / BARS as f64);
    let xs: Vec<f64> = (0..=BARS).map(edge).collect();
    let mut counts = vec![0_u64; BARS];
    for step in histogram.iter_recorded() {
        let place = x.scale.place(milliseconds(step.value_iterated_to()));
        counts[((place * BARS as f64) as usize).min(BARS - 1)] += step.count_at_value();
    }

    let bars = counts.into_iter().map(|count| Some(count as f64)).collect();
    let series = [series("requests", "s-main", Mark::Bars, bars)];
    let markers: Vec<_> = landmarks(statistics).collect();
    let description = told(statistics);
    let title = "Latency distribution";
    let frame = Frame {
        id: "distribution",
        title,
        description: &description,
        y: Axis::whole(highest(&series), units::round),
        x,
        y2: None,
        bands: &[],
    };
    let chart = Chart { frame, xs: &xs, series: &series, markers: &markers };
    Some(Figure {
        id: "distribution",
        title,
        keys: keys(&series),
        unit: "requests by latency, log scale",
        over_time: false,
        two_sided: false,
        banded: false,
        note: String::new(),
        svg: chart.svg(),
    })
}

/// How many points there are from one nine to the next.
const POINTS_PER_NINE: i32 = 20;

/// Latency by percentile. Each further nine takes as much room as the one before, up to 99.99 %,
/// but not beyond what so many requests can tell.
pub(super) fn percentiles(statistics: &Statistics<'_>) -> Option<Figure> {
    let histogram = statistics.histogram(METRIC)?;
    // The horizontal position is `1 / (1 - quantile)`: 1 in 10, 1 in 100, …
    let last = (histogram.len() as f64).clamp(10.0, 10_000.0);
    let steps = (last.log10() * f64::from(POINTS_PER_NINE)).floor() as i32;
    let xs: Vec<f64> =
        (0..=steps).map(|i| 10_f64.powf(f64::from(i) / f64::from(POINTS_PER_NINE))).collect();
    let at = |x: &f64| statistics.get(METRIC, &format!("p({})", 100.0 - 100.0 / x));
    let series = [series("latency", "s-main", Mark::Line, xs.iter().map(at).collect())];
    let ticks = [2.0, 10.0, 100.0, 1000.0, 10_000.0];
    let ticks = ticks.into_iter().filter(|x| *x <= last).map(|x| (x, percentile(x))).collect();
    let description = told(statistics);
    let title = "Latency by percentile";
    let frame = Frame {
        id: "percentiles",
        title,
        description: &description,
        x: Axis { scale: Scale::Log { min: 1.0, max: last }, ticks, format: percentile },
        y: Axis::log(finite(&series), units::duration),
        y2: None,
        bands: &[],
    };
    let chart = Chart { frame, xs: &xs, series: &series, markers: &[] };
    Some(Figure {
        id: "percentiles",
        title,
        keys: keys(&series),
        unit: "log scale",
        over_time: false,
        two_sided: false,
        banded: false,
        note: String::new(),
        svg: chart.svg(),
    })
}

/// Median and high percentiles, with what to call them.
fn landmarks(statistics: &Statistics<'_>) -> impl Iterator<Item = (f64, String)> {
    let all = [("med", "median"), ("p(95)", "p95"), ("p(99)", "p99")].into_iter();
    all.filter_map(|(stat, name)| {
        let value = statistics.get(METRIC, stat)?;
        Some((value, format!("{name} {}", units::duration(value))))
    })
}

fn told(statistics: &Statistics<'_>) -> String {
    landmarks(statistics).map(|(_, label)| label).collect::<Vec<_>>().join(", ")
}

/// `99.9%` of 1000.
fn percentile(x: f64) -> String {
    let percent = (100.0 - 100.0 / x) * 1000.0;
    format!("{}%", percent.round() / 1000.0)
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}
