use super::*;
use crate::summary::model::{
    Profile, RequestCount, RowCpu, RowDuration, RowLag, ThresholdResult, Verdict,
};

mod sample;

fn page(summary: &Summary) -> String {
    html(summary).expect("the summary can be shown")
}

/// Every element of the page: `(name, attributes)`. The page writes `>` in attributes as `&gt;`.
fn elements(page: &str) -> Vec<(&str, &str)> {
    let tags = page.split('<').skip(1).filter(|tag| tag.starts_with(|c: char| c.is_alphabetic()));
    tags.map(|tag| {
        let tag = tag.split('>').next().unwrap_or_default();
        tag.split_once(' ').unwrap_or((tag, ""))
    })
    .collect()
}

/// What stands outside of quotes: the names of attributes.
fn unquoted(attributes: &str) -> String {
    attributes.split('"').step_by(2).collect()
}

/// The page without the script and the style that are its own.
fn without_own_code(page: &str) -> String {
    let (script, style) = (SCRIPT.to_string(), STYLE.to_string());
    assert!(page.contains(&script) && page.contains(&style));
    page.replace(&script, "").replace(&style, "")
}

#[test]
fn hostile_names_stay_text() {
    let page = page(&sample::failing());
    let page = without_own_code(&page);
    assert_eq!(page.matches("<script").count(), 1, "only the page's own script");
    assert_eq!(page.matches("</script").count(), 1);
    for (name, attributes) in elements(&page) {
        assert_ne!(name, "img");
        let bare = unquoted(attributes);
        assert!(!bare.contains(" on") && !bare.starts_with("on"), "{name} {attributes}");
        assert!(!bare.contains('\''), "{name} {attributes}");
    }
    let shown = "&#60;img src=x onerror=alert(3)&#62; \u{202e}🦀";
    assert!(page.matches(shown).count() >= 6, "shown in every table and at the top");
}

#[test]
fn nothing_is_fetched() {
    for summary in [sample::full(30), sample::failing(), sample::k6(30)] {
        let page = page(&summary);
        for (name, attributes) in elements(&without_own_code(&page)) {
            let fetches = ["iframe", "object", "embed", "a", "audio", "video", "base", "form"];
            assert!(!fetches.contains(&name) || attributes.contains("href=\"#"), "{name}");
            assert!(!unquoted(attributes).contains("src"), "{attributes}");
            assert!(name != "link" || attributes.contains("href=\"data:,\""), "{attributes}");
        }
        for forbidden in ["@import", "url(", "fetch(", "XMLHttpRequest", "innerHTML", "import("] {
            assert!(!page.contains(forbidden), "{forbidden}");
        }
    }
}

#[test]
fn an_hour_stays_small() {
    let mut summary = sample::full(3600);
    let extras = extras_of(&mut summary);
    extras.profile = None;
    let kind = extras.requests[0].clone();
    let name = |n| format!("https://shop.example.com/products/{n}/a-name-of-some-length");
    extras.requests.extend((0..473).map(|n| RequestCount { name: name(n), ..kind.clone() }));
    assert_eq!(extras.requests.len(), 500);
    let page = page(&summary);
    assert!(page.len() < 300_000, "{} bytes", page.len());
    assert!(page.contains("Lowest and highest value"), "says that it was thinned out");
}

/// The verdict, its reasons and notes.
fn told(summary: &Summary) -> String {
    let statistics = Statistics::read(summary).expect("readable histograms");
    let outcome = outcome::outcome(summary, &statistics);
    let reasons = outcome.reasons.iter();
    let reasons = reasons.map(|r| format!("{}: {} {}", r.kind, r.what.join(" › "), r.observed));
    let lines = [format!("{:?}", outcome.state)].into_iter().chain(reasons).chain(outcome.notes);
    lines.collect::<Vec<_>>().join("\n").replace(sample::HOSTILE, "HOSTILE")
}

#[test]
fn says_why_it_failed() {
    insta::assert_snapshot!(told(&sample::failing()), @r"
    Failed
    Threshold crossed: http_req_duration p(95)<4 observed 5.04ms
    2 of 3 thresholds held
    1,274 of 137,808 (0.92%) checks failed
    1,259 of 135,360 (0.93%) requests failed
    ");
}

#[test]
fn without_thresholds_failed_checks_and_requests_decide() {
    let mut summary = sample::failing();
    for metric in summary.metrics.values_mut() {
        metric.thresholds = None;
    }
    insta::assert_snapshot!(told(&summary), @r"
    Failed
    Check failed: status 1,259 of 135,360 (0.93%)
    Check failed: HOSTILE 3 of 3 (100.00%)
    Check failed: checkout › HOSTILE › card is charged 12 of 812 (1.47%)
    Requests failed:  1,259 of 135,360 (0.93%)
    ");
}

#[test]
fn thresholds_that_hold_let_checks_and_requests_fail() {
    let mut summary = sample::failing();
    for metric in summary.metrics.values_mut() {
        metric.thresholds.iter_mut().flatten().for_each(|(_, verdict)| verdict.ok = true);
    }
    insta::assert_snapshot!(told(&summary), @r"
    Passed
    all 3 thresholds held
    1,274 of 137,808 (0.92%) checks failed
    1,259 of 135,360 (0.93%) requests failed
    ");
}

#[test]
fn a_threshold_stands_beside_the_value_that_decided() {
    let mut summary = sample::failing();
    let result = |metric: &str, threshold: &str, observed, digits| ThresholdResult {
        metric: metric.into(),
        threshold: threshold.into(),
        statistic: "p(95)".into(),
        bound: Some(4.0),
        observed,
        significant_digits: digits,
        window_seconds: Some(30),
        ok: false,
        abort_on_fail: false,
    };
    extras_of(&mut summary).thresholds = vec![
        result("http_req_duration", "p(95)<4", Some(7.25), Some(3)),
        result("data_sent", "count>1000", None, None),
    ];
    let page = page(&summary);
    assert!(
        page.contains("http_req_duration p(95)&#60;4</bdi> <span class=\"quiet\">observed 7.25ms")
    );
    let cells = "<code>count&#62;1000</code></td><td class=\"n\">1.0 kB</td><td class=\"n\">–</td>";
    assert!(page.contains(cells));
    assert!(page.contains("Percentiles are right to 3 significant digits"));
}

#[test]
fn files_of_k6_have_no_charts_and_say_why() {
    let page = page(&sample::k6(30));
    assert!(page.contains("this summary was written by k6"));
    assert!(!page.contains("<figure"));
    assert!(page.contains("Passed"));
}

#[test]
fn a_statistic_that_is_not_listed_comes_from_the_histogram() {
    let summary = sample::full(30);
    let statistics = Statistics::read(&summary).expect("readable histograms");
    let get = |stat| statistics.get("http_req_duration", stat);
    assert_eq!(get("p(95)"), Some(2.1 * 2.4), "as listed");
    let p99 = get("p(99)").expect("in the histogram");
    assert!(p99 > get("p(90)").expect("listed") && p99 < 100.0, "{p99} ms");
    assert_eq!(get("count"), Some(50_000.0));
    assert_eq!(get("p(990)"), None);
    assert_eq!(statistics.get("http_req_waiting", "p(99)"), None);
}

#[test]
fn a_histogram_that_is_none_is_an_error() {
    let mut summary = sample::full(3);
    for (text, reason) in [("*", "no base64"), ("AAAA", "no HDR histogram")] {
        let extras = summary.loadgen.as_mut().expect("a full sample");
        extras.histograms.insert("x".into(), text.into());
        let error = html(&summary).expect_err("not readable").to_string();
        let start = format!("histogram of 'x' in 'loadgen.histograms': {reason}");
        assert!(error.starts_with(&start), "{error}");
    }
}

#[test]
fn whatever_is_missing_the_rest_is_shown() {
    let pages = [
        ("no rows", with(|s| extras_of(s).rows.clear())),
        ("one row", with(|s| extras_of(s).rows.truncate(1))),
        ("an empty row", with(|s| extras_of(s).rows[3] = Default::default())),
        (
            "no latency at all",
            with(|s| extras_of(s).rows.iter_mut().for_each(|r| r.duration = None)),
        ),
        ("no histograms", with(|s| extras_of(s).histograms.clear())),
        ("no requests", with(|s| extras_of(s).requests.clear())),
        ("no slowest", with(|s| extras_of(s).slowest.clear())),
        ("no profile", with(|s| extras_of(s).profile = None)),
        ("an empty profile", with(|s| profile_of(s).calls.clear())),
        ("no phases", with(|s| extras_of(s).phases.clear())),
        (
            "an older file's rows",
            with(|s| {
                for row in &mut extras_of(s).rows {
                    (row.cpu, row.schedule_lag, row.latency) = (None, None, Default::default());
                }
            }),
        ),
        ("no checks", with(|s| s.root_group.checks.clear())),
        ("no trend stats", with(|s| s.options.summary_trend_stats.clear())),
        ("no values", with(|s| s.metrics.values_mut().for_each(|m| m.values.clear()))),
        ("no metrics", with(|s| s.metrics.clear())),
    ];
    for (what, page) in pages {
        assert!(page.contains("</html>") && !without_own_code(&page).contains("NaN"), "{what}");
    }
}

#[test]
fn values_that_are_no_numbers_do_not_break_the_page() {
    for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -1.0, f64::MAX, f64::MIN_POSITIVE] {
        let page = with(|summary| {
            summary.state.test_run_duration_ms = odd;
            for metric in summary.metrics.values_mut() {
                metric.values.values_mut().for_each(|value| *value = odd);
            }
            extras_of(summary).generator.cpu_seconds = odd;
            for slow in &mut extras_of(summary).slowest {
                (slow.at, slow.duration, slow.blocked, slow.waiting) = (odd, odd, odd, odd);
            }
            (profile_of(summary).start, profile_of(summary).total) = (odd, odd as u64);
            for phase in &mut extras_of(summary).phases {
                (phase.start, phase.end) = (odd, odd);
            }
            for row in &mut extras_of(summary).rows {
                (row.at, row.seconds, row.http_reqs) = (odd, odd, u64::MAX);
                row.cpu = Some(RowCpu { cores: odd, busiest_worker: odd });
                row.schedule_lag = Some(RowLag { p50: odd, p99: odd, max: odd });
                row.duration = Some(RowDuration {
                    avg: odd,
                    p50: odd,
                    p90: odd,
                    p95: odd,
                    p99: odd,
                    max: odd,
                });
            }
        });
        assert!(page.contains("</html>") && !without_own_code(&page).contains("NaN"), "{odd}");
    }
}

/// The page of a full sample that was tampered with.
fn with(change: impl FnOnce(&mut Summary)) -> String {
    let mut summary = sample::full(30);
    change(&mut summary);
    page(&summary)
}

fn extras_of(summary: &mut Summary) -> &mut Extras {
    summary.loadgen.as_mut().expect("a full sample")
}

fn profile_of(summary: &mut Summary) -> &mut Profile {
    extras_of(summary).profile.as_mut().expect("a full sample")
}

#[test]
fn a_profile_says_what_it_is_of() {
    let page = page(&sample::full(30));
    let without = with(|summary| extras_of(summary).profile = None);
    let size = page.len() - without.len();
    assert!(size < 90_000 && page.len() < 250_000, "{size} of {} bytes", page.len());
    assert!(
        page.contains("36µs of CPU time from 0:07.5 to 0:22.5 of the run, seen in 1,000 samples")
    );
    assert!(!page.contains("take the shares as rough ones"));
    let row = "<bdi>&#60;tower_http::trace::service_0::Trace&#60;S, C&#62; as Service&#60;R&#62;&#62;::call</bdi></th>\
               <td class=\"n\" data-sort=\"3600\">10.00%</td><td class=\"n\" data-sort=\"18000\">50.00%</td>";
    assert!(page.contains(row));
    let few = with(|summary| profile_of(summary).samples = Some(10));
    assert!(few.contains("take the shares as rough ones"));
    let goroutines = with(|summary| {
        let profile = profile_of(summary);
        (profile.kind, profile.unit, profile.samples) = ("wait".into(), "count".into(), None);
    });
    assert!(goroutines.contains("36,000 of wait from 0:07.5 to 0:22.5 of the run, as "));
}

#[test]
fn kinds_of_requests_beyond_a_thousand_are_counted_in_one_line() {
    let page = with(|summary| {
        let requests = &mut extras_of(summary).requests;
        let kind = RequestCount { count: 3, ..requests[0].clone() };
        *requests = vec![kind; 1_007];
    });
    let cells = "7 more kinds of answers, which summary.json has all</th><td class=\"n\">21</td>";
    assert!(page.contains(cells) && page.contains("<td class=\"n\">3,021</td>"));
}

#[test]
fn a_run_that_was_cut_short_did_not_pass_whatever_was_measured() {
    let error = "test run was aborted because loadgen received a 'interrupt' signal";
    let page = with(|summary| extras_of(summary).error = Some(error.into()));
    let outcome = page.split_once("<div class=\"outcome").expect("it has one").1;
    let outcome = outcome.split_once("</div>").expect("it ends").0;
    assert!(outcome.starts_with(" bad") && outcome.contains("received a"), "{outcome}");
}

#[test]
fn a_threshold_on_a_statistic_that_is_not_listed_has_a_column() {
    let page = with(|summary| {
        let metric = summary.metrics.get_mut("http_req_duration").expect("in the sample");
        let verdict = Verdict { ok: false };
        metric.thresholds = Some([("p(99.9)<1".to_owned(), verdict)].into_iter().collect());
    });
    assert!(page.contains("<th scope=\"col\" class=\"n\">p(99.9)</th>"));
    assert_eq!(page.matches("<td class=\"n bad\" data-sort=").count(), 1, "it is marked");
}

#[test]
fn the_slowest_requests_have_their_parts_side_by_side() {
    let page = page(&sample::full(30));
    let row =
        page.lines().find(|line| line.contains("a-page-of-the-blog-0/") && line.contains("bar"));
    let row = row.expect("the slowest of all");
    // 0.5 of blocked and 3 of connecting lie before the 90.42 of the request itself.
    for text in
        ["90.42ms", "500µs", "3ms", "x=\"0.00\" width=\"0.53\"", "x=\"0.53\" width=\"3.19\""]
    {
        assert!(row.contains(text), "{text} in {row}");
    }
}
