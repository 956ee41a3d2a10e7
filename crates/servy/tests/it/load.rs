//! servy under load, with loadgen as a library: in-process and over TCP.

use std::time::Duration;

use loadgen::{LoadTest, Paths, Report, Vu};

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

#[tokio::test(flavor = "multi_thread", worker_threads = 1)]
async fn the_whole_site_is_served_over_tcp() {
    let config = servy::Config { port: 0, metrics_port: 0, ..servy::Config::default() };
    let server = servy::Server::bind(config).await.unwrap();
    let host = format!("http://{}", server.addr());
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving = tokio::spawn(server.serve(async { drop(stopped.await) }));

    let report = whole_site().run_at(&host).await.unwrap();
    drop(stop);
    serving.await.unwrap();

    assert_fast_and_faultless(&report);
    let connecting = report.trend("http_req_connecting").unwrap();
    assert!(connecting.max() > 0.0, "new connections take time:\n{report}");
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
