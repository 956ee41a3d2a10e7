//! `--profile-target`: what a target says of itself in the middle of a run, and what becomes of the run
//! when it says nothing, or nonsense.

use std::{
    fs,
    io::{Read, Write},
    net::Ipv4Addr,
    path::Path,
    process::Stdio,
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use loadgen::{LoadTest, Report, summary};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpListener,
    task::{LocalSet, spawn_local},
    time::Instant,
};
use tokio_rustls::TlsAcceptor;

use crate::{
    cli::{loadgen, readable},
    peer::{Identity, answer, read_request},
};

/// A server that answers `ok`, but when it is asked for a profile.
struct Target {
    url: String,
    /// What was asked for, of profiles.
    asked: Arc<Mutex<Vec<String>>>,
}

/// What it does when it is asked for a profile.
#[derive(Clone)]
enum Profile {
    Answer(Vec<u8>),
    Silence,
}

impl Target {
    fn start(profile: Profile) -> Self {
        Self::with(profile, None)
    }

    fn with(profile: Profile, tls: Option<TlsAcceptor>) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let notes = asked.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            LocalSet::new().block_on(&runtime.unwrap(), async {
                let listener = TcpListener::from_std(listener).unwrap();
                loop {
                    let (stream, _) = listener.accept().await.unwrap();
                    let (profile, notes, tls) = (profile.clone(), notes.clone(), tls.clone());
                    spawn_local(async move {
                        match tls {
                            Some(tls) => {
                                if let Ok(stream) = tls.accept(stream).await {
                                    converse(stream, profile, notes).await;
                                }
                            }
                            None => converse(stream, profile, notes).await,
                        }
                    });
                }
            });
        });
        Self { url, asked }
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn converse(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    profile: Profile,
    asked: Arc<Mutex<Vec<String>>>,
) {
    loop {
        let request = read_request(&mut stream).await;
        let Some(path) = request.split(' ').nth(1) else { return };
        let sent = if path.starts_with("/debug/pprof/profile") {
            asked.lock().unwrap().push(path.to_owned());
            match &profile {
                Profile::Answer(bytes) => stream.write_all(bytes).await,
                Profile::Silence => return std::future::pending().await,
            }
        } else {
            stream.write_all(answer("200 OK", "", "ok").as_bytes()).await
        };
        if sent.is_err() {
            return;
        }
    }
}

/// A field of Protocol Buffers.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, content.len() as u8], content].concat()
}

/// So many samples of `copy`, which `main` called.
fn message(samples: u8) -> Vec<u8> {
    let location = |id| field(4, &[&[8, id][..], &field(4, &[8, id])].concat());
    let function = |id| field(5, &[8, id, 16, id + 2]);
    let sample = field(2, &[field(1, &[2, 1]), field(2, &[samples])].concat());
    let texts = ["", "cpu", "nanoseconds", "main", "copy"].map(|text| field(6, text.as_bytes()));
    let kind = field(1, &[8, 1, 16, 2]);
    let parts = [kind, sample, location(1), location(2), function(1), function(2), texts.concat()];
    parts.concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn ok(body: &[u8]) -> Profile {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len());
    Profile::Answer([head.as_bytes(), body].concat())
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

#[test]
fn it_is_stored_and_shown_beside_the_load() {
    let target = Target::start(ok(&gzip(&message(7))));
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let words = ["-q", "--duration", "4s", "--host", &target.url, "--profile-target", &target.url];
    let output = loadgen().args(words).arg("--report-dir").arg(&report).output().unwrap();
    let (stdout, stderr) = (String::from_utf8(output.stdout).unwrap(), readable(output.stderr));
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert_eq!(target.asked(), ["/debug/pprof/profile?seconds=2"]);
    // A target that does not take its time: the profile is of the moment at which it was asked.
    let line = stderr.lines().next().unwrap();
    assert!(line.starts_with("info: profile of the target from 0:0"), "{stderr}");
    assert!(line.ends_with(" of the run: 100.00% copy"), "{stderr}");
    assert!(!stdout.contains("copy"), "{stdout}");

    let mut stored = Vec::new();
    let packed = fs::File::open(report.join("profile.pb.gz")).unwrap();
    GzDecoder::new(packed).read_to_end(&mut stored).unwrap();
    assert_eq!(stored, message(7));

    let json = report.join("summary.json");
    let summary = summary::load(&json).unwrap();
    assert_eq!(summary.metrics["http_reqs"].values["count"], {
        let iterations = &summary.metrics["iterations"];
        iterations.values["count"]
    });
    let profile = summary.loadgen.unwrap().profile.unwrap();
    assert!((1.0..3.5).contains(&profile.start) && profile.end < 4.0, "{profile:?}");
    assert_eq!((profile.kind.as_str(), profile.total), ("cpu", 7));
    let calls = profile.calls.iter().map(|call| (call.depth, call.name.as_str(), call.value));
    assert!(calls.eq([(0, "main", 7), (1, "copy", 7)]));

    let page = read(&report.join("summary.html"));
    assert!(page.contains("<h2 id=\"profile\">") && page.contains("<bdi>copy</bdi>"));
    let words = ["report", json.to_str().unwrap(), "--format", "html"];
    let again = loadgen().args(words).output().unwrap();
    assert_eq!(String::from_utf8(again.stdout).unwrap(), page);
}

#[test]
fn a_profile_of_an_earlier_run_does_not_stay() {
    let target = Target::start(Profile::Answer(answer("404 Not Found", "", "").into()));
    let folder = tempfile::tempdir().unwrap();
    let stored = folder.path().join("profile.pb.gz");
    fs::write(&stored, "from before").unwrap();
    let words = ["-q", "--duration", "1s", "--host", &target.url, "--profile-target", &target.url];
    let output = loadgen().args(words).arg("--report-dir").arg(folder.path()).output().unwrap();
    let stderr = readable(output.stderr);
    assert_eq!(output.status.code(), Some(0), "{stderr}");
    assert!(stderr.starts_with("warning: no profile of the target from http://"), "{stderr}");
    assert!(!stored.exists());
    assert!(read(&folder.path().join("summary.html")).contains("no profile of the target"));
    assert!(read(&folder.path().join("summary.json")).contains("no profile of the target"));
}

/// A run of a second that wants a profile of the target.
async fn run(target: &Target) -> Report {
    let test = LoadTest::new().duration(Duration::from_secs(1)).batch_get(["/"]);
    let test = test.options(|options| options.insecure_skip_tls_verify = Some(true));
    let test = test.profile_target(target.url.parse().unwrap());
    test.run_at(&target.url).await.unwrap()
}

/// What the report says of a run whose target answers like this.
async fn told(profile: Profile) -> String {
    let target = Target::start(profile);
    let report = run(&target).await;
    report.assert_passed();
    assert_eq!(report.http_reqs().count, report.iterations().count);
    assert_eq!(target.asked(), ["/debug/pprof/profile?seconds=1"]);
    match report.profile() {
        Some(message) => format!("{} bytes", message.len()),
        // There may be others, of a machine that is busy.
        None => report.warnings()[0].replace(&target.url, "URL"),
    }
}

#[tokio::test]
async fn whatever_the_target_answers_the_run_passes() {
    let bomb = gzip(&vec![0; 65 << 20]);
    let hostile = answer("409 Conflict", "", "another profile\u{1b}[2J is being taken\n\nLater.");
    let began = Instant::now();
    let told = tokio::join!(
        told(ok(&message(1))),
        told(ok(&gzip(&message(0)))),
        told(ok(b"<!doctype html>")),
        told(ok(b"")),
        told(ok(&bomb)),
        told(Profile::Answer(answer("404 Not Found", "", "not found\n").into())),
        told(Profile::Answer(hostile.into())),
        told(Profile::Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n".into())),
        told(Profile::Silence),
    );
    // A second, and two of patience.
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
    let (packed, empty, page, nothing, bomb, missing, conflict, cut, silent) = told;
    let lines = [packed, empty, page, nothing, bomb, missing, conflict, cut, silent];
    insta::assert_snapshot!(lines.join("\n"), @r"
    75 bytes
    no profile of the target from URL/debug/pprof/profile?seconds=1: it has no samples, as of a target that used no CPU
    no profile of the target from URL/debug/pprof/profile?seconds=1: the answer is no profile of pprof: it is no message of Protocol Buffers, or was cut short
    no profile of the target from URL/debug/pprof/profile?seconds=1: the answer is no profile of pprof: it has no sample type
    no profile of the target from URL/debug/pprof/profile?seconds=1: the answer is no profile of pprof: it unpacks to more than 64 MiB
    no profile of the target from URL/debug/pprof/profile?seconds=1: the answer was 404 Not Found; servy has profiles when it is started with --pprof
    no profile of the target from URL/debug/pprof/profile?seconds=1: the answer was 409 Conflict: another profile[2J is being taken
    no profile of the target from URL/debug/pprof/profile?seconds=1: there was no answer until 2 s after the end of the run
    no profile of the target from URL/debug/pprof/profile?seconds=1: there was no answer until 2 s after the end of the run
    ");
}

#[tokio::test]
async fn https_is_trusted_as_the_test_trusts_it() {
    let tls = Identity::of(&["127.0.0.1"]).acceptor(&[]);
    let target = Target::with(ok(&message(3)), Some(tls));
    let report = run(&target).await;
    assert_eq!(report.profile().unwrap(), &message(3)[..], "{report}");
    assert!(report.to_string().contains("profile of the target from 0:00"), "{report}");
}

#[tokio::test]
async fn a_run_that_ends_early_does_not_wait() {
    let target = Target::start(Profile::Silence);
    let url = format!("{}/debug/pprof/profile?seconds=3600", target.url);
    let began = Instant::now();
    let test = LoadTest::new().iterations(3).batch_get(["/"]).profile_target(url.parse().unwrap());
    let report = test.run_at(&target.url).await.unwrap();
    report.assert_passed();
    assert!(began.elapsed() < Duration::from_secs(20), "{:?}", began.elapsed());
    let warning =
        format!("no profile of the target from {url}: the run was over before it could be taken");
    assert_eq!(report.warnings(), [warning]);
    assert_eq!(target.asked(), [""; 0], "it was over within the first second");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_run_and_the_waiting() {
    let target = Target::start(Profile::Silence);
    // From the second on in which the test begins.
    let profile = format!("{}/debug/pprof/profile?seconds=59", target.url);
    let words = ["-q", "--duration", "60s", "--host", &target.url, "--profile-target", &profile];
    let mut command = loadgen();
    let command = command.args(words).stdout(Stdio::null()).stderr(Stdio::piped());
    let process = command.spawn().unwrap();
    while target.asked().is_empty() {
        thread::sleep(Duration::from_millis(20));
    }
    let sent = Instant::now();
    crate::cli::signal(process.id(), "INT");
    let output = process.wait_with_output().unwrap();
    let stderr = readable(output.stderr);
    assert_eq!(output.status.code(), Some(105), "{stderr}");
    assert!(sent.elapsed() < Duration::from_secs(20), "{:?}", sent.elapsed());
    assert!(stderr.contains("the run was over before it could be taken"), "{stderr}");
}

#[test]
fn what_cannot_be_asked_for_is_found_before_the_run() {
    let target = Target::start(Profile::Silence);
    let refused = |words: &[&str]| {
        let output = loadgen().args(["--host", &target.url]).args(words).output().unwrap();
        format!("{} {}", output.status.code().unwrap(), readable(output.stderr))
    };
    let said = [
        refused(&["--profile-target", "127.0.0.1:8081"]),
        refused(&["--profile-target", "http://127.0.0.1/?seconds=0"]),
        refused(&["-d", "10s", "--profile-target", "http://127.0.0.1/?seconds=30"]),
    ];
    insta::assert_snapshot!(said.concat(), @r"
    255 error: invalid value '127.0.0.1:8081' for '--profile-target <URL>': it has no scheme; allowed is a URL such as http://127.0.0.1:8081/debug/pprof/profile
    255 error: invalid value 'http://127.0.0.1/?seconds=0' for '--profile-target <URL>': its seconds are '0'; allowed are whole numbers from 1
    104 warning: only the hottest functions of the profile will be told: --report-dir stores all of it
    error: profile target: a profile of 30 s is longer than the run, which takes 10 s
    ");
    let output =
        loadgen().args(["-q", "--host", &target.url, "--profile-target", &target.url]).output();
    let stderr = readable(output.unwrap().stderr);
    assert!(
        stderr.starts_with("warning: only the hottest functions of the profile will be told"),
        "{stderr}"
    );
}
