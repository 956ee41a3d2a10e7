//! servy under load, with loadgen as a library: in-process and over TCP.

use std::time::Duration;

use loadgen::{LoadTest, Paths, Report, Vu};

use crate::Running;

/// Requests per second that only something broken fails to reach, a debug build on a busy machine
/// included.
const FLOOR: f64 = 300.0;

/// Everything that the demo site has, its short links too.
fn whole_site() -> LoadTest<Paths> {
    let aliases = servy::demo::redirects().into_iter().map(|(alias, _)| alias);
    LoadTest::new()
        .vus(10)
        .duration(Duration::from_secs(2))
        .batch_get(servy::demo::paths().into_iter().chain(aliases))
}

fn assert_fast_and_faultless(report: &Report) {
    report.assert_passed();
    assert_eq!(report.http_req_failed().passes, 0);
    assert_eq!(report.checks().fails, 0);
    assert!(report.http_reqs().rate > FLOOR, "{report}");
}

#[tokio::test]
async fn the_whole_site_is_served_in_process() {
    let router = servy::router(servy::Config::default()).await.unwrap();
    let report = whole_site().run(router).await.unwrap();
    assert_fast_and_faultless(&report);
    assert_eq!(report.http_reqs().count, report.checks().passes as f64);
}

#[tokio::test]
async fn the_whole_site_is_served_over_tcp_and_both_sides_count_the_same() {
    let server = Running::demo().await;
    let host = format!("http://{}", server.addr);
    let report = whole_site().run_at(&host).await.unwrap();
    assert_fast_and_faultless(&report);
    let connecting = report.trend("http_req_connecting").unwrap();
    assert!(connecting.max() > 0.0, "new connections take time:\n{report}");

    let metrics = server.metrics().await;
    let counted = |series: &str| {
        let line = metrics.lines().find_map(|line| line.strip_prefix(series)?.strip_prefix(' '));
        line.and_then(|value| value.parse::<f64>().ok()).unwrap_or(0.0)
    };
    let answers = |status: u16| {
        let requests = &report.summary().loadgen.as_ref().unwrap().requests;
        let requests = requests.iter().filter(|request| request.status == status);
        requests.map(|request| request.count).sum::<u64>() as f64
    };
    assert_eq!(counted("servy_requests_total"), report.http_reqs().count, "{metrics}");
    for status in [200, 308] {
        let series = format!("servy_response_status{{status=\"{status}\"}}");
        assert!(answers(status) > 0.0);
        assert_eq!(counted(&series), answers(status), "{metrics}");
    }
}

#[tokio::test]
async fn a_visitor_reads_the_site_and_follows_a_short_link() {
    let mut test = LoadTest::new().vus(3).iterations(30);
    let bytes = test.counter("page_bytes").unwrap();
    let (alias, url) = servy::demo::redirects().swap_remove(0);
    let test = test.iteration(async move |vu: &mut Vu| {
        let home = vu.get("/").await;
        vu.check("home", home.status_code() == 200);
        bytes.add(vu, home.body.map_or(0, |body| body.len()) as f64);
        vu.group("short link", async |vu| {
            let link = vu.get(&alias).await;
            vu.check("redirects", link.status_code() == 308);
            vu.check("there", link.headers.get("location").is_some_and(|to| *to == *url));
        })
        .await;
    });
    let report = test.run(servy::router(servy::Config::default()).await.unwrap()).await.unwrap();
    report.assert_passed();
    assert_eq!(report.checks().passes, 90);
    assert!(report.counter("page_bytes").unwrap().count > 30.0 * 1_000.0);
}

#[cfg(feature = "pprof")]
#[tokio::test]
async fn the_report_tells_where_servy_spent_its_time() {
    use crate::process::{Process, on_free_ports};

    // A process of its own, so that the profile is of servy alone.
    let (_servy, log, addr) = Process::start(on_free_ports(&["--pprof", "--access-log", "false"]));
    let (_, metrics) = log.last().unwrap().split_once("metrics on ").unwrap();
    let profiles = metrics.strip_suffix("/metrics").unwrap();
    let test = whole_site().duration(Duration::from_secs(8));
    let test = test.profile_target(profiles.parse().unwrap());
    let report = test.run_at(&format!("http://{addr}")).await.unwrap();
    assert_fast_and_faultless(&report);
    let extras = report.summary().loadgen.as_ref().unwrap();
    let profile = extras.profile.as_ref().unwrap_or_else(|| panic!("{report}"));
    assert_eq!((profile.kind.as_str(), profile.unit.as_str()), ("cpu", "nanoseconds"));
    assert!(profile.start >= 2.0 && profile.end - profile.start <= 4.01, "{profile:?}");
    assert!(profile.samples.unwrap() > 0 && !profile.hottest.is_empty(), "{profile:?}");
    for name in ["servy::", "hyper::", "tokio::"] {
        assert!(profile.calls.iter().any(|call| call.name.contains(name)), "{name}: {profile:?}");
    }
}
