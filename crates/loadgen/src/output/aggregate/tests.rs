use std::{sync::Arc, time::Duration};

use tokio::time::Instant;

use super::*;
use crate::{
    metrics::{Registry, builtin::*},
    output::Losses,
    stream::Stream,
};

/// The values as they came.
#[derive(Debug, PartialEq)]
pub(in crate::output) struct Values(Vec<f64>);

impl Distribution for Values {
    fn of(_: Contains) -> Self {
        Self(Vec::new())
    }

    fn add(&mut self, value: f64) {
        self.0.push(value);
    }
}

/// A sample: its metric, its tags, milliseconds after the start, and its value.
type Brief<'a> = (MetricId, &'a [(&'a str, &'a str)], u64, f64);

/// The samples added up.
pub(in crate::output) fn aggregate(most: usize, samples: &[Brief<'_>]) -> Aggregate<Values> {
    let stream = Stream::new(Arc::new(Registry::default()));
    let batches = stream.subscribe(Losses::default());
    let mut tap = stream.tap();
    let start = Instant::now();
    for &(metric, tags, millis, value) in samples {
        let tags = tap.tags(&TagSet::new(tags.iter().copied()));
        tap.add(tags, metric, start + Duration::from_millis(millis), value);
    }
    tap.hand_over();
    stream.close();
    let mut aggregate = Aggregate::new(most);
    for batch in batches {
        batch.samples().for_each(|sample| aggregate.add(&sample));
    }
    aggregate
}

#[test]
fn each_kind_adds_up_in_its_way() {
    let aggregate = aggregate(
        10,
        &[
            (HTTP_REQS, &[], 0, 1.0),
            (HTTP_REQS, &[], 1, 2.5),
            (VUS, &[], 20, 7.0),
            // From another thread: it comes later, but it is older.
            (VUS, &[], 10, 3.0),
            (CHECKS, &[], 0, 1.0),
            (CHECKS, &[], 0, 0.0),
            (HTTP_REQ_WAITING, &[], 0, 12.0),
            (HTTP_REQ_WAITING, &[], 0, 0.5),
        ],
    );
    let totals: Vec<_> = aggregate.series().iter().map(|series| &series.total).collect();
    assert!(matches!(totals[0], Total::Counter(3.5)));
    assert!(matches!(totals[1], Total::Gauge(7.0)));
    assert!(matches!(totals[2], Total::Rate { trues: 1, total: 2 }));
    assert!(matches!(totals[3], Total::Trend(Values(values)) if *values == [12.0, 0.5]));
    let vus = &aggregate.series()[1];
    assert_eq!(vus.latest - vus.since, 10_000_000);
}

#[test]
fn tags_without_a_value_tell_no_series_apart() {
    let aggregate = aggregate(
        10,
        &[
            (HTTP_REQS, &[("group", ""), ("name", "/")], 0, 1.0),
            (HTTP_REQS, &[("name", "/")], 0, 1.0),
            (ITERATIONS, &[("name", "/")], 0, 1.0),
        ],
    );
    let [reqs, iterations] = aggregate.series() else { panic!("{aggregate:?}") };
    assert_eq!(reqs.tags, TagSet::new([("name", "/")]));
    assert!(matches!(reqs.total, Total::Counter(2.0)));
    assert_eq!(iterations.samples, 1);
}

#[test]
fn beyond_the_limit_all_of_a_metric_is_one_series_and_nothing_is_lost() {
    let names: Vec<_> = (0..10).map(|n| n.to_string()).collect();
    let tags: Vec<_> = names.iter().map(|name| [("name", &**name)]).collect();
    let samples = tags
        .iter()
        .flat_map(|tags| [(HTTP_REQS, &tags[..], 0, 1.0), (ITERATIONS, &tags[..], 0, 1.0)]);
    let samples: Vec<_> = samples.clone().chain(samples).collect();
    let aggregate = aggregate(4, &samples);
    assert_eq!(aggregate.series().len(), 4 + 2);
    assert_eq!(aggregate.merged(), 20 - 4);
    let sum: f64 = aggregate
        .series()
        .iter()
        .map(|series| match series.total {
            Total::Counter(sum) => sum,
            _ => 0.0,
        })
        .sum();
    assert_eq!(sum, 40.0);
    assert_eq!(aggregate.series()[4].tags, TagSet::new([("name", OTHER)]));
}

#[test]
fn what_arrived_is_not_missing_even_if_news_of_it_comes_late() {
    let mut aggregate = aggregate(10, &[(VUS, &[], 0, 1.0), (VUS, &[], 1, 2.0)]);
    assert_eq!(aggregate.missing(), 2);
    aggregate.arrived(0, 2);
    aggregate.arrived(0, 1);
    assert_eq!(aggregate.missing(), 0);
}
