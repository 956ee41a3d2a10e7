//! The text of JSON lines and CSV, field by field: what k6 writes for the same test.

use std::{collections::BTreeMap, fs, time::Duration};

use axum::{Router, routing::get};
use loadgen::{LoadTest, Report, ScenarioOptions, Vu, options::thresholds::ThresholdOptions};

use super::Own;

/// A script of k6 in Rust: all kinds of metrics, tags of all origins, a request that is refused.
async fn run(system_tags: Option<&[&str]>, outputs: &[String]) -> Report {
    let mut test = LoadTest::new();
    let own = Own::declare(&mut test);
    let pair = |name: &str, value: &str| BTreeMap::from([(name.to_owned(), value.to_owned())]);
    let scenario =
        ScenarioOptions { tags: pair("stag", "sv"), ..ScenarioOptions::per_vu_iterations(1, 2) };
    let test = test
        .iteration(async move |vu: &mut Vu| {
            vu.tag("vutag", &format!("x{}", vu.id()));
            let request = vu.request(http::Method::GET, "/?a=1&b=<x>");
            let request = request.tag("name", "root").tag("custom", "a \"q\", b");
            let response = vu.send(request).await;
            vu.check("ok & <good>", response.status_code() == 200);
            vu.group("g1", async |vu| {
                own.counter.add(vu, 1.5);
                own.gauge.set(vu, 2.0);
                own.rate.add(vu, true);
                own.time.add(vu, Duration::from_micros(12_500));
                own.plain.add(vu, 1e-7);
                own.plain.add(vu, 1e21);
            })
            .await;
            vu.get("http://127.0.0.1:1/").await;
        })
        .setup(async |_: &mut Vu| Ok::<_, String>(1))
        .scenario("scen", scenario)
        .threshold("http_req_duration", "p(95)<500")
        .threshold("http_req_duration{name:root}", "max<1000")
        .threshold("my_rate", "rate>=0")
        .options(|options| {
            options.tags = Some(pair("runtag", "rv"));
            options.out = Some(outputs.to_vec());
            let named = |tags: &[&str]| tags.iter().map(|&tag| tag.to_owned()).collect();
            options.system_tags = system_tags.map(named);
            let abort = ThresholdOptions {
                abort_on_fail: true,
                delay_abort_eval: Some(Duration::from_secs(5)),
                ..ThresholdOptions::new("avg<100")
            };
            options.thresholds.get_or_insert_default()["http_req_duration"].push(abort);
        });
    test.run(Router::new().route("/", get(async || "hello"))).await.unwrap()
}

/// The text with all times and measured values taken out, up to the end of the first iteration.
fn redacted(text: &str, is_end: fn(&str) -> bool) -> String {
    let mut lines = Vec::new();
    for line in text.lines() {
        lines.push(line);
        if is_end(line) {
            break;
        }
    }
    lines.join("\n")
}

#[tokio::test]
async fn json_lines_are_k6s() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json").to_str().unwrap().to_owned();
    drop(run(None, &[format!("json={path}")]).await);
    let text = fs::read_to_string(&path).unwrap();
    let text = redacted(&text, |line| line.contains(r#""metric":"iterations","type":"Point""#));
    insta::with_settings!({filters => vec![
        (r#""time":"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{0,8}[1-9])?(Z|[+-]\d\d:\d\d)""#, r#""time":"TIME""#),
        (r#"(http_req_[^f]|data_|_duration)([^{]*\{"time":"TIME","value":)[0-9.e-]+"#, "${1}${2}N"),
    ]}, {
        insta::assert_snapshot!(text, @"");
    });
}

#[tokio::test]
async fn csv_rows_are_k6s() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv").to_str().unwrap().to_owned();
    drop(run(None, &[format!("csv={path}")]).await);
    let text = fs::read_to_string(&path).unwrap();
    let text = redacted(&text, |line| line.starts_with("iterations,"));
    insta::with_settings!({filters => vec![
        (r"(?m)^(\w+),\d{10},", "$1,TIME,"),
        (r"(?m)^(http_req_[^f]\w+|data_\w+|\w+_duration),TIME,\d+\.\d{6},", "$1,TIME,N,"),
    ]}, {
        insta::assert_snapshot!(text, @"");
    });
}

#[tokio::test]
async fn csv_has_a_column_for_each_system_tag_that_is_kept_and_metadata_for_vu_and_iter() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.csv").to_str().unwrap().to_owned();
    let lines_path = folder.path().join("out.json").to_str().unwrap().to_owned();
    let outputs = [
        format!("csv=fileName={path},timeFormat=rfc3339_nano,saveInterval=100ms"),
        format!("json={lines_path}"),
    ];
    drop(run(Some(&["status", "url", "ip", "vu", "iter"]), &outputs).await);
    let text = fs::read_to_string(&path).unwrap();
    let mut lines = text.lines();
    assert_eq!(
        lines.next(),
        Some("metric_name,timestamp,metric_value,ip,status,url,extra_tags,metadata")
    );
    let requests: Vec<_> = lines.filter(|line| line.starts_with("http_reqs,")).collect();
    for (iteration, requests) in requests.chunks(2).enumerate() {
        let tags = r#""custom=a ""q"", b&name=root&runtag=rv&stag=sv&vutag=x1""#;
        let row = format!(r#",1.000000,,200,root,{tags},iter={iteration}&vu=1"#);
        assert!(requests[0].ends_with(&row), "{}", requests[0]);
    }
    let setup = text.lines().find(|line| line.starts_with("data_sent,")).unwrap();
    assert!(setup.ends_with(",0.000000,,,,runtag=rv,iter=0"), "{setup}");

    let text = fs::read_to_string(&lines_path).unwrap();
    let metadata = r#"},"metadata":{"iter":"1","vu":"1"}}}"#;
    assert_eq!(text.lines().filter(|line| line.ends_with(metadata)).count(), 30, "{text}");
}
