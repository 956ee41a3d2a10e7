//! `/metrics` on its own port.

use servy::{Config, RedirectSource};

use crate::{Running, client};

#[tokio::test]
async fn the_series_of_the_original() {
    let redirects = "foo http://foo.bar\nbar http://bar.baz\nq\"\\ http://q.example\n";
    let redirects = RedirectSource::Inline(redirects.to_owned());
    let server = Running::start(Config { redirects, ..Config::default() }).await;
    let mut bytes = 0;
    for target in ["/", "/foo", "/bar", "/index.html", "/ggggggggg"] {
        bytes += server.get(target).await.body.len();
    }
    let metrics = server.metrics().await;
    let changing = ["servy_request_duration_seconds_", "servy_response_bytes_total "];
    let (changing, steady): (Vec<&str>, Vec<&str>) =
        metrics.lines().partition(|line| changing.iter().any(|name| line.starts_with(name)));
    insta::assert_snapshot!(steady.join("\n"), @r#"
        # HELP servy_requests_total The total number of HTTP requests made to servy
        # TYPE servy_requests_total counter
        servy_requests_total 5
        # HELP servy_response_status The status codes of HTTP responses
        # TYPE servy_response_status counter
        servy_response_status{status="200"} 2
        servy_response_status{status="308"} 2
        servy_response_status{status="404"} 1
        # HELP servy_response_bytes_total The bytes of the bodies of HTTP responses
        # TYPE servy_response_bytes_total counter
        # HELP servy_requests_in_flight The requests that are being answered
        # TYPE servy_requests_in_flight gauge
        servy_requests_in_flight 0
        # HELP servy_request_duration_seconds How long it took to find the response to a request
        # TYPE servy_request_duration_seconds histogram
        # HELP servy_redirects_served The number of requests per redirect
        # TYPE servy_redirects_served counter
        servy_redirects_served 0
        servy_redirects_served{alias="bar"} 1
        servy_redirects_served{alias="foo"} 1
        servy_redirects_served{alias="q\"\\"} 0
        # HELP servy_redirects_defined The number of redirects defined
        # TYPE servy_redirects_defined gauge
        servy_redirects_defined 3
        # HELP servy_redirects_refresh_total How often the redirects were read again
        # TYPE servy_redirects_refresh_total counter
        servy_redirects_refresh_total{result="ok"} 0
        servy_redirects_refresh_total{result="error"} 0
        # HELP servy_build_info The version of servy; the value is always 1
        # TYPE servy_build_info gauge
        servy_build_info{version="0.1.0"} 1
        "#);

    assert!(changing.contains(&&*format!("servy_response_bytes_total {bytes}")), "{changing:?}");
    let buckets: Vec<u64> = changing
        .iter()
        .filter(|line| line.contains("_bucket{"))
        .map(|line| line.rsplit(' ').next().unwrap().parse().unwrap())
        .collect();
    assert!(buckets.is_sorted(), "buckets add up: {buckets:?}");
    assert_eq!(buckets.last(), Some(&5));
    assert!(changing.contains(&"servy_request_duration_seconds_count 5"));
}

#[cfg(feature = "pprof")]
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cpu_profile_has_the_names_of_functions() {
    use std::io::Read;
    let server = Running::start(Config { pprof: true, ..Config::default() }).await;
    let (addr, metrics_addr) = (server.addr, server.metrics_addr);
    // The strings of a profile stand in it as they are.
    let mut missing = vec!["servy::", "hyper::", "samples", "nanoseconds"];
    // On a busy machine this process may get so little of a CPU that a profile has few samples.
    for _ in 0..20 {
        let profile = tokio::spawn(async move {
            client::send(metrics_addr, "GET", "/debug/pprof/profile?seconds=1", &[]).await
        });
        while !profile.is_finished() {
            client::send(addr, "GET", "/images/panorama.png", &[]).await;
        }
        let profile = profile.await.unwrap();
        assert_eq!(profile.status, 200, "{:?}", profile.body);
        let mut bytes = Vec::new();
        flate2::read::GzDecoder::new(&profile.body[..]).read_to_end(&mut bytes).unwrap();
        missing.retain(|name| !bytes.windows(name.len()).any(|it| it == name.as_bytes()));
        if missing.is_empty() {
            break;
        }
    }
    assert_eq!(missing, [""; 0]);
    let bad = client::send(metrics_addr, "GET", "/debug/pprof/profile?seconds=soon", &[]).await;
    assert_eq!(bad.status, 400);
    let closed = Running::demo().await;
    let answer = client::send(closed.metrics_addr, "GET", "/debug/pprof/profile?seconds=1", &[]);
    assert_eq!(answer.await.status, 404, "off unless asked for");
}

#[tokio::test]
async fn two_servers_in_one_process_share_nothing() {
    let (busy, idle) = (Running::demo().await, Running::demo().await);
    for _ in 0..3 {
        busy.get("/github").await;
    }
    let busy = busy.metrics().await;
    assert!(busy.contains("\nservy_requests_total 3\n"), "{busy}");
    assert!(busy.contains("\nservy_redirects_served{alias=\"github\"} 3\n"), "{busy}");
    let idle = idle.metrics().await;
    assert!(idle.contains("\nservy_requests_total 0\n"), "{idle}");
    assert!(idle.contains("\nservy_redirects_served{alias=\"github\"} 0\n"), "{idle}");
}

#[tokio::test]
async fn the_second_port_has_nothing_else() {
    let server = Running::demo().await;
    let answer = client::send(server.metrics_addr, "GET", "/metrics", &[]).await;
    assert_eq!(answer.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
    assert_eq!(client::send(server.metrics_addr, "GET", "/", &[]).await.status, 404);
    assert_eq!(client::send(server.metrics_addr, "POST", "/metrics", &[]).await.status, 405);
    assert_eq!(server.get("/metrics").await.status, 404, "the site does not show its metrics");
    assert!(
        server.metrics().await.contains("servy_requests_total 1\n"),
        "nor counts their readers"
    );
}
