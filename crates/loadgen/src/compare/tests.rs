pub(super) mod simulated;

use simulated::{Chance, STEADY, Server, run, subject};

use super::*;
use crate::summary::{Summary, json as summary_json, parse};

/// How often, of so many comparisons, a column said that there is a difference.
fn alarms(trials: u64, servers: [Server; 2], (runs, seconds): (usize, usize)) -> f64 {
    let found = (0..trials).filter(|seed| {
        let mut chance = Chance::new(*seed);
        let [base, new] = servers;
        let subjects = [
            subject("base", base, runs, seconds, &mut chance),
            subject("new", new, runs, seconds, &mut chance),
        ];
        let comparison = compare(&subjects, &[]);
        let verdict = comparison.columns[1].verdict.expect("judged");
        verdict.is_good() || verdict.is_bad() || verdict == Verdict::Mixed
    });
    found.count() as f64 / trials as f64
}

fn compare(subjects: &[Subject], conditions: &[&str]) -> Comparison {
    let conditions: Vec<Condition> =
        conditions.iter().map(|text| text.parse().expect("a condition")).collect();
    Comparison::new(subjects, Rows::Main, &conditions).expect("comparable")
}

#[test]
fn equal_servers_are_said_to_differ_in_one_table_of_twenty_at_most() {
    for memory in [0.0, 0.5, 0.7] {
        for noise in [0.01, 0.05] {
            let server = Server { memory, noise, ..STEADY };
            let rate = alarms(300, [server; 2], (1, 30));
            assert!(rate <= 0.05, "{rate} with memory {memory} and noise {noise}");
        }
    }
}

#[test]
fn with_rounds_what_differs_between_runs_raises_no_alarm() {
    for between_runs in [0.01, 0.05] {
        for runs in [3, 5] {
            let server = Server { between_runs, ..STEADY };
            let rate = alarms(400, [server; 2], (runs, 15));
            assert!(rate <= 0.05, "{rate} with {runs} runs and {between_runs} between them");
        }
    }
}

#[test]
fn a_tenth_more_is_found() {
    let faster = Server { speed: 1.1, ..STEADY };
    let slower = Server { speed: 0.9, ..STEADY };
    for new in [faster, slower] {
        let rate = alarms(200, [STEADY, new], (1, 30));
        assert!(rate >= 0.95, "{rate} of single runs");
        let between_runs = 0.015;
        let [base, new] = [STEADY, new].map(|server| Server { between_runs, ..server });
        let rate = alarms(200, [base, new], (5, 15));
        assert!(rate >= 0.95, "{rate} of five rounds");
    }
}

fn pair(new: Server, seconds: usize) -> [Subject; 2] {
    let mut chance = Chance::new(7);
    [subject("base", STEADY, 1, seconds, &mut chance), subject("new", new, 1, seconds, &mut chance)]
}

#[test]
fn a_table_reads_well() {
    let new = Server { speed: 1.2, failures: 0.02, ..STEADY };
    let comparison = compare(&pair(new, 30), &["http_req_duration.p(95)>+10%", "slower"]);
    insta::assert_snapshot!(comparison.text(&TextOptions::default()), @r##"
                                          base            new  ratio        verdict
    http_reqs.rate............:  4004.696869/s  4758.394404/s  1.19× ±0.07  faster
    http_req_failed.rate......:          0.20%          1.94%  9.33×        worse
    http_req_duration.avg.....:         1.99ms         1.68ms  0.84× ±0.05  faster
    http_req_duration.med.....:          1.5ms         1.26ms  0.84× ±0.05  faster
    http_req_duration.p(90)...:         3.99ms         3.35ms  0.84× ±0.05  faster
    http_req_duration.p(95)...:         5.94ms         5.05ms  0.85× ±0.06  faster
    http_req_duration.p(99)...:        12.03ms         10.1ms  0.84× ±0.09  faster
    http_req_duration.max.....:       213.78ms       186.33ms  0.87×        –
    iterations.rate...........:    99.600266/s   118.421053/s  1.19× ±0.07  faster
    checks.rate...............:         99.79%         98.05%  0.98×        –
    data_received.rate........:       200 MB/s       238 MB/s  1.19×        –
    verdict...................:                                             mixed

    ✓ http_req_duration.p(95)>+10% does not hold for new: 5.05ms against 5.94ms of base, -14.94%
    ✗ slower holds for new: worse in http_req_failed.rate

    note: new: judged by how the seconds within a run differ; changes below 5% are not called differences, since fewer than 3 runs of each do not tell how much runs of the same differ
    "##);
    insta::assert_snapshot!(comparison.markdown(), @r##"
    | metric | base | new | ratio | verdict |
    |---|---:|---:|---|---|
    | http_reqs.rate | 4004.696869/s | 4758.394404/s | 1.19× ±0.07 | **faster** |
    | http_req_failed.rate | 0.20% | 1.94% | 9.33× | **worse** |
    | http_req_duration.avg | 1.99ms | 1.68ms | 0.84× ±0.05 | **faster** |
    | http_req_duration.med | 1.5ms | 1.26ms | 0.84× ±0.05 | **faster** |
    | http_req_duration.p(90) | 3.99ms | 3.35ms | 0.84× ±0.05 | **faster** |
    | http_req_duration.p(95) | 5.94ms | 5.05ms | 0.85× ±0.06 | **faster** |
    | http_req_duration.p(99) | 12.03ms | 10.1ms | 0.84× ±0.09 | **faster** |
    | http_req_duration.max | 213.78ms | 186.33ms | 0.87× | – |
    | iterations.rate | 99.600266/s | 118.421053/s | 1.19× ±0.07 | **faster** |
    | checks.rate | 99.79% | 98.05% | 0.98× | – |
    | data_received.rate | 200 MB/s | 238 MB/s | 1.19× | – |
    | **verdict** | | | | **mixed** |

    - ✓ http_req_duration.p(95)>+10% does not hold for new: 5.05ms against 5.94ms of base, -14.94%
    - ✗ slower holds for new: worse in http_req_failed.rate

    - new: judged by how the seconds within a run differ; changes below 5% are not called differences, since fewer than 3 runs of each do not tell how much runs of the same differ
    "##);
}

#[test]
fn a_narrow_terminal_gets_several_tables_each_with_the_base() {
    let mut chance = Chance::new(3);
    let subjects = ["a", "b", "c", "d"].map(|name| subject(name, STEADY, 1, 30, &mut chance));
    let comparison = compare(&subjects, &[]);
    let text = comparison.text(&TextOptions { color: false, width: Some(100) });
    assert_eq!(text.matches("http_reqs.rate").count(), 3, "{text}");
    assert!(text.lines().take(14).all(|line| line.chars().count() <= 100), "{text}");
    let wide = comparison.text(&TextOptions::default());
    assert_eq!(wide.matches("http_reqs.rate").count(), 1, "{wide}");
}

#[test]
fn only_verdicts_have_a_colour() {
    let comparison = compare(&pair(Server { speed: 1.2, ..STEADY }, 30), &[]);
    let text = comparison.text(&TextOptions { color: true, width: None });
    assert!(text.contains("\u{1b}[32mfaster\u{1b}[0m"), "{text}");
    assert!(!comparison.text(&TextOptions::default()).contains('\u{1b}'));
}

#[test]
fn failures_are_told_apart_from_speed() {
    let verdict = |failures| {
        let comparison = compare(&pair(Server { failures, ..STEADY }, 30), &[]);
        comparison.columns[1].verdict
    };
    assert_eq!(verdict(0.03), Some(Verdict::Worse));
    assert_eq!(verdict(0.0), Some(Verdict::Better));
    assert_eq!(verdict(0.0021), Some(Verdict::NoDifference));
}

#[test]
fn what_is_faster_and_fails_more_is_mixed() {
    let new = Server { speed: 1.2, failures: 0.05, ..STEADY };
    assert_eq!(compare(&pair(new, 30), &[]).columns[1].verdict, Some(Verdict::Mixed));
}

#[test]
fn short_runs_are_not_judged() {
    // Ten seconds without the first and the last are eight.
    let verdict = |seconds| compare(&pair(STEADY, seconds), &[]).columns[1].verdict;
    assert_eq!(verdict(10), Some(Verdict::TooShort));
    assert_eq!(verdict(11), Some(Verdict::TooShort));
    assert_ne!(verdict(12), Some(Verdict::TooShort));
}

#[test]
fn a_few_requests_a_second_are_not_taken_for_unsteady() {
    let mut summary = run(STEADY, 60, &mut Chance::new(1));
    let extras = summary.loadgen.as_mut().expect("a run of loadgen");
    let mut chance = Chance::new(2);
    for row in &mut extras.rows {
        row.http_reqs = (20.0 + 20_f64.sqrt() * chance.normal()).round().max(0.0) as u64;
    }
    let variation = seconds::variation(extras);
    assert!(variation < 0.1, "{variation}");
}

#[test]
fn wild_runs_are_not_called_equal() {
    let wild = Server { noise: 0.5, ..STEADY };
    let subjects = [Chance::new(1), Chance::new(2)].map(|mut c| subject("x", wild, 1, 20, &mut c));
    assert_eq!(
        compare(&subjects, &[]).rows[0].cells[1].as_ref().and_then(|c| c.verdict),
        Some(Verdict::TooNoisy)
    );
}

#[test]
fn warm_up_and_setup_are_left_out() {
    let seconds = |change: fn(&mut Summary)| {
        let mut summary = run(STEADY, 30, &mut Chance::new(1));
        change(&mut summary);
        let extras = summary.loadgen.expect("a run of loadgen");
        let counted: Vec<f64> = seconds::counted(&extras).map(|second| second.at).collect();
        (counted.first().copied(), counted.last().copied())
    };
    assert_eq!(seconds(|_| ()), (Some(2.0), Some(29.0)));
    assert_eq!(
        seconds(|summary| {
            if let Some(extras) = &mut summary.loadgen {
                extras.warmup_seconds = 10;
            }
        }),
        (Some(12.0), Some(29.0))
    );
    assert_eq!(
        seconds(|summary| {
            if let Some(extras) = &mut summary.loadgen {
                extras.rows.iter_mut().for_each(|row| row.at += 0.25);
                let setup =
                    crate::summary::model::Row { at: 0.25, seconds: 0.25, ..Default::default() };
                extras.rows.insert(0, setup);
                extras.warmup_seconds = 10;
            }
        }),
        (Some(12.25), Some(29.25))
    );
}

/// What k6 would have stored.
fn k6(subject: Subject) -> Subject {
    let runs = subject.runs.into_iter().map(|run| Summary { loadgen: None, ..run }).collect();
    Subject { runs, ..subject }
}

#[test]
fn files_of_k6_have_figures_and_ratios_and_a_note_why_not_more() {
    let [base, new] = pair(Server { speed: 1.5, ..STEADY }, 30);
    let comparison = compare(&[base, k6(new)], &["slower"]);
    assert!(comparison.rows.iter().all(|row| row.verdict(1).is_none()));
    assert_eq!(comparison.columns[1].verdict, None);
    let ratio = comparison.rows[0].cells[1].as_ref().and_then(|cell| cell.ratio);
    assert!(ratio.is_some_and(|ratio| (1.4..1.6).contains(&ratio)), "{ratio:?}");
    insta::assert_snapshot!(comparison.notes.join("\n"), @"no verdict without noise: new comes from k6, which stores totals only; 3 runs of each or more can be judged");

    // Runs of k6 differ as all others do.
    let mut chance = Chance::new(5);
    let subjects =
        [1.0, 1.5].map(|speed| k6(subject("k6", Server { speed, ..STEADY }, 3, 20, &mut chance)));
    assert_eq!(compare(&subjects, &[]).columns[1].verdict, Some(Verdict::Faster));
}

#[test]
fn what_makes_runs_different_tests_is_told() {
    let [base, mut new] = pair(STEADY, 30);
    let extras = new.runs[0].loadgen.as_mut().expect("a run of loadgen");
    extras.options = serde_json::json!({ "vus": 20, "duration": "1m", "thresholds": {} });
    extras.host.cores = 64;
    extras.version = "0.0.9".into();
    extras.warnings.push("the generator was busy".into());
    insta::assert_snapshot!(compare(&[base, new], &[]).notes.join("\n"), @r##"
    new: judged by how the seconds within a run differ; changes below 5% are not called differences, since fewer than 3 runs of each do not tell how much runs of the same differ
    not alike: the machines of base and new
    not alike: the option duration (unset and "1m") of base and new
    not alike: the option vus (10 and 20) of base and new
    not alike: the versions of loadgen of base and new
    new: the generator was busy
    "##);
}

#[test]
fn all_rows_are_every_value_of_every_metric_once() {
    let subjects = pair(STEADY, 30);
    let comparison = Comparison::new(&subjects, Rows::All, &[]).expect("comparable");
    let names: Vec<String> = comparison.rows.iter().map(|row| row.measure.to_string()).collect();
    insta::assert_snapshot!(names.join(" "), @"http_reqs.rate http_req_failed.rate http_req_duration.avg http_req_duration.med http_req_duration.p(90) http_req_duration.p(95) http_req_duration.p(99) http_req_duration.max iterations.rate checks.rate data_received.rate checks.fails checks.passes data_received.count http_req_failed.fails http_req_failed.passes http_reqs.count iterations.count");
    let main = compare(&subjects, &[]);
    assert_eq!(comparison.rows[..main.rows.len()], main.rows, "more rows change no verdict");
}

#[test]
fn a_subject_without_a_metric_has_an_empty_cell() {
    let [base, mut new] = pair(STEADY, 30);
    new.runs[0].metrics.remove("checks");
    let comparison = compare(&[base, new], &[]);
    let checks = comparison.rows.iter().find(|row| row.measure.metric == "checks");
    let checks = checks.expect("the base has checks");
    assert_eq!((checks.value(1).as_str(), checks.ratio(1).as_str()), ("–", "–"));
}

#[test]
fn values_are_means_of_runs() {
    let mut chance = Chance::new(9);
    let subjects = ["a", "b"].map(|name| subject(name, STEADY, 4, 15, &mut chance));
    let comparison = compare(&subjects, &[]);
    let cell = comparison.rows[0].cells[1].as_ref().expect("a value");
    assert_eq!(cell.runs.len(), 4);
    assert_eq!(cell.value, cell.runs.iter().sum::<f64>() / 4.0);
    assert_eq!(comparison.columns[1].basis, Some(Basis::Runs));
}

#[test]
fn errors_say_what_is_missing() {
    let [base, new] = pair(STEADY, 12);
    let error = |subjects: &[Subject], condition: &str| {
        let conditions = [condition.parse().expect("a condition")];
        Comparison::new(subjects, Rows::Main, &conditions).expect_err("impossible").to_string()
    };
    let both = [base.clone(), new.clone()];
    let empty = Subject { name: "none".into(), runs: Vec::new() };
    let mut without = new;
    without.runs[0].metrics.remove("checks");
    insta::assert_snapshot!([
        error(&[], "slower"),
        error(&both[..1], "slower"),
        error(&[base.clone(), empty], "slower"),
        error(&both, "http_req_durations.p(95)>+10%"),
        error(&both, "http_req_duration.rate>1"),
        error(&[base, without], "checks.rate<1"),
    ].join("\n"), @r##"
    nothing to compare: found 0, allowed are a base and one or more others
    nothing to compare: found 1, allowed are a base and one or more others
    'none' has no run
    condition 'http_req_durations.p(95)>+10%': 'http_req_durations.p(95)' is not in the summary of base
    condition 'http_req_duration.rate>1': 'http_req_duration.rate' is not in the summary of base
    condition 'checks.rate<1': 'checks.rate' is not in the summary of new
    "##);
}

#[test]
fn conditions_hold_by_the_figures() {
    // A tenth faster, with latencies a tenth below.
    let subjects = pair(Server { speed: 1.25, noise: 0.0001, ..STEADY }, 30);
    let holds = |text: &str| compare(&subjects, &[text]).fails();
    for condition in [
        "http_reqs.rate>+20%",
        "http_reqs.rate<+30%",
        "http_reqs.rate>+900",
        "http_reqs.rate > 4900",
        "http_req_duration.avg<-15%",
        "http_req_duration.avg<=-0.3",
        "http_req_failed.rate<0.01",
        "http_req_duration.p(99.5)>0",
    ] {
        assert!(holds(condition), "{condition}");
    }
    for condition in
        ["slower", "http_reqs.rate<-5%", "http_reqs.rate<+900", "http_req_duration.p(95)>+10%"]
    {
        assert!(!holds(condition), "{condition}");
    }
    let slower = pair(Server { speed: 0.8, ..STEADY }, 30);
    let comparison = compare(&slower, &["slower", "http_reqs.rate<-5%", "checks.rate<0.5"]);
    let told = comparison.conditions.iter().map(ToString::to_string).collect::<Vec<_>>();
    insta::assert_snapshot!(told.join("\n"), @r##"
    slower holds for new: slower in http_reqs.rate, slower in http_req_duration.avg, slower in http_req_duration.med, slower in http_req_duration.p(90), slower in http_req_duration.p(95), slower in http_req_duration.p(99), slower in iterations.rate
    http_reqs.rate<-5% holds for new: 3172.085276/s against 4004.696869/s of base, -20.79%
    checks.rate<0.5 does not hold for new: 99.81% against 99.79% of base, +0.03%
    "##);
}

#[test]
fn nothing_to_something_is_an_infinite_change() {
    let mut subjects = pair(Server { failures: 0.02, ..STEADY }, 30);
    subjects[0] = {
        let mut chance = Chance::new(1);
        subject("base", Server { failures: 0.0, ..STEADY }, 1, 30, &mut chance)
    };
    let comparison = compare(&subjects, &["http_req_failed.rate>+50%"]);
    assert!(comparison.fails());
    assert!(comparison.conditions[0].figures.ends_with("from nothing"));
    assert_eq!(comparison.rows[1].ratio(1), "–");
    assert_eq!(comparison.rows[1].verdict(1), Some(Verdict::Worse));
}

#[test]
fn json_has_everything_that_a_verdict_rests_on() {
    let comparison = compare(&pair(Server { speed: 1.2, ..STEADY }, 30), &["slower"]);
    let json: serde_json::Value = serde_json::from_str(&comparison.json()).expect("JSON");
    insta::assert_snapshot!(format!("{:#}\n{:#}\n{:#}", json["columns"], json["rows"][0], json["conditions"]), @r##"
    [
      {
        "name": "base",
        "target": "http://127.0.0.1",
        "runs": 1,
        "basis": null,
        "verdict": null
      },
      {
        "name": "new",
        "target": "http://127.0.0.1",
        "runs": 1,
        "basis": "seconds",
        "verdict": "faster"
      }
    ]
    {
      "metric": "http_reqs",
      "statistic": "rate",
      "kind": "counter",
      "contains": "default",
      "cells": [
        {
          "value": 4004.696868754164,
          "runs": [
            4004.696868754164
          ],
          "ratio": null,
          "verdict": null,
          "noise": null
        },
        {
          "value": 4758.3944037308465,
          "runs": [
            4758.3944037308465
          ],
          "ratio": 1.1882033920862414,
          "verdict": "faster",
          "noise": {
            "change": 0.18937428105187135,
            "low": 0.12408393034990119,
            "high": 0.25845690186792397
          }
        }
      ]
    }
    [
      {
        "condition": "slower",
        "column": "new",
        "holds": false,
        "figures": "in no row"
      }
    ]
    "##);
}

#[test]
fn hostile_names_are_text_everywhere() {
    let hostile = "</script><img src=x onerror=alert(1)> \"'|`*[x](y)\n\u{1b}[31m";
    let mut subjects = pair(STEADY, 30);
    subjects[1].name = hostile.into();
    if let Some(extras) = &mut subjects[1].runs[0].loadgen {
        extras.target = hostile.into();
        extras.warnings.push(hostile.into());
    }
    let metric = subjects[1].runs[0].metrics["http_reqs"].clone();
    subjects[1].runs[0].metrics.insert(format!("http_reqs{{name:{hostile}}}"), metric);
    let comparison = Comparison::new(&subjects, Rows::All, &[]).expect("comparable");
    let page = comparison.html(&subjects).expect("a page");
    assert!(!page.contains("<img"), "{page}");
    assert_eq!(page.matches("</script>").count(), 1);
    let markdown = comparison.markdown();
    assert!(!markdown.replace("\\<", "").contains('<'), "{markdown}");
    assert!(!markdown.replace("\\[", "").contains('['), "{markdown}");
    let head = markdown.lines().next().expect("a head");
    assert_eq!(head.replace("\\|", "").matches('|').count(), 6, "{head}");
    assert!(!comparison.text(&TextOptions::default()).contains('\u{1b}'));
}

#[test]
fn a_page_has_a_curve_for_each_subject_in_each_chart() {
    let mut chance = Chance::new(4);
    let subjects = ["a", "b", "c"].map(|name| subject(name, STEADY, 2, 30, &mut chance));
    let page = compare(&subjects, &["slower"]).html(&subjects).expect("a page");
    let charts = page.matches("<svg class=\"chart\"").count();
    assert_eq!(charts, 6, "five over time, one of percentiles");
    assert_eq!(page.matches("<path class=\"line").count(), 3 * charts);
    for outside in ["http://", "https://", "url(", "@import"] {
        assert!(!page.replace("http://127.0.0.1", "").contains(outside), "{outside}");
    }
}

#[test]
fn odd_numbers_break_nothing() {
    for odd in [0.0, -1.0, f64::MAX, f64::MIN_POSITIVE, 1e300] {
        let mut subjects = pair(STEADY, 30);
        for subject in &mut subjects {
            let run = &mut subject.runs[0];
            run.metrics.values_mut().flat_map(|m| m.values.values_mut()).for_each(|v| *v = odd);
            for row in run.loadgen.iter_mut().flat_map(|extras| &mut extras.rows) {
                (row.at, row.http_reqs, row.seconds) = (odd, u64::MAX, odd);
            }
            assert!(parse(&summary_json::to_json(run), "x").is_ok());
        }
        let comparison = compare(&subjects, &["http_reqs.rate>+10%", "slower"]);
        let page = comparison.html(&subjects).expect("a page");
        assert!(page.contains("</html>"));
        for text in [comparison.text(&TextOptions::default()), comparison.markdown()] {
            assert!(!text.contains("NaN"), "{text}");
        }
        assert!(serde_json::from_str::<serde_json::Value>(&comparison.json()).is_ok());
    }
}
