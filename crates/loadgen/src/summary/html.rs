//! The summary as one HTML page that needs nothing else: no network, no script, no second file.
//!
//! A script is included, but only adds hover values, sorting, search and a choice of colours. Charts
//! are drawn here (`super::chart`); text is escaped by the template, which marks nothing as safe but
//! those charts and its own code, and nothing from a summary is ever put inside a script, a style or
//! a link. A policy lets a browser run that code alone, by its hash.
//!
//! Runs longer than 400 rows are drawn with the lowest and the highest value of each of at most
//! 200 stretches, so that the page of an hour stays as small as that of ten minutes.
//!
//! What `setup()` returned is left out on purpose: it is data of the test, often a token.

pub(crate) mod code;
mod figures;
pub(super) mod headline;
pub(super) mod outcome;
mod profile;
pub(super) mod statistics;
pub(super) mod tables;
pub(crate) mod units;

use askama::Template;

use self::{
    code::{Code, LIVE_POLICY, LIVE_SCRIPT, LIVE_STYLE, POLICY, SCRIPT, STYLE},
    figures::Figure,
    headline::{Fact, Tile},
    outcome::{Outcome, State},
    profile::ProfileSection,
    statistics::Statistics,
    tables::{GroupTable, MetricTable, RequestTable, SlowTable, ThresholdRow},
};
use super::{
    chart::Svg,
    model::{Extras, Summary},
};

/// Why a summary cannot be shown as a page.
#[derive(Debug, thiserror::Error)]
pub enum HtmlError {
    /// A histogram in the `loadgen` key that cannot be read.
    #[error("histogram of '{metric}' in 'loadgen.histograms': {reason}")]
    Histogram {
        /// Name of the metric.
        metric: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The template could not be filled in.
    #[error("cannot render the HTML report: {0}")]
    Render(#[from] askama::Error),
}

/// The page.
///
/// # Errors
///
/// If a histogram of the `loadgen` key is no base64 or no HDR histogram.
pub fn html(summary: &Summary) -> Result<String, HtmlError> {
    let statistics = Statistics::read(summary)?;
    let extras = summary.loadgen.as_ref();
    let mut page = Page {
        policy: &POLICY,
        style: STYLE,
        script: SCRIPT,
        sections: Vec::new(),
        title: match extras.map(|extras| extras.target.as_str()) {
            Some(target) if !target.is_empty() => format!("Load test of {target}"),
            _ => "Load test".into(),
        },
        outcome: outcome::outcome(summary, &statistics),
        tiles: headline::tiles(summary, &statistics),
        facts: headline::facts(summary),
        warnings: extras.map_or(&[], |extras| &extras.warnings),
        figures: figures::figures(extras, &statistics),
        without_figures: without_figures(extras),
        thresholds: tables::thresholds(summary, &statistics),
        threshold_digits: summary.threshold_digits(),
        groups: tables::groups(&summary.root_group),
        metrics: tables::metrics(summary, &statistics),
        requests: extras.and_then(tables::requests),
        slowest: extras.and_then(tables::slowest),
        profile: extras.and_then(profile::profile),
        options: extras.and_then(|extras| {
            let given = !extras.options.is_null();
            given.then(|| format!("{:#}", extras.options))
        }),
        version: extras.map(|extras| extras.version.as_str()),
    };
    page.sections = page.sections();
    Ok(page.render()?)
}

/// The page that shows a run while it goes on. It holds nothing of it: a `report` event from
/// `events`, whose data is the [`body`] of a report as a JSON string, is what it shows, an `end`
/// event the last of them.
///
/// # Errors
///
/// If the template cannot be filled in.
pub fn live() -> Result<String, HtmlError> {
    let page = Live { policy: &LIVE_POLICY, style: LIVE_STYLE, script: LIVE_SCRIPT };
    Ok(page.render()?)
}

/// What a page made by [`html`] shows, without its script and style.
pub fn body(page: &str) -> &str {
    // Text from a summary is escaped and holds no tags.
    let start = page.find("<body>").unwrap_or(0);
    let end = page.rfind("<script>").unwrap_or(page.len());
    &page[start..end]
}

/// Why there are no charts, if there are none.
fn without_figures(extras: Option<&Extras>) -> &'static str {
    match extras {
        None => {
            "No charts and no facts of the run: this summary was written by k6, which keeps totals only."
        }
        Some(extras) if extras.rows.is_empty() => {
            "No charts over time: the run ended before its first interval did."
        }
        Some(_) => "",
    }
}

#[derive(Template)]
#[template(path = "live.html", whitespace = "minimize")]
struct Live<'a> {
    policy: &'a str,
    style: Code,
    script: Code,
}

#[derive(Template)]
#[template(path = "report.html", whitespace = "minimize")]
struct Page<'a> {
    policy: &'a str,
    style: Code,
    script: Code,
    title: String,
    /// Identifier and name of each section that there is.
    sections: Vec<(&'static str, &'static str)>,
    outcome: Outcome,
    tiles: Vec<Tile>,
    facts: Vec<Fact>,
    warnings: &'a [String],
    figures: Vec<Figure>,
    without_figures: &'static str,
    thresholds: Vec<ThresholdRow<'a>>,
    threshold_digits: Option<u8>,
    groups: Vec<GroupTable<'a>>,
    metrics: Vec<MetricTable<'a>>,
    requests: Option<RequestTable<'a>>,
    slowest: Option<SlowTable<'a>>,
    profile: Option<ProfileSection<'a>>,
    options: Option<String>,
    version: Option<&'a str>,
}

impl Page<'_> {
    fn sections(&self) -> Vec<(&'static str, &'static str)> {
        let all = [
            (!self.figures.is_empty(), "charts", "Charts"),
            (!self.thresholds.is_empty(), "thresholds", "Thresholds"),
            (!self.groups.is_empty(), "checks", "Checks"),
            (!self.metrics.is_empty(), "metrics", "Metrics"),
            (self.requests.is_some(), "answers", "Requests"),
            (self.slowest.is_some(), "slowest", "Slowest requests"),
            (self.profile.is_some(), "profile", "Profile of the target"),
            (self.options.is_some(), "options", "Options"),
        ];
        all.into_iter().filter(|(is_there, ..)| *is_there).map(|(_, id, name)| (id, name)).collect()
    }
}

/// A chart escapes its own text.
impl askama::filters::HtmlSafe for Svg {}

#[cfg(test)]
mod tests;
