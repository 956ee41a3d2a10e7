//! servy beside nginx and the program that it replaces: the same files, one core for the server
//! and one for wrk, in one run.
//!
//! `cargo bench -p servy` prints a table. It needs `nginx`, `wrk` and `taskset`; without them it
//! says so and measures nothing. The Rust program that servy replaces takes part when
//! `SERVY_BENCH_ORIGINAL` names its executable. It has to be built with the demo site's
//! `favicon.ico` among its assets, and so only the case of one file is for it.
#![allow(clippy::print_stdout, missing_docs)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use std::{env, fs};

use tempfile::TempDir;

const SECONDS: u32 = 5;
const ROUNDS: usize = 3;

/// The variable that names the executable of the program that servy replaces.
const ORIGINAL: &str = "SERVY_BENCH_ORIGINAL";

/// What a path of the mix has on average at most, redirects included, and how many there are.
const MIX_MEAN: usize = 40_000;
const MIX_PATHS: usize = 160;

/// Linux counts CPU time in these units for every program.
const TICKS_PER_SECOND: f64 = 100.0;

fn main() {
    // `cargo test --all-targets` runs benches, too; measuring is for `cargo bench`.
    if !env::args().any(|arg| arg == "--bench") {
        return;
    }
    let tools = ["nginx", "wrk", "taskset"];
    let missing: Vec<_> = tools.into_iter().filter(|tool| !is_installed(tool)).collect();
    if !missing.is_empty() {
        println!("nothing measured: {} not installed", missing.join(", "));
        return;
    }
    let folder = TempDir::new().expect("a temporary folder");
    let site = Site::write(folder.path());
    println!("| case | server | requests/s | requests per CPU second | peak memory |");
    println!("|---|---|---:|---:|---:|");
    let all: [Peer; 4] = [
        ("servy", servy),
        ("servy, access log", servy_with_log),
        ("servy, folder", servy_with_folder),
        ("nginx", nginx),
    ];
    let before = env::var_os(ORIGINAL).map(|_| ("the original", original as fn(&_) -> _));
    let one: Vec<Peer> = all.into_iter().chain(before).collect();
    for (case, script, servers) in [
        ("1 KB file", &site.one, one),
        ("160-path mix", &site.mix, all.to_vec()),
        ("whole demo site", &site.whole, all.to_vec()),
    ] {
        for _ in 0..ROUNDS {
            for (name, start) in &servers {
                measure(case, name, &start(&site), script);
            }
        }
    }
}

fn is_installed(tool: &str) -> bool {
    let found = Command::new("which").arg(tool).stdout(Stdio::null()).status();
    found.is_ok_and(|status| status.success())
}

/// The demo site in a folder, and what wrk asks for.
struct Site {
    root: std::path::PathBuf,
    redirects: std::path::PathBuf,
    one: std::path::PathBuf,
    mix: std::path::PathBuf,
    whole: std::path::PathBuf,
}

impl Site {
    fn write(folder: &Path) -> Site {
        let root = folder.join("public");
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let mut files = Vec::new();
        for path in servy::demo::paths() {
            let file = root.join(path.trim_start_matches('/'));
            let file = if path.ends_with('/') { file.join("index.html") } else { file };
            fs::create_dir_all(file.parent().expect("it lies below the root")).expect("a folder");
            let body = runtime.block_on(body_of(&path));
            files.push((body.len(), path));
            fs::write(file, body).expect("a file");
        }
        let (mut list, mut aliases) = (String::new(), Vec::new());
        for (alias, url) in servy::demo::redirects() {
            list.push_str(&format!("{alias} {url}\n"));
            aliases.push(format!("/{alias}"));
        }
        let redirects = folder.join("redirects.txt");
        fs::write(&redirects, list).expect("a file");
        let whole: Vec<_> = servy::demo::paths().into_iter().chain(aliases.clone()).collect();
        Site {
            one: script(folder, "one.lua", &["/favicon.ico".to_owned()]),
            mix: script(folder, "mix.lua", &mix(&files, &aliases)),
            whole: script(folder, "whole.lua", &whole),
            redirects,
            root,
        }
    }
}

/// The redirects and the files, of which the largest are left out until the mean is no more than
/// [`MIX_MEAN`]. The first paths come twice in their place.
fn mix(files: &[(usize, String)], aliases: &[String]) -> Vec<String> {
    let mut sizes: Vec<usize> = files.iter().map(|(size, _)| *size).collect();
    sizes.sort_unstable();
    let mut limit = usize::MAX;
    while sizes.iter().sum::<usize>() > MIX_MEAN * MIX_PATHS {
        limit = sizes.pop().expect("no files have no size");
    }
    let files = files.iter().filter(|(size, _)| *size < limit).map(|(_, path)| path);
    files.chain(aliases).cycle().take(MIX_PATHS).cloned().collect()
}

async fn body_of(path: &str) -> Vec<u8> {
    use http_body_util::BodyExt as _;
    use tower_service::Service as _;
    let mut router = servy::router(servy::Config::default()).await.expect("the demo site");
    let request = http::Request::get(path).body(axum::body::Body::empty()).expect("a request");
    let Ok(response) = router.call(request).await;
    response.into_body().collect().await.expect("it is in memory").to_bytes().into()
}

/// A wrk script that asks for the paths in turn.
fn script(folder: &Path, name: &str, paths: &[String]) -> std::path::PathBuf {
    let list: Vec<String> = paths.iter().map(|path| format!("{path:?}")).collect();
    let text = format!(
        "local paths = {{{}}}\nlocal i = 0\n\
         request = function() i = i % #paths + 1 return wrk.format('GET', paths[i]) end\n",
        list.join(", ")
    );
    let file = folder.join(name);
    fs::write(&file, text).expect("a file");
    file
}

/// What a server is called in the table, and how it starts.
type Peer = (&'static str, fn(&Site) -> Server);

/// A server process on the first core. It is killed in the end.
struct Server {
    process: Child,
    port: u16,
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn servy(_: &Site) -> Server {
    start_servy(|command| command.args(["--access-log", "false"]))
}

fn servy_with_log(_: &Site) -> Server {
    start_servy(|command| command)
}

fn servy_with_folder(site: &Site) -> Server {
    start_servy(|command| {
        command.args(["--access-log", "false", "--assets-dir"]).arg(&site.root);
        command.arg("--redirects").arg(&site.redirects)
    })
}

fn start_servy(configure: impl FnOnce(&mut Command) -> &mut Command) -> Server {
    let mut command = Command::new("taskset");
    command.args(["-c", "0", env!("CARGO_BIN_EXE_servy"), "--port", "0", "--metrics-port", "0"]);
    let mut process = configure(&mut command).stderr(Stdio::piped()).spawn().expect("servy starts");
    let mut log = BufReader::new(process.stderr.take().expect("it is piped"));
    let mut line = String::new();
    while !line.contains("site on http://") {
        line.clear();
        assert!(log.read_line(&mut line).expect("a line") > 0, "servy ended early");
    }
    let port =
        line.split("site on http://127.0.0.1:").nth(1).and_then(|rest| rest.split('/').next());
    let port = port.and_then(|port| port.parse().ok()).expect("a port");
    // Somebody has to read the log.
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Server { process, port }
}

fn nginx(site: &Site) -> Server {
    let port = free_port();
    let folder = site.root.parent().expect("the root has a parent");
    let redirects: String = servy::demo::redirects()
        .into_iter()
        .map(|(alias, url)| format!("location = /{alias} {{ return 308 \"{url}\"; }}\n"))
        .collect();
    let config = format!(
        "daemon off; master_process off; pid {0}/nginx.pid; error_log {0}/error.log crit;\n\
         events {{ worker_connections 1024; }}\n\
         http {{\n include /etc/nginx/mime.types; access_log off; sendfile on; tcp_nopush on;\n\
         keepalive_requests 100000000; open_file_cache max=1000; open_file_cache_valid 60s;\n\
         client_body_temp_path {0}/t1; proxy_temp_path {0}/t2; fastcgi_temp_path {0}/t3;\n\
         uwsgi_temp_path {0}/t4; scgi_temp_path {0}/t5;\n\
         server {{ listen 127.0.0.1:{port}; root {1}; index index.html;\n{redirects} }} }}\n",
        folder.display(),
        site.root.display()
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, config).expect("a file");
    let process = Command::new("taskset")
        .args(["-c", "0", "nginx", "-c"])
        .arg(&file)
        .stderr(Stdio::null())
        .spawn()
        .expect("nginx starts");
    Server { process, port }.ready()
}

/// With its default log, which goes to a pipe that is read at once.
fn original(_: &Site) -> Server {
    let (port, metrics_port, redirects) = (free_port(), free_port(), one_redirect());
    let mut process = Command::new("taskset")
        .args(["-c", "0"])
        .arg(env::var_os(ORIGINAL).expect("it was there a moment ago"))
        .env("SERVY_PORT", port.to_string())
        .env("SERVY_METRICS_PORT", metrics_port.to_string())
        .env("SERVY_REDIRECTS_URL", redirects)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the original starts");
    let mut log = process.stdout.take().expect("it is piped");
    std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
    Server { process, port }.ready()
}

/// A URL that answers once with a list of redirects, which the original asks for at start.
fn one_redirect() -> String {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}/list", socket.local_addr().expect("it is bound"));
    std::thread::spawn(move || {
        let (mut stream, _) = socket.accept()?;
        // What it asks for does not matter.
        let _ = stream.read(&mut [0; 1024])?;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 24\r\n\r\nfoo http://example.com/\n")
    });
    url
}

fn free_port() -> u16 {
    let socket = TcpListener::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("it is bound").port()
}

impl Server {
    /// Waits until it listens.
    fn ready(self) -> Server {
        let begin = tokio::time::Instant::now();
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(begin.elapsed() < Duration::from_secs(10), "a server does not listen");
            std::thread::sleep(Duration::from_millis(50));
        }
        self
    }
}

fn measure(case: &str, name: &str, server: &Server, script: &Path) {
    let url = format!("http://127.0.0.1:{}", server.port);
    wrk(&url, script, 1);
    let before = cpu_seconds(server);
    let (requests, rate) = wrk(&url, script, SECONDS);
    let cpu = cpu_seconds(server) - before;
    let memory = peak_memory(server);
    println!("| {case} | {name} | {rate:.0} | {:.0} | {memory} |", requests as f64 / cpu);
}

/// How many requests there were, and how many a second.
fn wrk(url: &str, script: &Path, seconds: u32) -> (u64, f64) {
    let output = Command::new("taskset")
        .args(["-c", "1", "wrk", "-t1", "-c10", &format!("-d{seconds}s"), "-s"])
        .arg(script)
        .arg(url)
        .output()
        .expect("wrk runs");
    let text = String::from_utf8_lossy(&output.stdout);
    for bad in ["Socket errors", "Non-2xx"] {
        // The redirects of the mix are no errors, and wrk counts only 400 and above.
        assert!(!text.contains(bad), "{text}");
    }
    let before =
        |mark: &str| text.split(mark).next().and_then(|text| text.split_whitespace().last());
    let requests = before(" requests in").and_then(|n| n.parse().ok()).expect("a count");
    let rate = text.split("Requests/sec:").nth(1).and_then(|rest| rest.split_whitespace().next());
    (requests, rate.and_then(|n| n.parse().ok()).expect("a rate"))
}

/// User and system time of the process.
fn cpu_seconds(server: &Server) -> f64 {
    let stat = proc(server, "stat");
    // The name of the program is in parentheses and may hold spaces.
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or("").split_whitespace().collect();
    let ticks = |i: usize| fields.get(i).and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0);
    (ticks(11) + ticks(12)) / TICKS_PER_SECOND
}

fn peak_memory(server: &Server) -> String {
    let status = proc(server, "status");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "?".to_owned(), |line| line.trim().to_owned())
}

fn proc(server: &Server, file: &str) -> String {
    let mut text = String::new();
    let path = format!("/proc/{}/{file}", server.process.id());
    fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text)).expect("it runs");
    text
}
