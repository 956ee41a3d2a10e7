//! Metrics as the API tells them.

use std::{borrow::Cow, collections::BTreeMap};

use super::resource::{MetricAttributes, Resource};
use crate::{
    control::Snapshot,
    metrics::{Contains, Merge as _, MetricKind, Sink, SinkKey},
    summary::collate,
    thresholds::Statistic,
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
    use Statistic::{Avg, Count, Max, Med, Min, Percentile, Rate, Value};
    let statistics: &[Statistic] = match sink.kind() {
        MetricKind::Counter => &[Count, Rate],
        MetricKind::Gauge => &[Value],
        MetricKind::Rate => &[Rate],
        MetricKind::Trend => &[Avg, Max, Med, Min, Percentile(90.0), Percentile(95.0)],
    };
    // There is no rate of no seconds.
    let value = |statistic: &Statistic| statistic.of(sink, seconds).unwrap_or(0.0);
    statistics.iter().map(|it| (it.to_string().into(), value(it))).collect()
}
