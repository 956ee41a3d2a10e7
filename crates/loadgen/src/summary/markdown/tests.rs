use super::{super::fixture, *};
use crate::summary::model::Check;

#[test]
fn verdict_figures_thresholds_failed_checks_metrics() {
    insta::assert_snapshot!(markdown(&fixture::summary()).expect("it can be shown"), @r##"
    ## ❌ Load test failed

    - **Threshold crossed** `http_req_duration p(95)<500` observed 999.99ms
    - **Threshold crossed** `http_req_failed rate<0.01` observed 25.00%
    - 3 of 5 thresholds held · 2 of 15 (13.33%) checks failed · 2 of 8 (25.00%) requests failed

    | Requests per second | Failed requests | 95th percentile | 99th percentile | Data received | Duration |
    | ---: | ---: | ---: | ---: | ---: | ---: |
    | **4**<br>8 in all | **25.00%**<br>2 requests | **999.99ms**<br>median 500.56ms | **990.12ms**<br>longest 1m0s | **148 kB**<br>74 kB/s | **2s**<br>4 iterations |

    ### Thresholds

    | | metric | threshold | observed |
    | --- | --- | --- | ---: |
    | ❌ | `http_req_duration` | `p(95)<500` | 999.99ms |
    | ✅ | `http_req_duration` | `p(50)<5000` | 500.56ms |
    | ✅ | `http_req_duration{expected_response:true}` | `max < 10` | 2ms |
    | ❌ | `http_req_failed` | `rate<0.01` | 25.00% |
    | ✅ | `http_reqs{status:500}` | `count<5` | 2 |

    ### Failed checks

    | check | failed |
    | --- | ---: |
    | `status` | 2 of 10 (20.00%) |

    <details><summary>All metrics</summary>

    | trends | `avg` | `max` | `p(95)` | `p(50)` | `p(99)` |
    | --- | ---: | ---: | ---: | ---: | ---: |
    | `http_req_blocked` | 2.4µs | 380µs | 2.5µs | – | – |
    | ❌ `http_req_duration` | 22.47ms | 1m0s | 999.99ms | 500.56ms | 990.12ms |
    | ✅ `http_req_duration{expected_response:true}` | 1.5ms | 2ms | 1.9ms | – | – |
    | `my_size` | 1 | 3 | 2.5 | 3 | 3 |

    | counters | `count` | `rate` |
    | --- | ---: | ---: |
    | `data_received` | 148 kB | 74 kB/s |
    | `http_reqs` | 8 | 4/s |
    | ✅ `http_reqs{status:500}` | 2 | 1/s |
    | `iterations` | 4 | 2/s |

    | rates | `rate` | `passes` | `fails` |
    | --- | ---: | ---: | ---: |
    | `checks` | 86.66% | 13 | 2 |
    | ❌ `http_req_failed` | 25.00% | 2 | 6 |

    | gauges | `value` | `min` | `max` |
    | --- | ---: | ---: | ---: |
    | `vus` | 10 | 1 | 10 |

    </details>

    `http://127.0.0.1` · 2025-01-01T00:00:00Z · loadgen 0.1.0
    "##);
}

#[test]
fn a_run_that_passed_has_no_reasons() {
    let mut summary = fixture::summary();
    summary.root_group.checks.clear();
    summary.metrics.retain(|name, _| name == "http_reqs" || name == "iterations");
    let text = verdict(&summary, &Statistics::read(&summary).expect("it can be read"));
    insta::assert_snapshot!(text, @r##"
    ## ✅ Load test passed

    - 5 checks passed
    "##);
}

#[test]
fn names_mean_themselves() {
    assert_eq!(code("status is 200"), "`status is 200`");
    assert_eq!(code("<b>@all</b>"), "`<b>@all</b>`");
    assert_eq!(code("a|b"), "<code>a&#124;b</code>");
    assert_eq!(code("`a\\|`\n\x1b"), "<code>&#96;a&#92;&#124;&#96; \u{fffd}</code>");
    assert_eq!(code("a\u{202e}b\u{2066}"), "<code>a\u{fffd}b\u{fffd}</code>");
    assert_eq!(code(""), "<code></code>");
    assert_eq!(
        escaped("[x](javascript:1) #7 @me"),
        "&#91;x&#93;&#40;javascript:1&#41; &#35;7 &#64;me"
    );
}

#[test]
fn many_failed_checks_are_listed_up_to_a_number() {
    let mut summary = fixture::summary();
    let check = |n: usize| Check {
        name: format!("check {n}"),
        path: String::new(),
        id: String::new(),
        passes: 0,
        fails: 1,
    };
    summary.root_group.checks = (0..LISTED_CHECKS + 2).map(check).collect();
    let text = failed_checks(&summary);
    assert!(text.contains("`check 99`") && !text.contains("`check 100`"), "{text}");
    assert!(text.ends_with("and 2 more\n"), "{text}");
}
