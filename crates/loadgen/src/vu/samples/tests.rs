use super::*;
use crate::{
    http::{Error, Timings},
    metrics::{OTHER, Sink, SinkKey, Tally},
};

/// Debug builds are slow. `cargo test --release` drives the five million that were promised.
const URLS: usize = if cfg!(debug_assertions) { 300_000 } else { 5_000_000 };

fn hop<'a>(url: &'a str, method: &'a http::Method, error: Option<&'a Error>) -> Hop<'a> {
    let milli = Duration::from_millis(1);
    Hop {
        method,
        url,
        status: if error.is_none() { 200 } else { 0 },
        expected: error.is_none(),
        proto: Some("HTTP/1.1"),
        tls_version: None,
        remote: None,
        error,
        timings: Timings { waiting: milli, ..Timings::default() },
        ended: Instant::now(),
    }
}

fn samples(tally: &Tally, key: &SinkKey) -> u64 {
    tally.sinks.get(key).map_or(0, |sink| match sink {
        Sink::Trend(trend) => trend.count(),
        sink => sink.samples(),
    })
}

fn root(samples: &mut Samples) -> ScopeId {
    samples.scopes().root(&TagSet::new([("scenario", "default")]))
}

fn registry(selectors: &[(MetricId, &str, &str)]) -> Arc<Registry> {
    let mut registry = Registry::default();
    for (metric, tag, value) in selectors {
        let tags = TagSet::new([(*tag, *value)]);
        registry.submetric_of(*metric, value, &tags).expect("a few submetrics");
    }
    Arc::new(registry)
}

#[test]
fn millions_of_urls_take_no_more_memory_than_thousands() {
    let late = format!("/page/{}", URLS - 1);
    let registry = registry(&[(HTTP_REQS, "name", &late)]);
    let (late, _) = registry.submetrics().last().expect("just made");
    let mut samples = Samples::new(registry.clone(), SystemTags::default(), None);
    let sinks = samples.recorder.registry().metrics().count() + registry.submetrics().count();
    let (root, mut total) = (root(&mut samples), Tally::default());
    for page in 0..URLS {
        samples.hop(root, &hop(&format!("/page/{page}"), &http::Method::GET, None));
        if page % 100_000 == 0 {
            total.add(&samples.take());
        }
    }
    total.add(&samples.take());

    assert_eq!(samples.outcomes.len(), MAX_NAMES + 1, "one for each name and one for all others");
    let kinds = total.requests.iter().count();
    assert_eq!((kinds, total.sinks.iter().count() <= sinks), (MAX_NAMES + 1, true));
    let counted = |other| {
        let names = total.requests.iter().map(|(tags, count)| (tags.get("name"), count));
        names.filter(|(name, _)| (*name == Some(OTHER)) == other).map(|(_, n)| n).sum::<u64>()
    };
    assert_eq!((counted(false), counted(true)), (MAX_NAMES as u64, (URLS - MAX_NAMES) as u64));
    let requests = |metric| self::samples(&total, &SinkKey::Metric(metric));
    assert_eq!((requests(HTTP_REQS), requests(HTTP_REQ_DURATION)), (URLS as u64, URLS as u64));
    assert_eq!(self::samples(&total, &SinkKey::Submetric(late)), 1, "a threshold still sees it");
}

#[test]
fn combinations_are_limited_where_their_parts_are_not() {
    let mut samples =
        Samples::new(registry(&[(HTTP_REQ_FAILED, "error", "e7")]), SystemTags::default(), None);
    let root = root(&mut samples);
    let errors: Vec<Error> =
        (0..10).map(|n| Error { code: ErrorCode::INVALID_URL, text: format!("e{n}") }).collect();
    for name in 0..5_000 {
        for error in &errors {
            samples.hop(root, &hop(&format!("/{name}"), &http::Method::GET, Some(error)));
        }
    }
    // Beyond the limit: the error that is to be kept, and all others.
    assert_eq!(samples.outcomes.len(), MAX_OUTCOMES + 2);
    let mut total = Tally::default();
    total.add(&samples.take());
    assert_eq!(total.requests.iter().map(|(_, count)| count).sum::<u64>(), 50_000);
    let kept = samples.registry().submetrics().last().expect("just made").0;
    assert_eq!(self::samples(&total, &SinkKey::Submetric(kept)), 5_000);
}

#[test]
fn checks_groups_and_methods_are_limited_too() {
    let mut samples =
        Samples::new(registry(&[(CHECKS, "group", "::deep::down")]), SystemTags::default(), None);
    let root = root(&mut samples);
    for n in 0..2_000 {
        let group = samples.scopes().subgroup(root, &format!("group {n}"));
        samples.check(group, &format!("check {n}"), true);
        samples.check(root, &format!("check {n}"), true);
        let method = http::Method::from_bytes(format!("M{n}").as_bytes()).expect("a token");
        samples.hop(root, &hop("/", &method, None));
    }
    let deep = samples.scopes().subgroup(root, "deep");
    let down = samples.scopes().subgroup(deep, "down");
    samples.check(down, "still seen", false);

    let mut total = Tally::default();
    total.add(&samples.take());
    let checks = total.checks.iter().map(|(_, count)| count.passes + count.fails);
    assert_eq!(checks.sum::<u64>(), 4_001);
    assert!(total.checks.iter().count() <= MAX_CHECKS + 202);
    assert_eq!(total.requests.iter().count(), MAX_METHODS + 1);
    let kept = samples.registry().submetrics().last().expect("just made").0;
    assert_eq!(self::samples(&total, &SinkKey::Submetric(kept)), 1);
}
