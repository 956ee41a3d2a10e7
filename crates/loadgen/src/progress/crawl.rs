//! How a crawl goes: one line that is redrawn, or one each second where nothing can be; at the end
//! what was found, and what is wrong with the site.

use std::{
    io::{self, Write},
    time::Duration,
};

use console::Term;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use tokio::time::Instant;

use super::{ProgressOptions, can_redraw, paint::Paint};
use crate::crawl::{Crawled, Failure, Tally};

/// Shows a crawl on stderr.
pub struct CrawlProgress {
    started: Instant,
    display: Display,
    paint: Paint,
}

enum Display {
    Hidden,
    /// When the next line is due.
    Lines(Duration),
    Screen(ProgressBar),
}

impl CrawlProgress {
    /// Chooses the display; shows nothing yet. What is quiet still shows the end.
    pub fn new(options: ProgressOptions) -> Self {
        let can_redraw = can_redraw();
        let display = if options.quiet {
            Display::Hidden
        } else if can_redraw {
            let target = ProgressDrawTarget::term_like_with_hz(Box::new(Term::stderr()), 10);
            let style = ProgressStyle::with_template("{msg}").expect("a constant template");
            Display::Screen(ProgressBar::with_draw_target(None, target).with_style(style))
        } else {
            Display::Lines(Duration::from_secs(1))
        };
        let paint = Paint { color: options.color && can_redraw };
        Self { started: Instant::now(), display, paint }
    }

    /// Shows how far it is.
    pub fn update(&mut self, tally: &Tally) {
        let elapsed = self.started.elapsed();
        match &mut self.display {
            Display::Hidden => {}
            Display::Screen(bar) => bar.set_message(line(tally)),
            Display::Lines(next) if elapsed < *next => {}
            Display::Lines(next) => {
                *next = Duration::from_secs(elapsed.as_secs() + 1);
                print(&format!("{}\n", line(tally)));
            }
        }
    }

    /// Shows what came of it; nothing if it has failed.
    pub fn end(self, crawled: Option<&Crawled>) {
        if let Display::Screen(bar) = &self.display {
            bar.finish_and_clear();
        }
        if let Some(crawled) = crawled {
            print(&closing(crawled, self.started.elapsed(), self.paint));
        }
    }
}

fn line(tally: &Tally) -> String {
    format!("crawling: {}, {} to go", counts(tally), tally.waiting)
}

fn counts(tally: &Tally) -> String {
    let Tally { pages, assets, redirects, failures, .. } = tally;
    let counted =
        [(pages, "page"), (assets, "asset"), (redirects, "redirect"), (failures, "failure")];
    counted.map(|(count, what)| plural(*count, what)).join(", ")
}

fn plural(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

/// What is wrong, what was left out, and what was found.
fn closing(crawled: &Crawled, took: Duration, paint: Paint) -> String {
    let mut text: String =
        crawled.failures.iter().map(|failure| broken(failure, paint) + "\n").collect();
    let unlisted = crawled.tally.failures.saturating_sub(crawled.failures.len() as u64);
    if unlisted > 0 {
        text += &format!("{} {} like these\n", paint.red("✗"), plural(unlisted, "more failure"));
    }
    let left_out = crawled.left_out.to_string();
    if !left_out.is_empty() {
        text += &format!("links not followed: {left_out}\n");
    }
    let (how, rest) = match (crawled.is_whole, crawled.tally.waiting) {
        (true, _) => ("crawled", String::new()),
        (false, waiting) => ("interrupted", format!("; {waiting} not visited")),
    };
    text + &format!(
        "{how} in {:.1}s: {}{rest}; {} listed\n",
        took.as_secs_f64(),
        counts(&crawled.tally),
        plural(crawled.paths.len() as u64, "path"),
    )
}

fn broken(failure: &Failure, paint: Paint) -> String {
    let Failure { path, problem, from, links } = failure;
    let mut text = format!("{} {path}: {problem}", paint.red("✗"));
    if let Some(from) = from {
        text += &format!(", linked from {from}");
    }
    if *links > 1 {
        text += &format!(" and {} more", plural(links - 1, "time"));
    }
    text
}

/// Nobody can be told that stderr is closed.
fn print(text: &str) {
    let mut stderr = io::stderr().lock();
    let _ = stderr.write_all(text.as_bytes()).and_then(|()| stderr.flush());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crawl::LeftOut;

    #[test]
    fn the_end_tells_what_is_wrong_and_what_was_left_out() {
        let failure = |path: &str, problem: &str, from: Option<&str>, links| Failure {
            path: path.into(),
            problem: problem.into(),
            from: from.map(str::to_owned),
            links,
        };
        let crawled = Crawled {
            paths: vec!["/".into(), "/a".into()],
            tally: Tally { pages: 1, assets: 1, redirects: 2, failures: 5, waiting: 0 },
            failures: vec![
                failure("/a", "is longer than 8 MiB", Some("/"), 1),
                failure("/b", "404 Not Found", Some("/"), 12),
                failure("/robots.txt", "503 Service Unavailable", None, 1),
            ],
            left_out: LeftOut::default(),
            is_whole: true,
        };
        let took = Duration::from_millis(1260);
        insta::assert_snapshot!(closing(&crawled, took, Paint::PLAIN), @r"
        ✗ /a: is longer than 8 MiB, linked from /
        ✗ /b: 404 Not Found, linked from / and 11 times more
        ✗ /robots.txt: 503 Service Unavailable
        ✗ 2 more failures like these
        crawled in 1.3s: 1 page, 1 asset, 2 redirects, 5 failures; 2 paths listed
        ");
        let tally = Tally { waiting: 3, ..crawled.tally };
        let cut = Crawled {
            failures: vec![],
            tally: Tally { failures: 0, ..tally },
            is_whole: false,
            ..crawled
        };
        insta::assert_snapshot!(closing(&cut, took, Paint::PLAIN), @"interrupted in 1.3s: 1 page, 1 asset, 2 redirects, 0 failures; 3 not visited; 2 paths listed");
        insta::assert_snapshot!(line(&tally), @"crawling: 1 page, 1 asset, 2 redirects, 5 failures, 3 to go");
    }
}
