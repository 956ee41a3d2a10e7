//! Where one worker adds its samples. Not shared: no lock, no atomic, no allocation for a sample.

use std::{sync::Arc, time::Duration};

use rustc_hash::FxHashMap;

use super::{
    CheckCount, CheckKey, Delta, MetricId, Part, Registry, Sink, SinkKey, TagSet, Tally, Times,
    builtin::CHECKS, scenario_of,
};

/// Where samples with a certain set of tags go besides their metric's own sink; resolved once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RouteId(usize);

/// Sets of tags whose routes are remembered. Finding a route anew takes a look at every submetric,
/// but no memory.
const MAX_REMEMBERED: usize = 20_000;

/// What makes two sets of tags the same to a recorder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Ends {
    /// Metric and place of the sinks of submetrics.
    submetrics: Arc<[(MetricId, usize)]>,
    /// The parts of the test that they belong to.
    parts: Arc<[Part]>,
}

/// See [`RouteId`].
struct Route {
    ends: Ends,
    /// By part and metric: the place of its sink. Made at the first sample: most parts see few of
    /// the metrics.
    part_sinks: Box<[Box<[Option<usize>]>]>,
}

/// The metrics of one worker.
pub struct Recorder {
    registry: Arc<Registry>,
    tally: Tally,
    routes: Vec<Route>,
    by_ends: FxHashMap<Ends, RouteId>,
    remembered: FxHashMap<TagSet, RouteId>,
}

impl Recorder {
    /// An empty recorder for the metrics of `registry`.
    pub fn new(registry: Arc<Registry>) -> Self {
        let mut tally = Tally::default();
        for (id, metric) in registry.metrics() {
            // Places follow the ids, so a sample finds its metric's sink without a look-up.
            let place = tally.sinks.place(&SinkKey::Metric(id), || Sink::new(metric.kind));
            debug_assert_eq!(place, usize::from(id.0));
        }
        let (by_ends, remembered) = (FxHashMap::default(), FxHashMap::default());
        Self { registry, tally, routes: Vec::new(), by_ends, remembered }
    }

    /// The metrics.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Finds out where samples with these tags go. There are as many routes as there are different
    /// answers, however many sets of tags are asked for.
    pub fn route(&mut self, tags: &TagSet) -> RouteId {
        if let Some(&route) = self.remembered.get(tags) {
            return route;
        }
        let ends = self.ends(tags);
        let route = match self.by_ends.get(&ends) {
            Some(&route) => route,
            None => self.add_route(ends),
        };
        if self.remembered.len() < MAX_REMEMBERED {
            self.remembered.insert(tags.clone(), route);
        }
        route
    }

    fn ends(&mut self, tags: &TagSet) -> Ends {
        let fits = self.registry.submetrics().filter(|(_, sub)| tags.contains(&sub.tags));
        let submetrics = fits.map(|(id, submetric)| {
            let kind = self.registry.metric(submetric.parent).kind;
            let place = self.tally.sinks.place(&SinkKey::Submetric(id), || Sink::new(kind));
            (submetric.parent, place)
        });
        Ends { submetrics: submetrics.collect(), parts: parts(tags).collect() }
    }

    fn add_route(&mut self, ends: Ends) -> RouteId {
        let unknown = || vec![None; self.registry.metrics().count()].into();
        let part_sinks = ends.parts.iter().map(|_| unknown()).collect();
        let route = RouteId(self.routes.len());
        self.routes.push(Route { ends: ends.clone(), part_sinks });
        self.by_ends.insert(ends, route);
        route
    }

    /// Adds a sample in the metric's unit.
    pub fn add(&mut self, metric: MetricId, value: f64, route: RouteId) {
        self.each(metric, route, |sink| sink.add(value));
    }

    /// Adds a sample that is a time, to a metric whose unit is the millisecond.
    pub fn add_duration(&mut self, metric: MetricId, value: Duration, route: RouteId) {
        self.each(metric, route, |sink| sink.add_duration(value));
    }

    fn each(&mut self, metric: MetricId, route: RouteId, mut add: impl FnMut(&mut Sink)) {
        let sinks = &mut self.tally.sinks;
        add(&mut sinks[usize::from(metric.0)]);
        let route = &mut self.routes[route.0];
        for &(parent, place) in &*route.ends.submetrics {
            if parent == metric {
                add(&mut sinks[place]);
            }
        }
        for (part, places) in route.ends.parts.iter().zip(&mut route.part_sinks) {
            let place = places[usize::from(metric.0)].get_or_insert_with(|| {
                let kind = self.registry.metric(metric).kind;
                sinks.place(&SinkKey::Part(metric, part.clone()), || Sink::new(kind))
            });
            add(&mut sinks[*place]);
        }
    }

    /// The place of a check, for [`check`](Self::check).
    pub fn check_place(&mut self, key: &CheckKey) -> usize {
        self.tally.checks.place(key, CheckCount::default)
    }

    /// Counts a check.
    pub fn check(&mut self, place: usize, holds: bool, route: RouteId) {
        let count = &mut self.tally.checks[place];
        if holds {
            count.passes += 1;
        } else {
            count.fails += 1;
        }
        self.add(CHECKS, f64::from(u8::from(holds)), route);
    }

    /// The place of a kind of request, for [`add_request`](Self::add_request).
    pub fn request_place(&mut self, tags: &TagSet) -> usize {
        self.tally.requests.place(tags, || 0)
    }

    /// Counts a request, and adds its times.
    pub fn add_request(&mut self, place: usize, times: &Times, route: RouteId) {
        self.tally.requests[place] += 1;
        for &(metric, time) in times {
            self.add_duration(metric, time, route);
        }
        self.tally.slowest.add(times, || self.tally.requests.key(place).clone());
    }

    /// Takes out what was added since the last time.
    pub fn take(&mut self) -> Delta {
        self.tally.take()
    }
}

/// The parts of the test that samples with these tags belong to: their scenario, unless it is the
/// one named `default`, and their group within it.
fn parts(tags: &TagSet) -> impl Iterator<Item = Part> {
    let scenario = scenario_of(tags);
    let group = tags.get("group").unwrap_or_default();
    let part = |group: &str| Part { scenario: scenario.into(), group: group.into() };
    let whole = (!scenario.is_empty()).then(|| part(""));
    let group = (!group.is_empty()).then(|| part(group));
    whole.into_iter().chain(group)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::builtin::{HTTP_REQ_DURATION, HTTP_REQS};

    fn samples(tally: &Tally, key: &SinkKey) -> u64 {
        tally.sinks.get(key).map_or(0, Sink::samples)
    }

    #[test]
    fn samples_reach_their_metric_and_every_submetric_and_group_that_fits() {
        let registry = Arc::new(Registry::default());
        let mut recorder = Recorder::new(registry.clone());
        let (submetric, _) = registry.submetrics().next().expect("expected_response");
        let expected = recorder.route(&TagSet::new([("expected_response", "true"), ("group", "")]));
        let grouped = recorder.route(&TagSet::new([("group", "::login")]));
        assert_eq!(grouped, recorder.route(&TagSet::new([("group", "::login")])));

        recorder.add_duration(HTTP_REQ_DURATION, Duration::from_millis(2), expected);
        recorder.add(HTTP_REQS, 1.0, expected);
        recorder.add_duration(HTTP_REQ_DURATION, Duration::from_millis(4), grouped);

        let group =
            |metric| SinkKey::Part(metric, Part { scenario: "".into(), group: "::login".into() });
        let mut tally = Tally::default();
        tally.add(&recorder.take());
        assert_eq!(samples(&tally, &SinkKey::Metric(HTTP_REQ_DURATION)), 2);
        assert_eq!(samples(&tally, &SinkKey::Submetric(submetric)), 1);
        assert_eq!(samples(&tally, &group(HTTP_REQ_DURATION)), 1);
        assert_eq!(samples(&tally, &SinkKey::Metric(HTTP_REQS)), 1);
        assert!(tally.sinks.get(&group(HTTP_REQS)).is_none());
        tally.add(&recorder.take());
        assert_eq!(samples(&tally, &SinkKey::Metric(HTTP_REQS)), 1);
    }

    #[test]
    fn routes_do_not_multiply_with_tags_that_nobody_asks_for() {
        let mut registry = Registry::default();
        let rare = TagSet::new([("user", "29999")]);
        let id = registry.submetric_of(HTTP_REQS, "user:29999", &rare).expect("a few submetrics");
        let mut recorder = Recorder::new(Arc::new(registry));
        for user in 0..30_000 {
            let user = user.to_string();
            let group = if user.ends_with('0') { "::ten" } else { "" };
            let route = recorder.route(&TagSet::new([("user", user.as_str()), ("group", group)]));
            recorder.add(HTTP_REQS, 1.0, route);
        }
        assert_eq!((recorder.routes.len(), recorder.remembered.len()), (3, MAX_REMEMBERED));
        let mut tally = Tally::default();
        tally.add(&recorder.take());
        assert_eq!(samples(&tally, &SinkKey::Metric(HTTP_REQS)), 30_000);
        assert_eq!(samples(&tally, &SinkKey::Submetric(id)), 1);
        assert_eq!(
            samples(
                &tally,
                &SinkKey::Part(HTTP_REQS, Part { scenario: "".into(), group: "::ten".into() })
            ),
            3_000
        );
    }

    #[test]
    fn tallies_of_two_workers_merge_by_key_in_any_order() {
        let registry = Arc::new(Registry::default());
        let tally = |names: &[&str]| {
            let mut recorder = Recorder::new(registry.clone());
            for &name in names {
                let route = recorder.route(&TagSet::new([("check", name)]));
                let key = CheckKey { scenario: "".into(), group: "".into(), name: name.into() };
                let place = recorder.check_place(&key);
                recorder.check(place, name != "bad", route);
            }
            recorder.take()
        };
        let (left, right) = (tally(&["good", "bad", "bad"]), tally(&["bad", "good"]));
        let merged = |first: &Delta, second: &Delta| {
            let mut sum = Tally::default();
            sum.add(first);
            sum.add(second);
            let count = |name: &str| {
                let key = CheckKey { scenario: "".into(), group: "".into(), name: name.into() };
                *sum.checks.get(&key).expect("a check")
            };
            (count("good"), count("bad"), samples(&sum, &SinkKey::Metric(CHECKS)))
        };
        let want = (CheckCount { passes: 2, fails: 0 }, CheckCount { passes: 0, fails: 3 }, 5);
        assert_eq!(merged(&left, &right), want);
        assert_eq!(merged(&right, &left), want);
    }
}
