use super::{super::fixture, *};
use crate::metrics::Contains;

fn stats(text: &str) -> Vec<TrendStat> {
    text.split(',').map(|stat| stat.parse().expect("a statistic")).collect()
}

#[test]
fn held_values_are_kept_and_others_come_from_the_histogram() {
    let mut summary = fixture::summary();
    summary.metrics.retain(|name, _| name == "http_req_duration" || name == "my_size");
    let summary = summary
        .with_trend_stats(&stats("p(95),avg,p(99),med,count"))
        .expect("histograms are there");
    assert_eq!(summary.options.summary_trend_stats, ["p(95)", "avg", "p(99)", "med", "count"]);

    // Times are milliseconds: 1 to 1000 of them were recorded, to three digits.
    let duration = &summary.metrics["http_req_duration"].values;
    assert_eq!(duration["p(95)"], 999.999);
    assert_eq!(duration["avg"], 22.4789);
    assert_eq!(duration["count"], 1000.0);
    assert!((duration["p(99)"] - 990.0).abs() < 1.0, "{duration:?}");
    assert!((duration["med"] - 500.0).abs() < 1.0, "{duration:?}");

    // Never outside the exact extremes: the values say that 3 is the largest.
    assert_eq!(summary.metrics["my_size"].values["p(99)"], 3.0);
}

#[test]
fn what_is_not_there_is_an_error_that_names_it() {
    let error =
        fixture::k6_summary().with_trend_stats(&stats("avg,p(99)")).expect_err("no histogram");
    assert_eq!(
        error.to_string(),
        "the summary does not hold 'p(99)' of metric 'http_req_blocked', nor a histogram to compute it from"
    );
}

#[test]
fn another_spelling_of_a_statistic_is_the_same_statistic() {
    let summary =
        fixture::k6_summary().with_trend_stats(&stats("p(95.0),max")).expect("held as p(95)");
    assert_eq!(summary.metrics["http_req_duration"].values["p(95.0)"], 999.999);
}

#[test]
fn what_a_trend_of_plain_numbers_stores_is_read_back_in_its_unit() {
    let mut trend = crate::metrics::Trend::default();
    (1..=100).for_each(|value| trend.add(f64::from(value)));
    let stored = decode(&BASE64_STANDARD.encode(trend.encoded())).expect("a histogram");
    let metric = Metric {
        kind: MetricKind::Trend,
        contains: Contains::Default,
        values: BTreeMap::new(),
        thresholds: None,
    };
    let p99 = trend_value(&metric, Some(&stored), &"p(99)".parse().expect("a statistic"));
    assert!((p99.expect("computed") - 99.0).abs() < 0.1, "{p99:?}");
}

#[test]
fn only_an_honest_histogram_is_decoded() {
    assert_eq!(decode(&fixture::histogram(1)).map(|h| h.len()), Ok(1000));
    let bytes = BASE64_STANDARD.decode(fixture::histogram(1)).expect("base64");
    assert!(decode(&BASE64_STANDARD.encode(&bytes[..bytes.len() - 1])).is_err());
    // A header that promises four gigabytes must not get them.
    let mut huge = bytes;
    huge[4..8].copy_from_slice(&[0xff; 4]);
    assert!(decode(&BASE64_STANDARD.encode(huge)).is_err());
    assert!(decode("not base64").is_err());
    assert!(decode("").is_err());
}

proptest::proptest! {
    #[test]
    fn hostile_histograms_do_not_panic(at in 0usize..60, byte: u8) {
        let mut bytes = BASE64_STANDARD.decode(fixture::histogram(1)).expect("base64");
        bytes[at] = byte;
        let _ = decode(&BASE64_STANDARD.encode(bytes));
    }
}
