//! The report, opened from disk.

use std::{collections::BTreeMap, fs, path::PathBuf};

use loadgen::summary::{Summary, html::html};
use serde_json::json;
use tempfile::TempDir;

use super::{chromium::Browser, runs};

const DESK: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// A report on disk.
struct Page {
    path: PathBuf,
    _folder: TempDir,
}

impl Page {
    fn of(summary: &Summary) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("summary.html");
        fs::write(&path, html(summary).unwrap()).unwrap();
        Self { path, _folder: folder }
    }

    fn url(&self) -> String {
        format!("file://{}", self.path.display())
    }

    fn open(&self, browser: &mut Browser) {
        browser.open(&self.url(), DESK);
    }

    /// Nothing goes wrong, nothing is fetched, and nothing sticks out, at a desk and on a phone.
    fn assert_sound(&self, browser: &mut Browser, what: &str) {
        for size in [PHONE, DESK] {
            browser.open(&self.url(), size);
            assert_eq!(browser.complaints(), [""; 0], "{what}");
            assert_eq!(browser.fetched(), [self.url()], "{what}");
            let wide = browser.js("document.documentElement.scrollWidth > innerWidth");
            assert_eq!(wide, false, "{what}: the page must not scroll sideways");
            assert_eq!(browser.js("typeof window.pwned"), "undefined", "{what}");
        }
    }
}

#[tokio::test]
async fn every_number_is_that_of_the_summary() {
    let Some(mut browser) = Browser::start() else { return };
    let summary = runs::usual().await;
    Page::of(&summary).open(&mut browser);

    // Every cell of a metric has its value for the script to sort by.
    let cells = browser.js(
        "Object.fromEntries([...document.querySelectorAll('#metrics ~ .scroll tbody tr')].map((row) => {
           const columns = [...row.closest('table').tHead.rows[0].cells].map((cell) => cell.textContent);
           const values = [...row.cells].map((cell, i) => [columns[i], cell.dataset.sort]);
           return [row.cells[0].dataset.sort, Object.fromEntries(values.slice(1))];
         }))",
    );
    let shown: BTreeMap<String, BTreeMap<String, String>> = serde_json::from_value(cells).unwrap();
    assert!(shown.keys().eq(summary.metrics.keys()));
    for (name, metric) in &summary.metrics {
        for (column, value) in &metric.values {
            let cell: f64 = shown[name][column].parse().unwrap();
            assert_eq!(cell, *value, "{column} of {name}");
        }
    }

    let extras = summary.loadgen.as_ref().unwrap();
    let requests = summary.metrics["http_reqs"].values["count"];
    let column = "[...document.querySelectorAll('table[data-search] tbody tr')]
                  .map((row) => Number(row.cells[6].textContent.replaceAll(',', '')))";
    let counts: Vec<f64> = serde_json::from_value(browser.js(column)).unwrap();
    assert!(counts.iter().copied().eq(extras.requests.iter().map(|kind| kind.count as f64)));
    assert_eq!(counts.iter().sum::<f64>(), requests);

    let slowest = "[...document.querySelectorAll('table.slow tbody tr')]
                   .map((row) => Number(row.cells[3].dataset.sort))";
    let slowest: Vec<f64> = serde_json::from_value(browser.js(slowest)).unwrap();
    assert_eq!(slowest.len(), 20);
    assert!(slowest.is_sorted_by(|a, b| a >= b), "{slowest:?}");
    assert_eq!(slowest[0], summary.metrics["http_req_duration"].values["max"]);

    // What the heat map holds is all requests there were.
    let cells = browser.text("document.querySelector('#heat svg').dataset.cells");
    let counts =
        cells.split(['|', ',']).filter_map(|cell| cell.rsplit(':').next()?.parse::<f64>().ok());
    assert_eq!(counts.sum::<f64>(), requests);

    let head = browser.text("document.querySelector('header').innerText");
    for text in
        ["Failed", "http_req_duration p(99.5)<0.001", "cores", "Linux", &extras.started[..4]]
    {
        assert!(head.contains(text), "{text} in {head}");
    }
    let checks = browser.text("document.querySelector('.tree').innerText");
    assert!(checks.contains("pages") && checks.contains("status is 200"), "{checks}");
}

#[tokio::test]
async fn whatever_was_run_the_page_is_sound() {
    let Some(mut browser) = Browser::start() else { return };
    let usual = runs::usual().await;
    for (what, summary) in [
        ("a usual run", &usual),
        ("no requests", &runs::without_requests().await),
        ("all failed", &runs::all_failed().await),
        ("a file of k6", &Summary { loadgen: None, ..usual.clone() }),
        ("a profile", &runs::profiled(&usual)),
    ] {
        Page::of(summary).assert_sound(&mut browser, what);
    }

    let hour = Page::of(&runs::an_hour_of(&usual));
    let size = fs::metadata(&hour.path).unwrap().len();
    assert!(size < 300_000, "{size} bytes for an hour and 500 names");
    hour.assert_sound(&mut browser, "an hour");
    assert_eq!(browser.js("document.querySelectorAll('table[data-search] tbody tr').length"), 500);

    Page::of(&runs::with_hostile_names().await).assert_sound(&mut browser, "hostile names");
    let text = browser.text("document.querySelector('main').textContent");
    assert!(text.matches(&runs::hostile()).count() >= 3, "group, check and request");
}

#[tokio::test]
async fn tables_sort_and_search_and_colours_change() {
    let Some(mut browser) = Browser::start() else { return };
    let mut summary = runs::an_hour_of(&runs::usual().await);
    for (place, request) in summary.loadgen.as_mut().unwrap().requests.iter_mut().enumerate() {
        // Neither in order, nor in that of their text.
        request.count = (place as u64 * 7_919) % 10_007;
    }
    Page::of(&summary).open(&mut browser);
    browser.js(
        "table = document.querySelector('table[data-search]'); rows = () => [...table.tBodies[0].rows];
         shown = () => rows().filter((row) => !row.hidden);
         count = (row) => Number(row.cells[6].textContent.replaceAll(',', ''));
         head = table.tHead.rows[0].cells[6]; press = () => head.querySelector('button').click(); 0",
    );
    for (order, compare) in [("descending", ">="), ("ascending", "<=")] {
        browser.js("press()");
        let in_order = format!(
            "rows().map(count).every((value, i, all) => i == 0 || all[i - 1] {compare} value)"
        );
        assert_eq!(browser.js(&in_order), true, "{order}");
        assert_eq!(browser.text("head.getAttribute('aria-sort')"), order);
    }

    browser.js("document.querySelector('input[type=search]').focus()");
    browser.call("Input.insertText", &json!({ "text": "products/04 GET" }));
    assert_eq!(browser.js("shown().length"), 10);
    assert_eq!(browser.js("shown().every((row) => row.textContent.includes('/04'))"), true);
    assert!(browser.text("document.querySelector('.search').textContent").contains("10 of 500"));

    let paper = "getComputedStyle(document.body).backgroundColor";
    let light = browser.text(paper);
    browser.js("document.querySelector('.theme').click()");
    let dark = browser.text(paper);
    assert_ne!(light, dark);
    prefer(&mut browser, "screen", "dark");
    Page::of(&summary).open(&mut browser);
    assert_eq!(browser.text(paper), dark, "as the system wants it");
    browser.js("document.querySelector('.theme').click()");
    assert_eq!(browser.text(paper), light);
    browser.js("document.querySelector('.theme').click()");
    prefer(&mut browser, "print", "dark");
    assert_eq!(browser.text(paper), light, "paper is white");
}

fn prefer(browser: &mut Browser, medium: &str, scheme: &str) {
    let features = json!([{ "name": "prefers-color-scheme", "value": scheme }]);
    browser.call("Emulation.setEmulatedMedia", &json!({ "media": medium, "features": features }));
}

#[tokio::test]
async fn values_can_be_read_by_pointer_and_by_keys() {
    let Some(mut browser) = Browser::start() else { return };
    let summary = runs::usual().await;
    let rows = &summary.loadgen.as_ref().unwrap().rows;
    Page::of(&summary).open(&mut browser);

    browser.point_at("#heat .hover");
    let times =
        "[...document.querySelectorAll('figure[data-time] .at')].map((at) => at.textContent)";
    let times: Vec<String> = serde_json::from_value(browser.js(times)).unwrap();
    assert!(times.len() >= 5 && times.iter().all(|time| time.contains("0:0")), "{times:?}");
    browser.point_at("h1");
    assert_eq!(browser.text("document.querySelector('#heat .at').textContent"), "");

    browser.js("document.querySelector('#requests .hover').focus()");
    browser.press("End");
    let last = rows.last().unwrap();
    let rate = (last.http_reqs as f64 / last.seconds).round();
    let spoken = browser.text("document.getElementById('spoken').textContent").replace(',', "");
    assert!(spoken.contains(&format!("requests {rate}")), "{spoken}: {last:?}");
    assert_eq!(browser.complaints(), [""; 0]);
}

#[tokio::test]
async fn without_a_script_all_is_there() {
    let Some(mut browser) = Browser::start() else { return };
    let summary = runs::usual().await;
    browser.call("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
    Page::of(&summary).open(&mut browser);
    let document = browser.call("DOM.getDocument", &json!({}));
    let root = document["root"]["nodeId"].clone();
    let mut find = |selector: &str| {
        let found = json!({ "nodeId": root, "selector": selector });
        let found = browser.call("DOM.querySelectorAll", &found);
        found["nodeIds"].as_array().map_or(0, Vec::len)
    };
    assert_eq!(find("figure svg.chart"), find("figure"));
    assert!(find("figure") >= 8 && find("path.line") >= 10 && find("path.heat") == 8);
    assert_eq!(find("table.slow tbody tr"), 20);
    assert_eq!(find(".theme, .search, .hover"), 0, "what needs a script is made by it");
    let pdf = browser.call("Page.printToPDF", &json!({ "printBackground": true }));
    assert!(pdf["data"].as_str().map_or(0, str::len) > 10_000);
}

#[tokio::test]
async fn a_call_in_a_flame_graph_is_as_wide_as_its_share() {
    let Some(mut browser) = Browser::start() else { return };
    let page = Page::of(&runs::profiled(&runs::usual().await));
    for size in [PHONE, DESK] {
        browser.open(&page.url(), size);
        let boxes = browser.js("[...document.querySelectorAll('.flames rect')].map((rect) => {
               const { left, top, width } = rect.getBoundingClientRect();
               return [left, top, width].map(Math.round);
             })");
        let [main, hostile, narrow]: [[i64; 3]; 3] = serde_json::from_value(boxes).unwrap();
        assert!(main[2] > 600, "as wide as the page, or else one scrolls: {main:?}");
        assert!(hostile[1] < main[1] && narrow[1] == hostile[1], "above the one that called them");
        assert!(
            (main[2] - 2 * hostile[2]).abs() <= 2 && (narrow[0] - main[0] - hostile[2]).abs() <= 2
        );
        assert_eq!(browser.complaints(), [""; 0]);
    }
    let title = browser.text("document.querySelectorAll('.flames rect')[1].textContent");
    assert_eq!(title, format!("{} 50.00%", runs::hostile()));
    let hottest = browser.text("document.querySelector('#hottest + .scroll').innerText");
    assert!(hottest.contains(&runs::hostile()), "{hottest}");
    assert_eq!(hottest.matches("50.00%").count(), 4, "{hottest}");
}
