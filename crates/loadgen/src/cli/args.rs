//! The flags, as clap reads them; k6's names, defaults and meanings wherever k6 has the flag.
//!
//! The comments here are the help text. A flag that was not given stays `None`, so that a
//! variable can fill it; defaults belong to what uses the option. Those that are options of the
//! test come from [their table](crate::options::table), by way of [`OptionFlags`].

use std::path::PathBuf;

use clap::{Args, Parser, ValueEnum};

use url::Url;

use super::{
    compare::RunFiles,
    control::ControlArgs,
    log::{LogFormat, LogOutput},
    option_flags::{OptionFlags, RequestFlags},
};
use crate::{
    compare::Condition, crawl::Pattern, metrics::TrendStat, options::TimeUnit, summary::Look,
    target,
};

/// A load generator with k6's model: virtual users run iterations, every answer is timed and
/// checked, and a summary tells what happened.
///
/// Without --host the bundled demo site is served and tested inside this process.
#[derive(Debug, Parser)]
#[command(
    name = "loadgen",
    version,
    args_conflicts_with_subcommands = true,
    disable_help_subcommand = true,
    max_term_width = 100,
    after_help = "\
Durations are numbers with units: 500ms, 30s, 1m30s, 1h. Variables beginning with K6_ and files \
also take bare numbers, which are milliseconds, and days: 2d. A flag is stronger than its \
variable, and a variable stronger than the file.

Exit codes, k6's: 0 the test passed, 99 a threshold was crossed, 100 and 101 setup and teardown \
took too long, 103 stopped by the REST API, 104 the configuration cannot be used, 105 interrupted, \
106 the REST API cannot listen, 107 setup or teardown failed, 108 and 110 the test ended itself or \
marked itself as failed, 109 a panic, 255 the command line cannot be read or anything else failed."
)]
pub struct Cli {
    /// What to do; running a test needs no name.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,
    /// The flags of `run`.
    #[command(flatten)]
    pub run: RunArgs,
    /// Those of all.
    #[command(flatten)]
    pub console: ConsoleArgs,
}

/// How the program speaks, whatever it does.
#[derive(Debug, Default, Args)]
pub struct ConsoleArgs {
    /// Show no progress
    #[arg(short = 'q', long, global = true, help_heading = "Screen")]
    pub quiet: bool,
    /// Log what helps to find a fault, too
    #[arg(short = 'v', long, global = true, help_heading = "Screen")]
    pub verbose: bool,
    /// Show no colours (env: NO_COLOR, K6_NO_COLOR)
    #[arg(long, global = true, help_heading = "Screen")]
    pub no_color: bool,
    /// Where the log goes: stderr, stdout, none or file=PATH[,level=LEVEL] (default: stderr)
    /// (env: K6_LOG_OUTPUT)
    #[arg(long, value_name = "OUTPUT", global = true, help_heading = "Screen")]
    pub log_output: Option<LogOutput>,
    /// How the log looks: text, json or raw (default: text) (env: K6_LOG_FORMAT)
    #[arg(long, value_name = "FORMAT", global = true, help_heading = "Screen")]
    pub log_format: Option<LogFormat>,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Run a test; the word may be left out
    Run(Box<RunArgs>),
    /// Print the options of a test and its scenarios as JSON; nothing is sent
    Inspect(Box<InspectArgs>),
    /// Print the paths of a site: every page and asset that links lead to
    Crawl(Box<CrawlArgs>),
    /// Print the paths of servy's short links
    Redirects(RedirectsArgs),
    /// Show a stored summary again, k6's own files included
    Report(ReportArgs),
    /// Compare stored summaries, and say which differences are more than noise
    Compare(CompareArgs),
    #[expect(missing_docs, reason = "it would be taken for the help of each")]
    #[command(flatten)]
    Control(ControlArgs),
    /// Print a completion script
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Flags of a test run.
#[derive(Debug, Default, Args)]
pub struct RunArgs {
    /// The options.
    #[command(flatten)]
    pub options: OptionFlags,
    /// Options in a file: what a k6 script exports as `options`, as JSON (env: K6_CONFIG)
    #[arg(short = 'c', long, value_name = "FILE", help_heading = "Load")]
    pub config: Option<PathBuf>,

    /// The site under test, such as http://127.0.0.1:8080 (default: the bundled demo site)
    /// (env: LOADGEN_HOST, K6_HOST)
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub host: Option<String>,
    /// Paths that each iteration gets in one batch: a JSON array of strings, or a .txt file with
    /// one path a line; may be repeated (default: /, or everything on the demo site)
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub paths: Vec<PathBuf>,

    /// Crawl the site first, and let each iteration get what was found, and --paths
    #[arg(long, help_heading = "Crawl")]
    pub crawl: bool,
    /// What is crawled.
    #[command(flatten)]
    pub scope: ScopeArgs,

    /// How the summary looks on stdout (default: legacy) (env: K6_SUMMARY_MODE)
    #[arg(long, value_name = "MODE", value_enum, help_heading = "Results")]
    pub summary_mode: Option<SummaryMode>,
    #[expect(missing_docs, reason = "it would be taken for the help of the command")]
    #[command(flatten)]
    pub results: ResultPaths,
}

/// Where the results are stored.
#[derive(Debug, Default, Args)]
pub struct ResultPaths {
    /// Write the summary in k6's export format (env: K6_SUMMARY_EXPORT)
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub summary_export: Option<PathBuf>,
    /// Write checks and thresholds as test cases in JUnit XML, for a CI server
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub summary_junit: Option<PathBuf>,
    /// Write the summary as Markdown, for a pull request or $GITHUB_STEP_SUMMARY
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub summary_markdown: Option<PathBuf>,
    /// Write summary.txt, summary.json and summary.html, paths.json after --crawl and profile.pb.gz
    /// with --profile-target; the folder is made if it is missing
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub report_dir: Option<PathBuf>,
}

/// Flags of `inspect`.
#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The test.
    #[command(flatten)]
    pub run: RunArgs,
    /// Add the time that the test takes at most, and how many virtual users
    #[arg(long)]
    pub execution_requirements: bool,
}

/// What is crawled, for `crawl` and for `run --crawl`.
#[derive(Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "Crawl")]
pub struct ScopeArgs {
    /// Most links between the start page and another (default: no limit)
    #[arg(long, value_name = "N", value_parser = number::<0, { u32::MAX }>)]
    pub max_depth: Option<u32>,
    /// Most paths to visit, of whatever kind (default: 10000)
    #[arg(long, value_name = "N", value_parser = number::<1, { u32::MAX }>)]
    pub max_pages: Option<u32>,
    /// Most paths to visit that differ only in their query, as session ids make them (default: 100)
    #[arg(long, value_name = "N", value_parser = number::<0, { u32::MAX }>)]
    pub max_queries: Option<u32>,
    /// Visits under way at a time (default: 6)
    #[arg(long, value_name = "N", value_parser = number::<1, 100>)]
    pub concurrency: Option<u32>,
    /// Follow only links to paths that begin like this; * is any text, $ the end; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub include: Vec<Pattern>,
    /// Follow no links to paths that begin like this, as in /calendar/ or *.zip$; may be repeated
    #[arg(long, value_name = "PATTERN")]
    pub exclude: Vec<Pattern>,
    /// Another URL of the site, as pages name it that were made for their later host; may be repeated
    #[arg(long, value_name = "URL", value_parser = http_url)]
    pub alias: Vec<Url>,
    /// Visit what robots.txt does not want crawlers to visit
    #[arg(long)]
    pub ignore_robots: bool,
}

/// Flags of `crawl`.
#[derive(Debug, Args)]
#[command(after_help = "\
Links are those of HTML, SVG, CSS, sitemap.xml and the sitemaps that robots.txt names; scripts are \
not run. Paths that redirect are not in the list, but what they lead to is. Broken links, and links \
that were not followed, are told on stderr; they do not change the exit code.

Examples:
  loadgen crawl http://127.0.0.1:8080/ > paths.json
  loadgen crawl http://127.0.0.1:8080/docs/ --include /docs/ --exclude '*.pdf$' --format text
  loadgen crawl http://127.0.0.1:8080/ --alias https://blog.example.com/ --max-pages 500

Exit codes: 0 it came to its end, 105 interrupted (what was found so far is printed), 255 the start \
page cannot be had, or the command line cannot be read.")]
pub struct CrawlArgs {
    /// The page to begin with
    #[arg(value_name = "URL", value_parser = http_url)]
    pub url: Url,
    /// How the list is printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
    /// What is crawled.
    #[command(flatten)]
    pub scope: ScopeArgs,
    /// How requests are made.
    #[command(flatten)]
    pub requests: RequestFlags,
}

/// Flags of `redirects`.
#[derive(Debug, Args)]
#[command(after_help = "\
The list has an alias, one space and a URL a line; empty lines and those that begin with # do not \
count. Lines that are wrong are left out, and told on stderr.

Examples:
  loadgen redirects redirects.txt > redirects.json
  loadgen redirects http://127.0.0.1:8080/redirects.txt --format text

Exit codes: 0 the list was read, 104 it cannot be, 255 the command line cannot be read.")]
pub struct RedirectsArgs {
    /// The list, in servy's format
    #[arg(value_name = "FILE|URL")]
    pub list: String,
    /// How the paths are printed
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ListFormat,
}

/// How a list of paths is printed; --paths reads both.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ListFormat {
    /// A JSON array of strings
    #[default]
    Json,
    /// One path a line
    Text,
}

fn number<const MIN: u32, const MAX: u32>(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| (MIN..=MAX).contains(number));
    number.ok_or_else(|| format!("allowed are whole numbers from {MIN} to {MAX}"))
}

fn http_url(text: &str) -> Result<Url, String> {
    target::http_url(text)
        .map_err(|problem| format!("it {problem}; allowed is a URL such as http://127.0.0.1:8080/"))
}

/// Flags of `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// A summary.json of loadgen, or what k6's handleSummary or --summary-export wrote
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// What to make of it
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ReportFormat,
    /// How the text looks (default: legacy)
    #[arg(long, value_name = "MODE", value_enum)]
    pub summary_mode: Option<SummaryMode>,
    /// Statistics shown for times (default: those that the file was stored with)
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    pub summary_trend_stats: Option<Vec<TrendStat>>,
    /// One unit for all times: s, ms or us (default: the one that the file was stored with)
    #[arg(long, value_name = "UNIT")]
    pub summary_time_unit: Option<TimeUnit>,
    /// Where the result goes (default: stdout)
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// Flags of `compare`.
#[derive(Debug, Args)]
pub struct CompareArgs {
    /// The base and what is compared with it: summary files, or folders that hold a summary.json;
    /// several runs of one subject as NAME=FILE,FILE or by giving a name again
    #[arg(value_name = "[NAME=]FILE", num_args = 2.., required = true)]
    pub runs: Vec<RunFiles>,
    /// What to make of them
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: CompareFormat,
    /// Show every statistic of every metric
    #[arg(long)]
    pub all: bool,
    /// End with code 99 if this holds for one of the others: slower, or METRIC.STATISTIC, one of
    /// <, <=, > and >=, and a change (+10%), a difference (+20) or a value (200); times are
    /// milliseconds; may be repeated
    #[arg(long, value_name = "CONDITION", allow_hyphen_values = true)]
    pub fail_if: Vec<Condition>,
    /// Where the result goes (default: stdout)
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What a comparison is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum CompareFormat {
    /// A table for a terminal
    #[default]
    Text,
    /// A table for a pull request
    Markdown,
    /// All figures, with what the verdicts rest on
    Json,
    /// One self-contained page with charts
    Html,
}

/// How the text summary looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum SummaryMode {
    /// k6's look before version 1
    #[default]
    Legacy,
    /// k6's look since version 1
    Compact,
    /// The same with groups and scenarios
    Full,
    /// No summary on stdout
    Disabled,
}

impl SummaryMode {
    /// The look that it stands for, if there is to be a text.
    pub fn look(self) -> Option<Look> {
        match self {
            Self::Legacy => Some(Look::Legacy),
            Self::Compact => Some(Look::Compact),
            Self::Full => Some(Look::Full),
            Self::Disabled => None,
        }
    }
}

/// What a stored summary is turned into.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ReportFormat {
    /// The text summary
    #[default]
    Text,
    /// k6's handleSummary object, with loadgen's own key if the file has it
    Json,
    /// One self-contained page
    Html,
    /// Checks and thresholds as test cases, for a CI server
    Junit,
    /// For a pull request
    Markdown,
}
