//! loadgen's counts against the access log of a server that others wrote.

use std::{
    collections::BTreeMap,
    fs,
    net::{TcpListener, TcpStream},
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};

use loadgen::LoadTest;

/// nginx, serving a folder; stopped when dropped.
struct Nginx {
    process: Child,
    port: u16,
}

impl Drop for Nginx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Nginx {
    /// `None` if nginx is not installed and that is allowed.
    #[expect(clippy::print_stderr, reason = "whoever runs the tests must know what was left out")]
    fn start(folder: &Path) -> Option<Self> {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = folder.join("nginx.conf");
        fs::write(&config, configuration(folder, port)).unwrap();
        let process = Command::new("nginx")
            .args(["-p", folder.to_str().unwrap(), "-c", config.to_str().unwrap()])
            .stderr(Stdio::null())
            .spawn();
        let process = match process {
            Ok(process) => process,
            Err(error) => {
                let required = std::env::var_os("LOADGEN_TEST_NGINX").is_some();
                assert!(!required, "nginx is required but cannot be started: {error}");
                eprintln!("left out: nginx is not installed");
                return None;
            }
        };
        let nginx = Self { process, port };
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).is_ok() {
                return Some(nginx);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("nginx does not listen");
    }
}

fn configuration(folder: &Path, port: u16) -> String {
    let folder = folder.display();
    format!(
        "daemon off; master_process off; worker_processes 1; pid {folder}/pid;
         error_log {folder}/error.log;
         events {{ worker_connections 512; }}
         http {{
             log_format counted '$status $bytes_sent $request_length $request_uri';
             access_log {folder}/access.log counted;
             client_body_temp_path {folder}/t1; proxy_temp_path {folder}/t2;
             fastcgi_temp_path {folder}/t3; uwsgi_temp_path {folder}/t4; scgi_temp_path {folder}/t5;
             keepalive_requests 50;
             server {{
                 listen 127.0.0.1:{port};
                 absolute_redirect off;
                 root {folder}/site;
                 location /short/ {{ return 308 https://elsewhere.invalid/; }}
                 location /moved/ {{ return 301 /page-1.html; }}
                 location /broken/ {{ return 503 'not now'; }}
             }}
         }}"
    )
}

/// 160 paths: pages of all sizes, redirects within and away from the host, what is not there.
fn site(folder: &Path) -> Vec<String> {
    fs::create_dir(folder.join("site")).unwrap();
    let pages = (0..110).map(|number: usize| {
        let name = format!("page-{number}.html");
        let size = (number * number * 37) % 300_000 + 1;
        fs::write(folder.join("site").join(&name), vec![b'x'; size]).unwrap();
        format!("/{name}")
    });
    let others = ["/short/", "/moved/", "/missing/", "/broken/", "/page-3.html?q="];
    let others = (0..50).map(|number| format!("{}{number}", others[number % others.len()]));
    pages.chain(others).collect()
}

#[derive(Debug, Default, PartialEq)]
struct Counts {
    /// By path and status.
    requests: BTreeMap<(String, u16), u64>,
    sent: u64,
    received: u64,
}

fn logged(folder: &Path) -> Counts {
    let mut counts = Counts::default();
    for line in fs::read_to_string(folder.join("access.log")).unwrap().lines() {
        let mut fields = line.splitn(4, ' ');
        let mut number = || fields.next().unwrap().parse::<u64>().unwrap();
        let (status, received, sent) = (number(), number(), number());
        let path = fields.next().unwrap().to_owned();
        *counts.requests.entry((path, status as u16)).or_default() += 1;
        counts.sent += sent;
        counts.received += received;
    }
    counts
}

#[tokio::test]
async fn counts_and_bytes_are_those_of_the_access_log() {
    let folder = tempfile::tempdir().unwrap();
    let paths = site(folder.path());
    let Some(nginx) = Nginx::start(folder.path()) else { return };
    let host = format!("http://127.0.0.1:{}", nginx.port);

    let report = LoadTest::new()
        .vus(5)
        .iterations(40)
        .expect_status("200,308,404".parse().unwrap())
        .batch_get(paths)
        .run_at(&host)
        .await
        .unwrap();

    let extras = report.summary().loadgen.clone().unwrap();
    let mut counts = Counts {
        sent: report.data_sent().count as u64,
        received: report.data_received().count as u64,
        ..Counts::default()
    };
    for request in &extras.requests {
        assert_eq!(request.error, "", "{request:?}");
        let path = request.name.strip_prefix(&host).unwrap().to_owned();
        *counts.requests.entry((path, request.status)).or_default() += request.count;
    }
    // 160 paths and, for each of ten that moved, one request more.
    assert_eq!(report.http_reqs().count, 40.0 * 170.0, "{report}");
    assert_eq!(counts.requests.values().sum::<u64>(), 40 * 170);
    // Ten moved and ten broken ones.
    assert_eq!(report.http_req_failed().passes, 40 * 20);
    assert_eq!((report.checks().passes, report.checks().fails), (40 * 150, 40 * 10));

    // nginx writes a line when it is done with a request, which may be after we are.
    for _ in 0..100 {
        if logged(folder.path()).requests == counts.requests {
            break;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(counts, logged(folder.path()));
}
