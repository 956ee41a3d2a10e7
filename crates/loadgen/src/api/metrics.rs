//! Metrics as the API tells them.

use std::{borrow::Cow, collections::BTreeMap};

use super::resource::{MetricAttributes, Resource};
use crate::{
    control::Snapshot,
    metrics::{Contains, Merge as _, Sink, SinkKey},
    summary::collate,
};

/// Metrics and submetrics that have a sample, in the order of the summary.
pub(super) fn all(snapshot: &Snapshot) -> Vec<Resource<MetricAttributes>> {
    let mut observed: Vec<_> = observed(snapshot).collect();
    observed.sort_by_cached_key(|observed| collate::Key::new(observed.name));
    observed.into_iter().map(|observed| observed.resource(snapshot)).collect()
}

/// The one of this name, if it has a sample.
pub(super) fn named(snapshot: &Snapshot, name: &str) -> Option<Resource<MetricAttributes>> {
    observed(snapshot).find(|found| found.name == name).map(|found| found.resource(snapshot))
}

/// A metric or submetric with a sample.
struct Observed<'a> {
    name: &'a str,
    contains: Contains,
    sink: &'a Sink,
}

fn observed(snapshot: &Snapshot) -> impl Iterator<Item = Observed<'_>> {
    let registry = &snapshot.registry;
    snapshot.total.sinks.iter().filter(|(_, sink)| !sink.is_empty()).filter_map(|(key, sink)| {
        let (name, metric) = match key {
            SinkKey::Metric(id) => (&registry.metric(*id).name, *id),
            SinkKey::Submetric(id) => {
                let submetric = registry.submetric(*id);
                (&submetric.name, submetric.parent)
            }
            SinkKey::Part(..) => return None,
        };
        Some(Observed { name, contains: registry.metric(metric).contains, sink })
    })
}

impl Observed<'_> {
    fn resource(&self, snapshot: &Snapshot) -> Resource<MetricAttributes> {
        let tainted = snapshot.tainted.iter().find(|(name, _)| name == self.name);
        let attributes = MetricAttributes {
            kind: self.sink.kind(),
            contains: self.contains,
            tainted: tainted.map(|&(_, tainted)| tainted),
            sample: sample(self.sink, snapshot.elapsed.as_secs_f64()),
        };
        Resource { kind: "metrics".into(), id: self.name.to_owned().into(), attributes }
    }
}

/// k6's fixed choice of values, whatever the summary shows.
fn sample(sink: &Sink, seconds: f64) -> BTreeMap<Cow<'static, str>, f64> {
    let named = |values: &[(&'static str, f64)]| {
        values.iter().map(|&(name, value)| (name.into(), value)).collect()
    };
    match sink {
        Sink::Counter { sum, .. } => {
            let rate = if seconds > 0.0 { sum / seconds } else { 0.0 };
            named(&[("count", *sum), ("rate", rate)])
        }
        Sink::Gauge { last, .. } => named(&[("value", *last)]),
        Sink::Rate { trues, total } => named(&[("rate", *trues as f64 / *total as f64)]),
        Sink::Trend(trend) => named(&[
            ("avg", trend.avg()),
            ("max", trend.max()),
            ("med", trend.percentile(50.0)),
            ("min", trend.min()),
            ("p(90)", trend.percentile(90.0)),
            ("p(95)", trend.percentile(95.0)),
        ]),
    }
}
