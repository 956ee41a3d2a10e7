//! The program: `crawl`, `redirects`, and `--crawl`.

use std::{fs, path::Path, process::Output, sync::mpsc};

use loadgen::summary;

use super::*;
use crate::cli::{loadgen, readable};

fn program(words: &[&str]) -> Output {
    loadgen().args(words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn list(json: &str) -> Vec<String> {
    serde_json::from_str(json).unwrap()
}

/// The URL of servy, which runs as long as the tests.
fn servy(builder: servy::Builder) -> String {
    let (send, received) = mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(async {
            let server = builder.bind().await.unwrap();
            send.send(format!("http://{}", server.addr())).unwrap();
            server.serve(pending()).await;
        });
    });
    received.recv().unwrap()
}

/// A folder with these files, and servy serving it.
fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, content) in files {
        let file = folder.path().join(name);
        fs::create_dir_all(file.parent().unwrap()).unwrap();
        fs::write(file, content).unwrap();
    }
    let assets = servy::AssetSource::Dir(folder.path().into());
    let redirects = servy::RedirectSource::None;
    let url = servy(servy::Server::builder().assets(assets).redirects(redirects));
    (folder, url)
}

#[test]
fn the_list_is_on_stdout_and_what_is_wrong_on_stderr() {
    let (_folder, url) = folder(&[
        ("index.html", "<a href=/docs/><a href=missing.html><a href=https://other.test/>"),
        ("docs/index.html", "<img src=a.png><a href=../missing.html>"),
        ("docs/a.png", "x"),
        ("robots.txt", "User-agent: *\nDisallow: /nothing"),
    ]);
    let output = program(&["crawl", &url, "-q"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(text(&output.stdout), "[\n  \"/\",\n  \"/docs/\",\n  \"/docs/a.png\"\n]\n");
    let told = timeless(&text(&output.stderr));
    insta::assert_snapshot!(told, @r"
    ✗ /missing.html: 404 Not Found, linked from / and 1 time more
    links not followed: 1 to other hosts (--alias takes one for this site)
    crawled in TIME: 2 pages, 1 asset, 0 redirects, 1 failure; 3 paths listed
    ");

    let output = program(&[
        "crawl",
        &format!("{url}/docs/"),
        "-q",
        "--format",
        "text",
        "--exclude",
        "/docs/a",
    ]);
    assert_eq!(text(&output.stdout), "/docs/\n");
}

/// Without the time that it took.
fn timeless(stderr: &str) -> String {
    let (before, after) = stderr.split_once("crawled in ").unwrap();
    let (_, after) = after.split_once(':').unwrap();
    format!("{before}crawled in TIME:{after}")
}

#[test]
fn without_a_site_there_is_no_list() {
    let output = program(&["crawl", "http://127.0.0.1:1/"]);
    assert_eq!(output.status.code(), Some(255));
    assert_eq!(text(&output.stdout), "");
    insta::assert_snapshot!(readable(output.stderr), @r"
    error: crawl http://127.0.0.1:1/: the start page cannot be had: dial: connection refused
    ");
}

#[cfg(unix)]
#[test]
fn a_signal_ends_it_with_what_was_found_so_far() {
    use std::io::{BufRead, BufReader};

    // Connects, and is never answered, but for the first page.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (send, asked) = mpsc::channel();
    std::thread::spawn(move || {
        let mut held = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut line = String::new();
            BufReader::new(&stream).read_line(&mut line).unwrap();
            let answer = match line.split(' ').nth(1).unwrap() {
                "/" => links("/slow").0,
                "/slow" => {
                    send.send(()).unwrap();
                    held.push(stream);
                    continue;
                }
                _ => missing().0,
            };
            std::io::Write::write_all(&mut stream, &answer).unwrap();
        }
    });
    let url = format!("http://{address}/");
    let mut command = loadgen();
    command.args(["crawl", &url]).stdout(std::process::Stdio::piped());
    let process = command.stderr(std::process::Stdio::piped()).spawn().unwrap();
    asked.recv().unwrap();
    let id = process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &id]).status().unwrap().success());
    let output = process.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(105));
    assert_eq!(list(&text(&output.stdout)), ["/"]);
    assert!(text(&output.stderr).contains("interrupted in "), "{}", text(&output.stderr));
}

fn checks(report: &Path) -> (u64, u64) {
    let summary = summary::load(&report.join("summary.json")).unwrap();
    let check = &summary.root_group.checks[0];
    (check.passes, check.fails)
}

#[test]
fn a_test_can_crawl_first_and_stores_the_list_beside_its_report() {
    let (folder, url) = folder(&[
        ("app/index.html", "<a href=page.html><a href=/about.html>"),
        ("app/page.html", "x"),
        ("about.html", "x"),
        ("unlinked.html", "x"),
        ("more.json", "[\"/unlinked.html\"]"),
    ]);
    let at = |name: &str| folder.path().join(name);
    let report = at("report");
    let host = format!("{url}/app/");
    let (more, dir) = (at("more.json"), report.display().to_string());
    let words = ["--crawl", "--host", &host, "--paths", more.to_str().unwrap(), "-i", "2"];
    let output = program(&[&words[..], &["--report-dir", &dir]].concat());
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found = fs::read_to_string(report.join("paths.json")).unwrap();
    assert_eq!(list(&found), ["/about.html", "/app/", "/app/page.html"]);
    // The three and the one that is named, twice.
    assert_eq!(checks(&report), (8, 0));
    assert!(text(&output.stderr).contains("; 3 paths listed"), "{}", text(&output.stderr));

    let output = program(&["--crawl", "--host", "http://127.0.0.1:1"]);
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(255), String::new()));
}

#[test]
fn without_a_host_the_demo_site_is_crawled() {
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report");
    let words = ["--crawl", "--exclude", "/images/", "--report-dir", report.to_str().unwrap()];
    let output = program(&words);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let found = list(&fs::read_to_string(report.join("paths.json")).unwrap());
    let mut known = servy::demo::paths();
    known.retain(|path| !path.starts_with("/images/"));
    known.sort();
    assert_eq!(found, known);
    assert_eq!(checks(&report), (found.len() as u64, 0));
}

#[test]
fn short_links_become_paths() {
    let links =
        "# mine\ngithub https://code.test/me\na/b http://b.test/\nbroken\ncafé http://c.test/\n";
    let (folder, url) = folder(&[("links.txt", links)]);
    let file = folder.path().join("links.txt").display().to_string();
    for list in [&*file, &format!("{url}/links.txt")] {
        let output = program(&["redirects", list]);
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "[\n  \"/a/b\",\n  \"/caf%C3%A9\",\n  \"/github\"\n]\n");
        let warning = "warning: line 4: expected an alias, one space and a URL\n";
        assert_eq!(readable(output.stderr), warning);
    }
    let output = program(&["redirects", &file, "--format", "text"]);
    assert_eq!(text(&output.stdout), "/a/b\n/caf%C3%A9\n/github\n");

    let refused = |list: &str| {
        let output = program(&["redirects", list]);
        format!("{} {}", output.status.code().unwrap(), readable(output.stderr))
    };
    let errors = [refused("/no/such/list"), refused(&format!("{url}/missing"))].concat();
    insta::assert_snapshot!(errors.replace(&url, "URL"), @r"
    104 error: redirects /no/such/list: cannot be read: No such file or directory (os error 2)
    104 error: redirects URL/missing: cannot be read: the answer is 404 Not Found
    ");
}
