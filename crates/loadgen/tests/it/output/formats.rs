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
        insta::assert_snapshot!(text, @r#"
        {"type":"Metric","data":{"name":"data_sent","type":"counter","contains":"data","thresholds":[],"submetrics":null},"metric":"data_sent"}
        {"metric":"data_sent","type":"Point","data":{"time":"TIME","value":N,"tags":{"group":"::setup","runtag":"rv"}}}
        {"type":"Metric","data":{"name":"data_received","type":"counter","contains":"data","thresholds":[],"submetrics":null},"metric":"data_received"}
        {"metric":"data_received","type":"Point","data":{"time":"TIME","value":N,"tags":{"group":"::setup","runtag":"rv"}}}
        {"type":"Metric","data":{"name":"http_reqs","type":"counter","contains":"default","thresholds":[],"submetrics":null},"metric":"http_reqs"}
        {"metric":"http_reqs","type":"Point","data":{"time":"TIME","value":1,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_duration","type":"trend","contains":"time","thresholds":["p(95)<500",{"threshold":"avg<100","abortOnFail":true,"delayAbortEval":"5s"}],"submetrics":[{"name":"http_req_duration{name:root}","suffix":"name:root","tags":{"name":"root"}},{"name":"http_req_duration{expected_response:true}","suffix":"expected_response:true","tags":{"expected_response":"true"}}]},"metric":"http_req_duration"}
        {"metric":"http_req_duration","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_blocked","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"http_req_blocked"}
        {"metric":"http_req_blocked","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_connecting","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"http_req_connecting"}
        {"metric":"http_req_connecting","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_tls_handshaking","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"http_req_tls_handshaking"}
        {"metric":"http_req_tls_handshaking","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_sending","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"http_req_sending"}
        {"metric":"http_req_sending","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_waiting","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"http_req_waiting"}
        {"metric":"http_req_waiting","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_receiving","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"http_req_receiving"}
        {"metric":"http_req_receiving","type":"Point","data":{"time":"TIME","value":N,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"http_req_failed","type":"rate","contains":"default","thresholds":[],"submetrics":null},"metric":"http_req_failed"}
        {"metric":"http_req_failed","type":"Point","data":{"time":"TIME","value":0,"tags":{"custom":"a \"q\", b","expected_response":"true","group":"","method":"GET","name":"root","proto":"HTTP/1.1","runtag":"rv","scenario":"scen","stag":"sv","status":"200","url":"root","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"checks","type":"rate","contains":"default","thresholds":[],"submetrics":null},"metric":"checks"}
        {"metric":"checks","type":"Point","data":{"time":"TIME","value":1,"tags":{"check":"ok & <good>","group":"","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"my_counter","type":"counter","contains":"default","thresholds":[],"submetrics":null},"metric":"my_counter"}
        {"metric":"my_counter","type":"Point","data":{"time":"TIME","value":1.5,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"my_gauge","type":"gauge","contains":"default","thresholds":[],"submetrics":null},"metric":"my_gauge"}
        {"metric":"my_gauge","type":"Point","data":{"time":"TIME","value":2,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"my_rate","type":"rate","contains":"default","thresholds":["rate>=0"],"submetrics":null},"metric":"my_rate"}
        {"metric":"my_rate","type":"Point","data":{"time":"TIME","value":1,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"my_time","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"my_time"}
        {"metric":"my_time","type":"Point","data":{"time":"TIME","value":12.5,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"my_plain","type":"trend","contains":"default","thresholds":[],"submetrics":null},"metric":"my_plain"}
        {"metric":"my_plain","type":"Point","data":{"time":"TIME","value":1e-7,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"metric":"my_plain","type":"Point","data":{"time":"TIME","value":1e+21,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"group_duration","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"group_duration"}
        {"metric":"group_duration","type":"Point","data":{"time":"TIME","value":N,"tags":{"group":"::g1","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"metric":"http_reqs","type":"Point","data":{"time":"TIME","value":1,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_duration","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_blocked","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_connecting","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_tls_handshaking","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_sending","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_waiting","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_receiving","type":"Point","data":{"time":"TIME","value":N,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"http_req_failed","type":"Point","data":{"time":"TIME","value":1,"tags":{"error":"dial: connection refused","error_code":"1212","expected_response":"false","group":"","method":"GET","name":"http://127.0.0.1:1/","runtag":"rv","scenario":"scen","stag":"sv","status":"0","url":"http://127.0.0.1:1/","vutag":"x1"}}}
        {"metric":"data_sent","type":"Point","data":{"time":"TIME","value":N,"tags":{"group":"","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"metric":"data_received","type":"Point","data":{"time":"TIME","value":N,"tags":{"group":"","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"iteration_duration","type":"trend","contains":"time","thresholds":[],"submetrics":null},"metric":"iteration_duration"}
        {"metric":"iteration_duration","type":"Point","data":{"time":"TIME","value":N,"tags":{"group":"","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        {"type":"Metric","data":{"name":"iterations","type":"counter","contains":"default","thresholds":[],"submetrics":null},"metric":"iterations"}
        {"metric":"iterations","type":"Point","data":{"time":"TIME","value":1,"tags":{"group":"","runtag":"rv","scenario":"scen","stag":"sv","vutag":"x1"}}}
        "#);
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
        insta::assert_snapshot!(text, @r#"
        metric_name,timestamp,metric_value,check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url,extra_tags,metadata
        data_sent,TIME,N,,,,,::setup,,,,,,,,,,runtag=rv,
        data_received,TIME,N,,,,,::setup,,,,,,,,,,runtag=rv,
        http_reqs,TIME,1.000000,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_duration,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_blocked,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_connecting,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_tls_handshaking,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_sending,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_waiting,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_receiving,TIME,N,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        http_req_failed,TIME,0.000000,,,,true,,GET,root,HTTP/1.1,scen,,200,,,root,"custom=a ""q"", b&runtag=rv&stag=sv&vutag=x1",
        checks,TIME,1.000000,ok & <good>,,,,,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        my_counter,TIME,1.500000,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        my_gauge,TIME,2.000000,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        my_rate,TIME,1.000000,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        my_time,TIME,12.500000,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        my_plain,TIME,0.000000,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        my_plain,TIME,1000000000000000000000.000000,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        group_duration,TIME,N,,,,,::g1,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        http_reqs,TIME,1.000000,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_duration,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_blocked,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_connecting,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_tls_handshaking,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_sending,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_waiting,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_receiving,TIME,N,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        http_req_failed,TIME,1.000000,,dial: connection refused,1212,false,,GET,http://127.0.0.1:1/,,scen,,0,,,http://127.0.0.1:1/,runtag=rv&stag=sv&vutag=x1,
        data_sent,TIME,N,,,,,,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        data_received,TIME,N,,,,,,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        iteration_duration,TIME,N,,,,,,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        iterations,TIME,1.000000,,,,,,,,,scen,,,,,,runtag=rv&stag=sv&vutag=x1,
        "#);
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
