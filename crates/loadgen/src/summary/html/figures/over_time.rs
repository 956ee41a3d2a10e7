//! Charts over the time of the run.

use super::{Figure, describe, finite, highest, keys, series};
use crate::summary::{
    chart::{Axis, Band, Chart, Frame, MAX_POINTS, Mark, Series},
    html::units,
    model::{Extras, Row, RowCpu, RowDuration, RowLag},
};

/// The rows, with what all charts over time share.
pub(super) struct Time<'a> {
    pub(super) rows: &'a [Row],
    pub(super) bands: Vec<Band>,
    xs: Vec<f64>,
}

impl<'a> Time<'a> {
    pub(super) fn new(extras: &'a Extras) -> Self {
        let bands = extras.phases.iter().map(|phase| Band {
            name: phase.name.clone(),
            start: phase.start,
            end: phase.end,
        });
        let xs = extras.rows.iter().map(|row| row.at).collect();
        Self { rows: &extras.rows, bands: bands.collect(), xs }
    }

    /// From the start of the run to the end of its last row.
    pub(super) fn axis(&self) -> Axis {
        Axis::time(self.xs.iter().copied().fold(0.0, f64::max), units::clock)
    }

    pub(super) fn requests(&self) -> Figure {
        let mut curves =
            vec![series("requests", "s-main", Mark::Area, self.per_second(|row| row.http_reqs))];
        if self.rows.iter().any(|row| row.http_req_failed > 0) {
            let failed = self.per_second(|row| row.http_req_failed);
            curves.push(series("failed", "s-bad", Mark::Area, failed));
        }
        let axis = Axis::linear(highest(&curves), units::round);
        self.figure("requests", "Requests", "per second", (axis, None), &curves)
    }

    pub(super) fn latency(&self) -> Figure {
        let curve = |name, class, value: fn(&RowDuration) -> f64| {
            series(name, class, Mark::Line, self.each(|row| row.duration.as_ref().map(value)))
        };
        let curves = [
            curve("max", "s-max", |d| d.max),
            curve("p99", "s-p99", |d| d.p99),
            curve("p95", "s-p95", |d| d.p95),
            curve("p90", "s-p90", |d| d.p90),
            curve("median", "s-p50", |d| d.p50),
        ];
        let axis = Axis::log(finite(&curves), units::duration);
        self.figure("latency", "Latency", "log scale", (axis, None), &curves)
    }

    pub(super) fn activity(&self) -> Figure {
        let users =
            series("virtual users", "s-main", Mark::Line, self.each(|row| Some(row.vus as f64)));
        let iterations = self.per_second(|row| row.iterations);
        let iterations = series("iterations per second", "s-alt", Mark::Line, iterations);
        let left = Axis::whole(highest(std::slice::from_ref(&users)), units::round);
        let right = Axis::linear(highest(std::slice::from_ref(&iterations)), units::round);
        let curves = [users, Series { right: true, ..iterations }];
        let title = "Virtual users and iterations";
        let unit = "users left, iterations right";
        self.figure("activity", title, unit, (left, Some(right)), &curves)
    }

    pub(super) fn data(&self) -> Figure {
        let curves = [
            series("received", "s-main", Mark::Area, self.per_second(|row| row.data_received)),
            series("sent", "s-alt", Mark::Line, self.per_second(|row| row.data_sent)),
        ];
        let axis = Axis::linear(highest(&curves), units::bytes_per_second);
        self.figure("data", "Data", "bytes per second", (axis, None), &curves)
    }

    /// What the generator itself used, and how late it was. `None` in files that do not tell.
    pub(super) fn generator(&self) -> Option<Figure> {
        if self.rows.iter().all(|row| row.cpu.is_none()) {
            return None;
        }
        let cpu = |name, class, mark, value: fn(&RowCpu) -> f64| {
            series(name, class, mark, self.each(|row| row.cpu.as_ref().map(value)))
        };
        let mut curves = vec![
            cpu("workers", "s-main", Mark::Area, |cpu| cpu.cores),
            cpu("busiest worker", "s-p99", Mark::Line, |cpu| cpu.busiest_worker),
        ];
        let left = Axis::linear(highest(&curves).max(1.0), units::cores);
        let title = "Load generator";
        if self.rows.iter().all(|row| row.schedule_lag.is_none()) {
            return Some(self.figure("generator", title, "CPU cores", (left, None), &curves));
        }
        let lag = |name, class, value: fn(&RowLag) -> f64| Series {
            right: true,
            ..series(name, class, Mark::Line, self.each(|row| row.schedule_lag.as_ref().map(value)))
        };
        let lags = [lag("lag max", "s-max", |lag| lag.max), lag("lag p99", "s-alt", |lag| lag.p99)];
        let right = Axis::log(finite(&lags), units::duration);
        curves.extend(lags);
        let unit = "CPU cores left, schedule lag right";
        Some(self.figure("generator", title, unit, (left, Some(right)), &curves))
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
        let description = describe(series, &y, y2.as_ref());
        let two_sided = y2.is_some();
        let x = self.axis();
        let frame = Frame { id, title, description: &description, x, y, y2, bands: &self.bands };
        let chart = Chart { frame, xs: &self.xs, series, markers: &[] };
        let note = if self.rows.len() > MAX_POINTS {
            "Lowest and highest value of each stretch of the run.".into()
        } else {
            String::new()
        };
        let svg = chart.svg();
        Figure {
            id,
            title,
            keys: keys(series),
            unit,
            over_time: true,
            two_sided,
            banded: !self.bands.is_empty(),
            note,
            svg,
        }
    }
}
