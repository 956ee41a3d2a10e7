//! Metrics as lines with aligned columns: `name...: value extra extra` or
//! `name...: avg=value min=value`. Both families of looks share it; what stands before the name is
//! theirs.

use super::{super::format, Paint};
use crate::{metrics::MetricKind, options::TimeUnit, summary::model::Metric};

/// The shortest run of dots.
const DOTS: usize = 3;

/// How metrics are worded and coloured.
pub(super) struct Style<'a> {
    /// Statistics of trends, in order.
    pub(super) stats: &'a [String],
    /// One unit for all times.
    pub(super) unit: Option<TimeUnit>,
    pub(super) rates: Rates,
    /// Colour of the dots.
    pub(super) dots: &'static str,
    /// Colour of what stands behind the main value.
    pub(super) extra: &'static str,
    pub(super) paint: Paint,
}

/// How the counts of a rate are worded.
#[derive(Clone, Copy)]
pub(super) enum Rates {
    /// `✓ 5` and `✗ 2`, two columns.
    Ticks,
    /// `5 out of 7`, one column.
    OutOf,
}

/// One metric, worded.
pub(super) struct Row {
    /// What is shown as the name; a submetric is its tags only: `{ status:200 }`.
    pub(super) name: String,
    /// Shown indented below its parent.
    pub(super) submetric: bool,
    data: Data,
}

enum Data {
    /// A value for each statistic of the style.
    Trend(Vec<String>),
    Other {
        main: String,
        extras: Vec<String>,
    },
}

impl Row {
    pub(super) fn new(name: &str, metric: &Metric, style: &Style<'_>) -> Self {
        let (name, submetric) = match name.split_once('{') {
            Some((_, tags)) => (format!("{{ {} }}", tags.strip_suffix('}').unwrap_or(tags)), true),
            None => (name.to_owned(), false),
        };
        Self { name, submetric, data: Data::new(metric, style) }
    }

    fn width(&self) -> usize {
        format::width(&self.name) + if self.submetric { 2 } else { 0 }
    }
}

impl Data {
    fn new(metric: &Metric, style: &Style<'_>) -> Self {
        let shown = |key| style.value(metric, key);
        let (main, extras) = match (metric.kind, style.rates) {
            (MetricKind::Trend, _) => {
                return Self::Trend(style.stats.iter().map(|stat| shown(stat)).collect());
            }
            (MetricKind::Counter, _) => (shown("count"), vec![shown("rate") + "/s"]),
            (MetricKind::Gauge, _) => (
                shown("value"),
                vec![format!("min={}", shown("min")), format!("max={}", shown("max"))],
            ),
            (MetricKind::Rate, Rates::Ticks) => {
                let count =
                    |key| metric.values.get(key).map(|n| format::js(*n)).unwrap_or_default();
                (
                    shown("rate"),
                    vec![format!("✓ {}", count("passes")), format!("✗ {}", count("fails"))],
                )
            }
            (MetricKind::Rate, Rates::OutOf) => {
                let count = |key| metric.values.get(key).copied().unwrap_or_default();
                let (passes, fails) = (count("passes"), count("fails"));
                let extra = format!("{} out of {}", format::js(passes), format::js(passes + fails));
                (shown("rate"), vec![extra])
            }
        };
        Self::Other { main, extras }
    }
}

impl Style<'_> {
    /// One value of a metric, with its unit; empty if the metric has no such value.
    pub(super) fn value(&self, metric: &Metric, key: &str) -> String {
        metric.values.get(key).map(|value| self.format(metric, key, *value)).unwrap_or_default()
    }

    pub(super) fn format(&self, metric: &Metric, key: &str, value: f64) -> String {
        match (metric.kind, key) {
            (MetricKind::Trend, "count") => format::js(value),
            (MetricKind::Rate, "rate") => format::percent(value),
            _ => format::value(value, metric.contains, self.unit),
        }
    }
}

/// Widths of the columns that a set of rows shares.
#[derive(Default)]
pub(super) struct Columns {
    name: usize,
    main: usize,
    extras: [usize; 2],
    stats: Vec<usize>,
}

impl Columns {
    pub(super) fn of<'a>(rows: impl IntoIterator<Item = &'a Row>) -> Self {
        let mut columns = Self::default();
        for row in rows {
            columns.name = columns.name.max(row.width());
            match &row.data {
                Data::Trend(values) => {
                    columns.stats.resize(values.len(), 0);
                    widen(&mut columns.stats, values);
                }
                Data::Other { main, extras } => {
                    columns.main = columns.main.max(format::width(main));
                    widen(&mut columns.extras, extras);
                }
            }
        }
        columns
    }

    /// The line from the name on.
    pub(super) fn line(&self, row: &Row, style: &Style<'_>) -> String {
        let dots = ".".repeat(self.name - row.width() + DOTS) + ":";
        let dots = style.paint.apply(style.dots, &dots);
        format!("{}{dots} {}", row.name, self.data(&row.data, style))
    }

    fn data(&self, data: &Data, style: &Style<'_>) -> String {
        let value = |text: &str, width| padded(text, width, Paint::CYAN, style.paint);
        let extra = |text: &str, width| padded(text, width, style.extra, style.paint);
        let cells: Vec<String> = match data {
            Data::Trend(values) => {
                let cells = style.stats.iter().zip(values).zip(&self.stats);
                cells
                    .map(|((stat, text), width)| format!("{stat}={}", value(text, *width)))
                    .collect()
            }
            Data::Other { main, extras } => {
                // A lone extra is left as wide as it is.
                let widths = if extras.len() > 1 { self.extras } else { [0; 2] };
                let extras = extras.iter().zip(widths).map(|(text, width)| extra(text, width));
                [value(main, self.main)].into_iter().chain(extras).collect()
            }
        };
        cells.join(" ")
    }
}

fn widen(widths: &mut [usize], texts: &[String]) {
    for (width, text) in widths.iter_mut().zip(texts) {
        *width = (*width).max(format::width(text));
    }
}

/// The text in its colour, the padding behind it in none.
fn padded(text: &str, width: usize, color: &str, paint: Paint) -> String {
    let padding = width.saturating_sub(format::width(text));
    paint.apply(color, text) + &" ".repeat(padding)
}
