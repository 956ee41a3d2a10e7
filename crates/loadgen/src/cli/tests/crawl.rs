//! `crawl`, `redirects` and `--crawl`.

use super::*;
use crate::{
    cli::args::ListFormat,
    crawl::{Limits, Options as CrawlOptions, Pattern},
};

fn crawl(words: &[&str]) -> CrawlCommand {
    match parse_with(&[], &[&["crawl"], words].concat()) {
        Ok(Command::Crawl(crawl)) => *crawl,
        other => panic!("{words:?} gives {other:?}"),
    }
}

fn patterns(texts: &[&str]) -> Vec<Pattern> {
    texts.iter().map(|text| text.parse().expect("a pattern")).collect()
}

#[test]
fn every_flag_of_a_crawl_arrives() {
    let words = "http://h.test/a?b --max-depth 3 --max-pages 50 --max-queries 4 --concurrency 9 \
        --include /a/ --include *.css$ --exclude /a/b --alias https://b.test/x --ignore-robots \
        --timeout 2s --user-agent me -H X-A:1 --insecure-skip-tls-verify --format text";
    let words: Vec<_> = words.split_whitespace().collect();
    let CrawlCommand { plan, format, warnings } = crawl(&words);
    let options = plan.options;
    assert_eq!(options.start.as_str(), "http://h.test/a?b");
    assert_eq!(options.limits, Limits { max_pages: 50, max_depth: Some(3), max_queries: 4 });
    assert_eq!(options.concurrency, 9);
    assert_eq!(options.include, patterns(&["/a/", "*.css$"]));
    assert_eq!(options.exclude, patterns(&["/a/b"]));
    assert_eq!(options.aliases[0].as_str(), "https://b.test/x");
    assert!(options.ignore_robots);
    assert_eq!((plan.http.timeout, &*plan.http.user_agent), (Duration::from_secs(2), "me"));
    assert_eq!(plan.http.headers, [("X-A".to_owned(), "1".to_owned())]);
    assert!(plan.http.insecure_skip_tls_verify);
    assert_eq!((plan.http.max_idle, plan.http.max_idle_per_host), (9, 9));
    assert_eq!((format, warnings.len()), (ListFormat::Text, 0));
}

#[test]
fn nothing_said_is_all_within_the_default_limits() {
    let command = crawl(&["http://h.test"]);
    let options = command.plan.options;
    assert_eq!(options.start.as_str(), "http://h.test/");
    assert_eq!(
        (options.limits, options.concurrency),
        (Limits::default(), CrawlOptions::CONCURRENCY)
    );
    assert!(options.include.is_empty() && !options.ignore_robots);
    assert_eq!(command.format, ListFormat::Json);
}

#[test]
fn a_test_crawls_from_its_host_and_gets_paths_of_the_root() {
    let command = run(&["--crawl", "--host", "http://h.test/app/", "--exclude", "/x"]);
    let plan = command.test.crawl.as_ref().expect("there is one");
    assert_eq!(plan.options.start.as_str(), "http://h.test/app/");
    assert_eq!(plan.options.exclude, patterns(&["/x"]));
    assert_eq!((host(&command), command.test.paths.len()), ("http://h.test", 0));

    let demo = run(&["--crawl"]).test;
    let plan = demo.crawl.expect("there is one");
    assert_eq!((demo.host, plan.options.start.as_str()), (None, "http://in-process/"));
    assert!(run(&[]).test.crawl.is_none());
}

#[test]
fn what_cannot_be_crawled_is_refused_in_one_line() {
    let lines: Vec<_> = [
        &["crawl"][..],
        &["crawl", "localhost:8080"],
        &["crawl", "ftp://a.test/"],
        &["crawl", "http://"],
        &["crawl", "http://a.test/", "http://b.test/"],
        &["crawl", "http://a.test/", "--max-depth", "deep"],
        &["crawl", "http://a.test/", "--max-pages", "0"],
        &["crawl", "http://a.test/", "--max-queries=-1"],
        &["crawl", "http://a.test/", "--concurrency", "0"],
        &["crawl", "http://a.test/", "--include", "blog"],
        &["crawl", "http://a.test/", "--exclude", ""],
        &["crawl", "http://a.test/", "--alias", "b.test"],
        &["crawl", "http://a.test/", "--format", "xml"],
        &["crawl", "http://a.test/", "--vus", "1"],
        &["crawl", "http://a.test/", "--timeout", "soon"],
        &["redirects"],
        &["redirects", "a", "b"],
        &["redirects", "a", "--format", "xml"],
        &["--max-pages", "5"],
        &["--crawl", "--host", "h.test"],
    ]
    .iter()
    .map(|words| refused(words))
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r#"
    255 the following required arguments were not provided: <URL>
    255 invalid value 'localhost:8080' for '<URL>': it has no scheme; allowed is a URL such as http://127.0.0.1:8080/
    255 invalid value 'ftp://a.test/' for '<URL>': it has the scheme ftp, not http or https; allowed is a URL such as http://127.0.0.1:8080/
    255 invalid value 'http://' for '<URL>': it is no URL: empty host; allowed is a URL such as http://127.0.0.1:8080/
    255 unexpected argument 'http://b.test/' found
    255 invalid value 'deep' for '--max-depth <N>': allowed are whole numbers from 0 to 4294967295
    255 invalid value '0' for '--max-pages <N>': allowed are whole numbers from 1 to 4294967295
    255 invalid value '-1' for '--max-queries <N>': allowed are whole numbers from 0 to 4294967295
    255 invalid value '0' for '--concurrency <N>': allowed are whole numbers from 1 to 100
    255 invalid value 'blog' for '--include <PATTERN>': invalid pattern 'blog'; allowed are beginnings of paths such as /blog/, *.pdf$ and /*?page=
    255 invalid value '' for '--exclude <PATTERN>': invalid pattern ''; allowed are beginnings of paths such as /blog/, *.pdf$ and /*?page=
    255 invalid value 'b.test' for '--alias <URL>': it has no scheme; allowed is a URL such as http://127.0.0.1:8080/
    255 invalid value 'xml' for '--format <FORMAT>'; [possible values: json, text]
    255 unexpected argument '--vus' found; tip: to pass '--vus' as a value, use '-- --vus'
    255 invalid value 'soon' for '--timeout <DURATION>': invalid duration "soon"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
    255 the following required arguments were not provided: <FILE|URL>
    255 unexpected argument 'b' found
    255 invalid value 'xml' for '--format <FORMAT>'; [possible values: json, text]
    255 --max-pages and the other flags of a crawl need --crawl
    104 --host "h.test" has no scheme; allowed is a URL such as http://127.0.0.1:8080
    "#);
}
