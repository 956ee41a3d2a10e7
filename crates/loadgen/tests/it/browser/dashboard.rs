//! The dashboard of a run, while it goes on and after it.

use std::{thread, time::Duration};

use serde_json::json;

use super::chromium::Browser;
use crate::dashboard::Watched;

const COUNT: &str = "document.querySelector('section[aria-labelledby=answers] tfoot').textContent";

/// Waits until an expression is true.
fn wait_for(browser: &mut Browser, expression: &str) {
    for _ in 0..600 {
        if browser.js(expression) == true {
            return;
        }
        thread::sleep(Duration::from_millis(100));
    }
    panic!("this never became true: {expression}");
}

#[test]
fn the_page_follows_the_run_and_keeps_what_was_chosen() {
    let Some(mut browser) = Browser::start() else { return };
    let mut run = Watched::start(&["--vus=1", "--duration=12s", "--out=dashboard=port=0"]);
    browser.open(&format!("http://{}/", run.address), (1280, 900));
    let running = "document.querySelector('.word')?.textContent.includes('Running') === true";
    wait_for(&mut browser, running);
    // The first state comes before the first second is over.
    wait_for(&mut browser, "document.querySelector('section[aria-labelledby=answers]') !== null");
    assert_eq!(browser.js("document.getElementById('live').textContent"), "");

    // By the names of requests, those of posts alone, in the dark.
    browser.js("(() => { const part = document.querySelector('section[aria-labelledby=answers]');
           part.querySelector('th button').click();
           const input = part.querySelector('input');
           input.value = 'post';
           input.dispatchEvent(new Event('input'));
           document.querySelector('.theme').click(); })()");
    let theme = browser.text("document.documentElement.style.colorScheme");
    let before = browser.text(COUNT);
    wait_for(&mut browser, &format!("{COUNT} !== {before:?}"));
    let kept = browser.js(
        "(() => { const part = document.querySelector('section[aria-labelledby=answers]');
           const rows = [...part.querySelectorAll('tbody tr')].filter((row) => !row.hidden);
           return { sorted: part.querySelector('[aria-sort]').cellIndex,
             found: rows.length > 0 && rows.every((row) => row.textContent.includes('post')),
             themes: document.querySelectorAll('.theme').length,
             layers: document.querySelectorAll('.hover').length
               === document.querySelectorAll('figure').length }; })()",
    );
    assert_eq!(kept, json!({ "sorted": 0, "found": true, "themes": 1, "layers": true }));
    assert_eq!(browser.text("document.documentElement.style.colorScheme"), theme);

    wait_for(&mut browser, "document.getElementById('live').textContent === 'The run is over.'");
    assert!(browser.text("document.querySelector('.word').textContent").contains("Passed"));
    assert_eq!(browser.complaints(), [""; 0]);
    thread::sleep(Duration::from_secs(1));
    assert!(run.is_running(), "the page is open");
    drop(browser);
    assert_eq!(run.wait(), Some(0));
}
