//! The whole program against the real Prometheus, where it is installed.

use std::{
    fs,
    io::{Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    thread::sleep,
    time::Duration,
};

use loadgen::summary::{self, Summary};
use serde_json::Value;
use tokio::time::Instant;

use super::{super::cli::loadgen, same};

/// A Prometheus that takes remote writes. Ends with the test.
struct Prometheus {
    process: Child,
    address: SocketAddr,
    _folder: tempfile::TempDir,
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Prometheus {
    /// `None` where it is not installed, which is said.
    #[expect(clippy::print_stderr, reason = "a test that is skipped must say so")]
    fn start() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("prometheus.yml");
        fs::write(&config, "").unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = fs::File::create(folder.path().join("log")).unwrap();
        let process = Command::new("prometheus")
            .arg(format!("--config.file={}", config.display()))
            .arg(format!("--storage.tsdb.path={}", folder.path().join("data").display()))
            .arg(format!("--web.listen-address={address}"))
            .args(["--web.enable-remote-write-receiver", "--enable-feature=native-histograms"])
            .stdout(Stdio::null())
            .stderr(log)
            .spawn();
        let Ok(process) = process else {
            eprintln!("SKIPPED: there is no `prometheus` on the PATH to write to");
            return None;
        };
        let prometheus = Self { process, address, _folder: folder };
        let started = Instant::now();
        while prometheus.get("/-/ready").is_none_or(|answer| !answer.contains(" 200 OK")) {
            let log = || fs::read_to_string(prometheus._folder.path().join("log")).unwrap();
            assert!(started.elapsed() < Duration::from_secs(60), "it does not start: {}", log());
            sleep(Duration::from_millis(100));
        }
        Some(prometheus)
    }

    fn get(&self, path: &str) -> Option<String> {
        let mut stream = TcpStream::connect(self.address).ok()?;
        write!(stream, "GET {path} HTTP/1.0\r\nHost: prometheus\r\n\r\n").ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer)
    }

    /// What a query without characters that a URL must escape comes to, added up.
    fn query(&self, query: &str) -> f64 {
        let answer = self.get(&format!("/api/v1/query?query={query}")).unwrap();
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let answer: Value = serde_json::from_str(body).unwrap();
        let [value] = answer["data"]["result"].as_array().unwrap().as_slice() else {
            panic!("{query}: {answer}");
        };
        value["value"][1].as_str().unwrap().parse().unwrap()
    }

    /// Runs loadgen against its demo site.
    fn load(&self, native: bool) -> Summary {
        let folder = tempfile::tempdir().unwrap();
        let report = folder.path().join("report");
        let output = loadgen()
            .args(["--vus", "2", "--duration", "2s", "--out", "prometheus-rw"])
            .args([Path::new("--report-dir"), &report])
            .env("K6_PROMETHEUS_RW_SERVER_URL", format!("http://{}/api/v1/write", self.address))
            .env("K6_PROMETHEUS_RW_PUSH_INTERVAL", "200ms")
            .env("K6_PROMETHEUS_RW_TREND_STATS", "count,sum,p(99)")
            .env("K6_PROMETHEUS_RW_TREND_AS_NATIVE_HISTOGRAM", native.to_string())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(0), "{stderr}");
        assert!(stderr.contains("Prometheus remote write (http://127.0.0.1:"), "{stderr}");
        let summary = summary::load(&report.join("summary.json")).unwrap();
        let warnings = &summary.loadgen.as_ref().unwrap().warnings;
        assert!(!warnings.iter().any(|warning| warning.contains("output")), "{warnings:?}");
        summary
    }

    fn assert_counters_agree(&self, summary: &Summary) {
        for (query, metric, value) in [
            ("sum(k6_http_reqs_total)", "http_reqs", "count"),
            ("sum(k6_iterations_total)", "iterations", "count"),
            ("sum(k6_data_sent_total)", "data_sent", "count"),
            ("sum(k6_data_received_total)", "data_received", "count"),
            ("avg(k6_checks_rate)", "checks", "rate"),
            ("max(k6_vus_max)", "vus_max", "value"),
        ] {
            let want = summary.metrics[metric].values[value];
            assert_eq!(self.query(query), want, "{query}");
        }
    }
}

#[test]
fn prometheus_gives_back_the_sums_of_the_summary() {
    let Some(prometheus) = Prometheus::start() else { return };
    let summary = prometheus.load(false);
    prometheus.assert_counters_agree(&summary);
    let values = &summary.metrics["http_req_duration"].values;
    let count = summary.metrics["http_reqs"].values["count"];
    assert!(same(prometheus.query("sum(k6_http_req_duration_count)") * 1000.0, count));
    let sum = prometheus.query("sum(k6_http_req_duration_sum)") * 1000.0;
    assert!(same(sum, values["avg"] * count), "{sum}");
    assert!(prometheus.query("max(k6_http_req_duration_p99)") * 1000.0 <= values["max"]);
}

#[test]
fn prometheus_takes_native_histograms() {
    let Some(prometheus) = Prometheus::start() else { return };
    let summary = prometheus.load(true);
    prometheus.assert_counters_agree(&summary);
    let values = &summary.metrics["http_req_duration"].values;
    let count = summary.metrics["http_reqs"].values["count"];
    assert_eq!(prometheus.query("histogram_count(sum(k6_http_req_duration_seconds))"), count);
    let sum = prometheus.query("histogram_sum(sum(k6_http_req_duration_seconds))") * 1000.0;
    assert!(same(sum, values["avg"] * count), "{sum}");
    // Buckets are 9 % wide, so a percentile is not off by more.
    let p95 = prometheus.query("histogram_quantile(0.95,sum(k6_http_req_duration_seconds))");
    let want = values["p(95)"] / 1000.0;
    assert!((p95 - want).abs() <= want * 0.1, "{p95} for {want}");
}
