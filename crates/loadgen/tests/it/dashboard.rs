//! The live dashboard of the program as a process, over real sockets.

use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{SocketAddr, TcpStream},
    path::Path,
    process::{Child, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use tokio::time::Instant;

use crate::cli::{loadgen, signal};

/// A run with a dashboard.
pub(crate) struct Watched {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Watched {
    /// Starts a run on the demo site, and waits until its header says where the dashboard is.
    pub(crate) fn start(words: &[&str]) -> Self {
        let mut command = loadgen();
        command.args(words).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut process = command.spawn().unwrap();
        let stderr = BufReader::new(process.stderr.take().unwrap());
        let (found, address) = mpsc::channel();
        thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                if let Some(url) = line.strip_prefix(" web dashboard: http://") {
                    found.send(url.parse().unwrap()).unwrap();
                }
            }
        });
        let address = address.recv_timeout(Duration::from_secs(30)).expect("the header");
        Self { process, address }
    }

    fn get(&self, path: &str) -> BufReader<TcpStream> {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.address).unwrap();
        BufReader::new(stream)
    }

    /// Head and body of an answer that ends.
    fn answer(&self, path: &str) -> (String, String) {
        let mut text = String::new();
        self.get(path).read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        (head.into(), body.into())
    }

    fn events(&self) -> Events {
        let mut stream = self.get("/events");
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(stream.read_line(&mut head).unwrap() > 0, "{head}");
        }
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
        assert!(head.contains("Content-Type: text/event-stream\r\n"), "{head}");
        Events { stream, text: String::new() }
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    /// Waits for its end; the code.
    pub(crate) fn wait(&mut self) -> Option<i32> {
        self.process.wait().unwrap().code()
    }
}

/// A viewer.
struct Events {
    stream: BufReader<TcpStream>,
    text: String,
}

impl Events {
    /// Name and data of the next event.
    fn next(&mut self) -> (String, String) {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (name, data) = event.split_once('\n').unwrap();
                let data = serde_json::from_str(data.strip_prefix("data: ").unwrap()).unwrap();
                let next = (name.strip_prefix("event: ").unwrap().to_owned(), data);
                self.text = rest.into();
                return next;
            }
            let mut size = String::new();
            self.stream.read_line(&mut size).unwrap();
            let size = usize::from_str_radix(size.trim(), 16).expect("a chunk");
            let mut chunk = vec![0; size + 2];
            self.stream.read_exact(&mut chunk).unwrap();
            self.text.push_str(std::str::from_utf8(&chunk[..size]).unwrap());
        }
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn a_late_viewer_sees_the_whole_run_and_may_stay_when_it_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("report.html");
    let out = format!("dashboard=port=0&export={}", export.display());
    let mut run = Watched::start(&["--vus=1", "--duration=5s", "--out", &out]);
    let (head, page) = run.answer("/");
    assert!(head.contains("Content-Type: text/html"), "{head}");
    assert!(page.contains("connect-src") && page.contains("new EventSource"), "{page}");
    thread::sleep(Duration::from_secs(3));

    let (mut late, begun) = (run.events(), Instant::now());
    let (name, report) = late.next();
    assert!(begun.elapsed() < Duration::from_secs(15), "it comes when it is asked for");
    assert_eq!(name, "report");
    assert!(report.starts_with("<body>") && report.contains("Running"), "{report}");
    assert!(report.contains("<svg") && !report.contains("<script>"), "{report}");
    let (_, so_far) = run.answer("/report");
    assert!(so_far.to_lowercase().starts_with("<!doctype html>"), "{so_far}");

    let last = loop {
        let (name, report) = late.next();
        if name == "end" {
            break report;
        }
    };
    assert!(last.contains("Passed") && !last.contains("Running"), "{last}");
    thread::sleep(Duration::from_millis(500));
    assert!(run.is_running(), "somebody watches");
    let (name, again) = run.events().next();
    assert_eq!((name.as_str(), again == last), ("end", true));
    drop(late);
    assert_eq!(run.wait(), Some(0));
    assert!(read(&export).contains(&last), "the report is what was shown");
}

#[test]
fn a_thousand_viewers_that_read_nothing_cost_little_and_keep_nobody_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().to_str().unwrap();
    let words = ["--vus=1", "--duration=6s", "--out=dashboard=port=0", "--report-dir", report];
    let mut run = Watched::start(&words);
    let mute = |_| {
        // Where there are few file descriptors, there can be fewer viewers.
        let mut stream = TcpStream::connect_timeout(&run.address, Duration::from_secs(1)).ok()?;
        write!(stream, "GET /events HTTP/1.1\r\nHost: x\r\n\r\n").ok()?;
        Some(stream)
    };
    let viewers: Vec<_> = (0..1_000).map_while(mute).collect();
    assert!(viewers.len() >= 100, "{}", viewers.len());
    if viewers.len() == 1_000 {
        assert_eq!(run.events().next().0, "report");
    }
    let summary = folder.path().join("summary.json");
    let patience = Instant::now() + Duration::from_secs(60);
    while fs::metadata(&summary).is_ok_and(|file| file.len() == 0) && Instant::now() < patience {
        thread::sleep(Duration::from_millis(100));
    }
    thread::sleep(Duration::from_millis(500));
    let summary = loadgen::summary::load(&summary).expect("the run came to its end");
    let extras = summary.loadgen.unwrap();
    assert!(extras.iterations_complete > 0);
    let memory = extras.generator.peak_memory_bytes;
    assert!(memory < 300 << 20, "{} MiB", memory >> 20);
    drop(viewers);
    assert_eq!(run.wait(), Some(0));
}

#[test]
fn a_run_that_was_aborted_waits_for_no_viewer() {
    let threshold = "http_reqs=count<1";
    let words = ["--vus=1", "--duration=3s", "--threshold", threshold, "--out=dashboard=port=0"];
    let mut run = Watched::start(&words);
    let mut viewer = run.events();
    assert_eq!(viewer.next().0, "report");
    assert_eq!(run.wait(), Some(99));
}

#[test]
#[cfg(unix)]
fn who_watches_a_run_that_is_interrupted_sees_its_end() {
    let mut run = Watched::start(&["--vus=1", "--duration=60s", "--out=dashboard=port=0"]);
    let mut viewer = run.events();
    assert_eq!(viewer.next().0, "report");
    signal(run.process.id(), "INT");
    let last = loop {
        let (name, report) = viewer.next();
        if name == "end" {
            break report;
        }
    };
    assert!(last.contains("outcome bad") && last.contains("interrupt"), "{last}");
    assert_eq!(run.wait(), Some(105));
}

#[test]
fn without_a_port_there_is_the_report_alone() {
    let folder = tempfile::tempdir().unwrap();
    let export = folder.path().join("report.html.gz");
    let output = loadgen()
        .args(["--iterations=1", "--out=web-dashboard"])
        .env("K6_WEB_DASHBOARD_PORT", "-1")
        .env("K6_WEB_DASHBOARD_EXPORT", &export)
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{said}");
    assert!(!said.contains("web dashboard:"), "{said}");
    assert_eq!(fs::read(&export).unwrap()[..2], [0x1f, 0x8b]);
}

#[test]
fn a_port_that_was_chosen_must_be_free() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let output = loadgen().arg(format!("--out=dashboard=port={port}")).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(255), "{said}");
    let why =
        format!("could not create the 'dashboard' output: cannot listen on 127.0.0.1:{port}: ");
    assert!(said.contains(&why), "{said}");
    let output = loadgen().args(["--out=dashboard=port=no"]).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(255), "{said}");
    assert!(said.contains("'port' has an invalid value 'no'"), "{said}");
}
