//! Which charts there are, and what they say to those who cannot see them.

use hdrhistogram::Histogram;

use super::{statistics::Statistics, units};
use crate::summary::{
    chart::{Axis, Chart, Format, MAX_POINTS, Mark, Scale, Series, Svg},
    model::{Extras, Row, RowDuration},
};

/// A chart with its heading and key.
pub(super) struct Figure {
    pub(super) title: &'static str,
    pub(super) keys: Vec<Key>,
    /// What the vertical axes measure.
    pub(super) unit: &'static str,
    /// Whether it shares its horizontal axis with the others over time.
    pub(super) over_time: bool,
    /// Whether there is a vertical axis on the right.
    pub(super) two_sided: bool,
    pub(super) note: String,
    pub(super) svg: Svg,
}

/// What a curve is called.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
}

/// Those that there is data for: four over time, two of the distribution of latency.
pub(super) fn figures(extras: Option<&Extras>, statistics: &Statistics<'_>) -> Vec<Figure> {
    let rows = extras.map_or(&[][..], |extras| &extras.rows);
    let mut figures = Vec::new();
    if !rows.is_empty() {
        let time = Time::new(rows);
        figures.extend([requests(&time), latency(&time), activity(&time), data(&time)]);
    }
    if let Some(histogram) = statistics.histogram("http_req_duration") {
        figures.extend([distribution(histogram), percentiles(histogram)]);
    }
    figures
}

/// The rows, with what all charts over time share.
struct Time<'a> {
    rows: &'a [Row],
    xs: Vec<f64>,
}

impl<'a> Time<'a> {
    fn new(rows: &'a [Row]) -> Self {
        Self { rows, xs: rows.iter().map(|row| row.at).collect() }
    }

    fn each(&self, value: impl Fn(&Row) -> Option<f64>) -> Vec<Option<f64>> {
        self.rows.iter().map(value).collect()
    }

    /// Counts of each interval, as rates.
    fn per_second(&self, count: impl Fn(&Row) -> u64) -> Vec<Option<f64>> {
        self.each(|row| (row.seconds > 0.0).then(|| count(row) as f64 / row.seconds))
    }

    fn figure(
        &self,
        id: &'static str,
        title: &'static str,
        unit: &'static str,
        (y, y2): (Axis, Option<Axis>),
        series: &[Series],
    ) -> Figure {
        let end = self.xs.iter().copied().fold(0.0, f64::max);
        let description = describe(series, &y, y2.as_ref());
        let chart = Chart {
            id,
            title,
            description: &description,
            x: Axis::time(end, units::clock),
            y,
            y2,
            xs: &self.xs,
            series,
            markers: &[],
        };
        let note = if self.rows.len() > MAX_POINTS {
            "Lowest and highest value of each stretch of the run.".into()
        } else {
            String::new()
        };
        Figure {
            title,
            keys: keys(series),
            unit,
            over_time: true,
            two_sided: chart.y2.is_some(),
            note,
            svg: chart.svg(),
        }
    }
}

fn requests(time: &Time<'_>) -> Figure {
    let mut series =
        vec![series("requests", "s-main", Mark::Area, time.per_second(|row| row.http_reqs))];
    if time.rows.iter().any(|row| row.http_req_failed > 0) {
        let failed = time.per_second(|row| row.http_req_failed);
        series.push(self::series("failed", "s-bad", Mark::Area, failed));
    }
    let axis = Axis::linear(highest(&series), units::round);
    time.figure("requests", "Requests", "per second", (axis, None), &series)
}

fn latency(time: &Time<'_>) -> Figure {
    let curve = |name, class, value: fn(&RowDuration) -> f64| {
        series(name, class, Mark::Line, time.each(|row| row.duration.as_ref().map(value)))
    };
    let series = [
        curve("max", "s-max", |d| d.max),
        curve("p99", "s-p99", |d| d.p99),
        curve("p95", "s-p95", |d| d.p95),
        curve("p90", "s-p90", |d| d.p90),
        curve("median", "s-p50", |d| d.p50),
    ];
    let axis = Axis::log(finite(&series), units::duration);
    time.figure("latency", "Latency", "log scale", (axis, None), &series)
}

fn activity(time: &Time<'_>) -> Figure {
    let users = series("virtual users", "s-main", Mark::Line, time.each(|r| Some(r.vus as f64)));
    let iterations =
        series("iterations per second", "s-alt", Mark::Line, time.per_second(|r| r.iterations));
    let left = Axis::whole(highest(std::slice::from_ref(&users)), units::round);
    let right = Axis::linear(highest(std::slice::from_ref(&iterations)), units::round);
    let series = [users, Series { right: true, ..iterations }];
    let title = "Virtual users and iterations";
    time.figure("activity", title, "users left, iterations right", (left, Some(right)), &series)
}

fn data(time: &Time<'_>) -> Figure {
    let series = [
        series("received", "s-main", Mark::Area, time.per_second(|row| row.data_received)),
        series("sent", "s-alt", Mark::Line, time.per_second(|row| row.data_sent)),
    ];
    let axis = Axis::linear(highest(&series), units::bytes_per_second);
    time.figure("data", "Data", "bytes per second", (axis, None), &series)
}

/// Bars that are equally wide on a logarithmic axis.
const BARS: usize = 60;

fn distribution(histogram: &Histogram<u64>) -> Figure {
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
    let markers = [(50.0, "median"), (95.0, "p95"), (99.0, "p99")].map(|(percentile, name)| {
        let value = milliseconds(histogram.value_at_percentile(percentile));
        (value, format!("{name} {}", units::duration(value)))
    });
    let description =
        markers.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join(", ");
    let title = "Latency distribution";
    let chart = Chart {
        id: "distribution",
        title,
        description: &description,
        y: Axis::whole(highest(&series), units::round),
        x,
        y2: None,
        xs: &xs,
        series: &series,
        markers: &markers,
    };
    Figure {
        title,
        keys: keys(&series),
        unit: "requests by latency, log scale",
        over_time: false,
        two_sided: false,
        note: String::new(),
        svg: chart.svg(),
    }
}

/// How many points there are from one nine to the next.
const POINTS_PER_NINE: i32 = 20;

/// Latency by percentile. Each further nine takes as much room as the one before, up to 99.99 %,
/// but not beyond what so many requests can tell.
fn percentiles(histogram: &Histogram<u64>) -> Figure {
    // The horizontal position is `1 / (1 - quantile)`: 1 in 10, 1 in 100, …
    let last = (histogram.len() as f64).clamp(10.0, 10_000.0);
    let steps = (last.log10() * f64::from(POINTS_PER_NINE)).floor() as i32;
    let xs: Vec<f64> =
        (0..=steps).map(|i| 10_f64.powf(f64::from(i) / f64::from(POINTS_PER_NINE))).collect();
    let at = |x: &f64| Some(milliseconds(histogram.value_at_quantile(1.0 - 1.0 / x)));
    let series = [series("latency", "s-main", Mark::Line, xs.iter().map(at).collect())];
    let ticks = [2.0, 10.0, 100.0, 1000.0, 10_000.0];
    let ticks = ticks.into_iter().filter(|x| *x <= last).map(|x| (x, percentile(x))).collect();
    let description = ["median", "99%"]
        .into_iter()
        .zip([0.5, 0.99])
        .map(|(name, q)| {
            let value = milliseconds(histogram.value_at_quantile(q));
            format!("{name} {}", units::duration(value))
        })
        .collect::<Vec<_>>()
        .join(", ");
    let title = "Latency by percentile";
    let chart = Chart {
        id: "percentiles",
        title,
        description: &description,
        x: Axis { scale: Scale::Log { min: 1.0, max: last }, ticks, format: percentile },
        y: Axis::log(finite(&series), units::duration),
        y2: None,
        xs: &xs,
        series: &series,
        markers: &[],
    };
    Figure {
        title,
        keys: keys(&series),
        unit: "log scale",
        over_time: false,
        two_sided: false,
        note: String::new(),
        svg: chart.svg(),
    }
}

/// `99.9%` of 1000.
fn percentile(x: f64) -> String {
    let percent = (100.0 - 100.0 / x) * 1000.0;
    format!("{}%", percent.round() / 1000.0)
}

fn milliseconds(nanoseconds: u64) -> f64 {
    nanoseconds as f64 / 1e6
}

fn series(name: &'static str, class: &'static str, mark: Mark, values: Vec<Option<f64>>) -> Series {
    Series { name, class, mark, right: false, values }
}

fn keys(series: &[Series]) -> Vec<Key> {
    series.iter().map(|series| Key { name: series.name, class: series.class }).collect()
}

fn finite(series: &[Series]) -> impl Iterator<Item = f64> {
    series.iter().flat_map(|series| &series.values).filter_map(|v| v.filter(|v| v.is_finite()))
}

fn highest(series: &[Series]) -> f64 {
    finite(series).fold(0.0, f64::max)
}

/// The range of each curve in words.
fn describe(series: &[Series], y: &Axis, y2: Option<&Axis>) -> String {
    let range = |series: &Series| {
        let format: Format = y2.filter(|_| series.right).map_or(y.format, |axis| axis.format);
        let values = || finite(std::slice::from_ref(series));
        let (low, high) = (values().reduce(f64::min)?, values().reduce(f64::max)?);
        Some(format!("{} from {} to {}", series.name, format(low), format(high)))
    };
    series.iter().filter_map(range).collect::<Vec<_>>().join("; ")
}
