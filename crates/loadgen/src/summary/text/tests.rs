use super::{super::fixture, *};
use crate::summary::model::{ThresholdResult, Verdict};

/// Lines that end in spaces are part of the format; `|` keeps them visible.
fn marked(text: &str) -> String {
    text.lines().map(|line| format!("{line}|\n")).collect()
}

fn shown(summary: &Summary, look: Look) -> String {
    marked(&text(summary, &TextOptions { look, ..TextOptions::default() }))
}

fn colored(look: Look) -> String {
    let mut summary = fixture::summary();
    summary.metrics.retain(|name, _| name.starts_with("http_req"));
    let options = TextOptions { look, color: true, time_unit: Some(TimeUnit::Milliseconds) };
    marked(&text(&summary, &options)).replace('\x1b', "^")
}

#[test]
fn legacy() {
    insta::assert_snapshot!(shown(&fixture::summary(), Look::Legacy), @r"
         ✗ status|
          ↳  80% — ✓ 8 / ✗ 2|
    |
         █ pages|
    |
           ✓ title|
    |
         checks.........................: 86.66% ✓ 13    ✗ 2   |
         data_received..................: 148 kB 74 kB/s|
         http_req_blocked...............: avg=2.4µs   max=380µs p(95)=2.5µs   |
       ✗ http_req_duration..............: avg=22.47ms max=1m0s  p(95)=999.99ms|
         ✓ { expected_response:true }...: avg=1.5ms   max=2ms   p(95)=1.9ms   |
       ✗ http_req_failed................: 25.00% ✓ 2     ✗ 6   |
         http_reqs......................: 8      4/s|
         ✓ { status:500 }...............: 2      1/s|
         iterations.....................: 4      2/s|
         my_size........................: avg=1       max=3     p(95)=2.5     |
         vus............................: 10     min=1   max=10|
    ");
}

#[test]
fn compact() {
    insta::assert_snapshot!(shown(&fixture::summary(), Look::Compact), @r"
    |
      █ THRESHOLDS |
    |
        http_req_duration|
        ✗ 'p(95)<500' p(95)=999.99ms|
        ✓ 'p(50)<5000' p(50)=500.56ms|
    |
          {expected_response:true}|
          ✓ 'max < 10' max=2ms|
    |
        http_req_failed|
        ✗ 'rate<0.01' rate=25.00%|
    |
        http_reqs{status:500}|
        ✓ 'count<5' count=2|
    |
    |
      █ TOTAL RESULTS |
    |
        checks_total.......: 15     7.5/s|
        checks_succeeded...: 86.66% 13 out of 15|
        checks_failed......: 13.33% 2 out of 15|
    |
        ✗ status|
          ↳  80% — ✓ 8 / ✗ 2|
        ✓ title|
    |
        CUSTOM|
        my_size........................: avg=1       max=3    p(95)=2.5     |
    |
        HTTP|
        http_req_duration..............: avg=22.47ms max=1m0s p(95)=999.99ms|
          { expected_response:true }...: avg=1.5ms   max=2ms  p(95)=1.9ms   |
        http_req_failed................: 25.00% 2 out of 8|
        http_reqs......................: 8      4/s|
          { status:500 }...............: 2      1/s|
    |
        EXECUTION|
        iterations.....................: 4      2/s|
        vus............................: 10     min=1      max=10|
    |
        NETWORK|
        data_received..................: 148 kB 74 kB/s|
    |
    ");
}

#[test]
fn full_takes_groups_and_scenarios_apart() {
    insta::assert_snapshot!(shown(&fixture::summary(), Look::Full), @r"
    |
      █ THRESHOLDS |
    |
        http_req_duration|
        ✗ 'p(95)<500' p(95)=999.99ms|
        ✓ 'p(50)<5000' p(50)=500.56ms|
    |
          {expected_response:true}|
          ✓ 'max < 10' max=2ms|
    |
        http_req_failed|
        ✗ 'rate<0.01' rate=25.00%|
    |
        http_reqs{status:500}|
        ✓ 'count<5' count=2|
    |
    |
      █ TOTAL RESULTS |
    |
        checks_total.......: 15     7.5/s|
        checks_succeeded...: 86.66% 13 out of 15|
        checks_failed......: 13.33% 2 out of 15|
    |
        ✗ status|
          ↳  80% — ✓ 8 / ✗ 2|
        ✓ title|
    |
        CUSTOM|
        my_size........................: avg=1       max=3     p(95)=2.5     |
    |
        HTTP|
        http_req_blocked...............: avg=2.4µs   max=380µs p(95)=2.5µs   |
        http_req_duration..............: avg=22.47ms max=1m0s  p(95)=999.99ms|
          { expected_response:true }...: avg=1.5ms   max=2ms   p(95)=1.9ms   |
        http_req_failed................: 25.00% 2 out of 8|
        http_reqs......................: 8      4/s|
          { status:500 }...............: 2      1/s|
    |
        EXECUTION|
        iterations.....................: 4      2/s|
        vus............................: 10     min=1      max=10|
    |
        NETWORK|
        data_received..................: 148 kB 74 kB/s|
    |
    |
      █ GROUP: pages |
    |
        checks_total.......: 5       2.5/s|
        checks_succeeded...: 100.00% 5 out of 5|
        checks_failed......: 0.00%   0 out of 5|
    |
        ✓ title|
    |
        HTTP|
        http_reqs...: 2 1/s|
    |
    |
      █ SCENARIO: search |
    |
        checks_total.......: 3      1.5/s|
        checks_succeeded...: 33.33% 1 out of 3|
        checks_failed......: 66.66% 2 out of 3|
    |
        ✗ status|
          ↳  33% — ✓ 1 / ✗ 2|
    |
        HTTP|
        http_reqs...: 6 3/s|
    |
        ↳ GROUP: outer |
    |
          ↳ GROUP: inner |
    |
            checks_total.......: 3      1.5/s|
            checks_succeeded...: 33.33% 1 out of 3|
            checks_failed......: 66.66% 2 out of 3|
    |
            ✗ status|
                  ↳  33% — ✓ 1 / ✗ 2|
    |
    ");
}

#[test]
fn full_shows_the_checks_of_groups_when_the_file_has_no_more() {
    let full = shown(&fixture::k6_summary(), Look::Full);
    let (_, groups) = full.split_once("█ GROUP: ").expect("a group");
    insta::assert_snapshot!(groups, @r"
    pages |
    |
        checks_total.......: 5       2.5/s|
        checks_succeeded...: 100.00% 5 out of 5|
        checks_failed......: 0.00%   0 out of 5|
    |
        ✓ title|
    |
    ");
    assert!(!full.contains("SCENARIO"), "{full}");
}

#[test]
fn colors_of_legacy() {
    insta::assert_snapshot!(colored(Look::Legacy), @r"
    ^[31m     ✗ status|
          ↳  80% — ✓ 8 / ✗ 2^[0m|
    |
         █ pages|
    |
    ^[32m       ✓ title^[0m|
    |
         http_req_blocked^[2m...............:^[0m avg=^[36m0.00ms^[0m  max=^[36m0.38ms^[0m     p(95)=^[36m0.00ms^[0m   |
       ^[31m✗^[0m http_req_duration^[2m..............:^[0m avg=^[36m22.48ms^[0m max=^[36m60000.00ms^[0m p(95)=^[36m1000.00ms^[0m|
         ^[32m✓^[0m { expected_response:true }^[2m...:^[0m avg=^[36m1.50ms^[0m  max=^[36m2.00ms^[0m     p(95)=^[36m1.90ms^[0m   |
       ^[31m✗^[0m http_req_failed^[2m................:^[0m ^[36m25.00%^[0m ^[36;2m✓ 2^[0m ^[36;2m✗ 6^[0m|
         http_reqs^[2m......................:^[0m ^[36m8^[0m      ^[36;2m4/s^[0m|
         ^[32m✓^[0m { status:500 }^[2m...............:^[0m ^[36m2^[0m      ^[36;2m1/s^[0m|
    ");
}

#[test]
fn colors_of_modern() {
    insta::assert_snapshot!(colored(Look::Compact), @r"
    |
      █ ^[1mTHRESHOLDS^[0m |
    |
        http_req_duration|
        ^[31m✗^[0m ^[37m'p(95)<500'^[0m ^[37mp(95)^[0m=^[36m1000.00ms^[0m|
        ^[32m✓^[0m ^[37m'p(50)<5000'^[0m ^[37mp(50)^[0m=^[36m500.56ms^[0m|
    |
          {expected_response:true}|
          ^[32m✓^[0m ^[37m'max < 10'^[0m ^[37mmax^[0m=^[36m2.00ms^[0m|
    |
        http_req_failed|
        ^[31m✗^[0m ^[37m'rate<0.01'^[0m ^[37mrate^[0m=^[36m25.00%^[0m|
    |
        http_reqs{status:500}|
        ^[32m✓^[0m ^[37m'count<5'^[0m ^[37mcount^[0m=^[36m2^[0m|
    |
    |
      █ ^[1mTOTAL RESULTS^[0m |
    |
        checks_total^[2;37m.......:^[0m ^[36m15^[0m     ^[2;36m7.5/s^[0m|
        checks_succeeded^[2;37m...:^[0m ^[36m86.66%^[0m ^[2;36m13 out of 15^[0m|
        checks_failed^[2;37m......:^[0m ^[36m13.33%^[0m ^[2;36m2 out of 15^[0m|
    |
        ^[31m✗ status^[0m|
          ^[31m↳  80% — ✓ 8 / ✗ 2^[0m|
        ^[32m✓ title^[0m|
    |
        ^[1mHTTP^[0m|
        http_req_duration^[2;37m..............:^[0m avg=^[36m22.48ms^[0m max=^[36m60000.00ms^[0m p(95)=^[36m1000.00ms^[0m|
          { expected_response:true }^[2;37m...:^[0m avg=^[36m1.50ms^[0m  max=^[36m2.00ms^[0m     p(95)=^[36m1.90ms^[0m   |
        http_req_failed^[2;37m................:^[0m ^[36m25.00%^[0m ^[2;36m2 out of 8^[0m|
        http_reqs^[2;37m......................:^[0m ^[36m8^[0m      ^[2;36m4/s^[0m|
          { status:500 }^[2;37m...............:^[0m ^[36m2^[0m      ^[2;36m1/s^[0m|
    |
    ");
}

#[test]
fn the_time_unit_of_the_summary_is_used_unless_another_is_asked_for() {
    let mut summary = fixture::summary();
    summary.options.summary_time_unit = "s".into();
    let own = text(&summary, &TextOptions::default());
    assert!(own.contains("max=60.00s"), "{own}");
    let options = TextOptions { time_unit: Some(TimeUnit::Milliseconds), ..TextOptions::default() };
    let asked = text(&summary, &options);
    assert!(asked.contains("max=60000.00ms"), "{asked}");
}

#[test]
fn a_threshold_on_a_statistic_that_is_not_shown_takes_it_from_the_histogram() {
    let compact =
        |summary| text(&summary, &TextOptions { look: Look::Compact, ..Default::default() });
    // 1 to 1000 ms were recorded.
    let with = compact(fixture::summary());
    assert!(with.contains("✓ 'p(50)<5000' p(50)=500"), "{with}");
    let without = compact(fixture::k6_summary());
    assert!(without.contains("✓ 'p(50)<5000' p(50)=\n"), "{without}");
}

#[test]
fn a_threshold_stands_beside_the_value_that_decided() {
    let mut summary = fixture::summary();
    let result = |metric: &str, threshold: &str, statistic: &str, observed| ThresholdResult {
        metric: metric.into(),
        threshold: threshold.into(),
        statistic: statistic.into(),
        bound: None,
        observed,
        significant_digits: statistic.starts_with('p').then_some(3),
        window_seconds: Some(30),
        ok: true,
        abort_on_fail: false,
    };
    let results = vec![
        result("http_req_duration", "p(95)<500 last 30s", "p(95)", Some(12.5)),
        result("http_req_failed", "rate<0.01 last 30s", "rate", None),
        result("http_reqs", "rate>5 last 30s", "rate", Some(9.0)),
        result("http_reqs", "count>5 last 30s", "count", Some(270.0)),
    ];
    for metric in summary.metrics.values_mut() {
        metric.thresholds = None;
    }
    for ThresholdResult { metric, threshold, ok, .. } in &results {
        let metric = summary.metrics.get_mut(metric).expect("in the fixture");
        let verdicts = metric.thresholds.get_or_insert_default();
        verdicts.insert(threshold.clone(), Verdict { ok: *ok });
    }
    summary.loadgen.as_mut().expect("a full fixture").thresholds = results;
    let section = |look| {
        let text = shown(&summary, look);
        text.split_once("  █ TOTAL").expect("thresholds come first").0.to_owned()
    };
    insta::assert_snapshot!(section(Look::Full), @r"
    |
      █ THRESHOLDS |
    |
        http_req_duration|
        ✓ 'p(95)<500 last 30s' p(95)=12.5ms|
    |
        http_req_failed|
        ✓ 'rate<0.01 last 30s' rate=|
    |
        http_reqs|
        ✓ 'rate>5 last 30s' rate=9/s|
        ✓ 'count>5 last 30s' count=270|
    |
        percentiles are right to 3 significant digits|
    |
    |
    ");
    assert!(!section(Look::Compact).contains("significant"), "k6 does not say it");
}

#[test]
fn a_summary_without_samples_is_still_a_summary() {
    let mut summary = fixture::k6_summary();
    summary.metrics.clear();
    summary.root_group.checks.clear();
    summary.root_group.groups.clear();
    assert_eq!(shown(&summary, Look::Legacy), "");
    insta::assert_snapshot!(shown(&summary, Look::Full), @r"
    |
      █ TOTAL RESULTS |
    |
    ");
}

#[test]
fn looks_have_names() {
    for look in [Look::Legacy, Look::Compact, Look::Full] {
        assert_eq!(look.to_string().parse(), Ok(look));
    }
    let error = "fancy".parse::<Look>().expect_err("no look");
    assert_eq!(
        error.to_string(),
        "invalid summary mode 'fancy', allowed are legacy, compact and full"
    );
}

#[test]
fn a_users_metric_stands_where_its_name_begins_to_fit() {
    use super::subject::Subject;
    assert_eq!(Subject::of("vus_mine", false), Some(Subject::Execution));
    assert_eq!(Subject::of("browser_web_vital_x", false), Some(Subject::WebVitals));
    assert_eq!(Subject::of("browser_x", false), Some(Subject::Browser));
    assert_eq!(Subject::of("mine", false), Some(Subject::Custom));
    assert_eq!(Subject::of("checks_mine", true), None);
    assert_eq!(Subject::of("http_req_waiting", false), None);
    assert_eq!(Subject::of("http_req_waiting", true), Some(Subject::Http));
}
