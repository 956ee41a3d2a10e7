//! The flags, as clap reads them; k6's names, defaults and meanings wherever k6 has the flag.
//!
//! The comments here are the help text. A flag that was not given stays `None`, so that a
//! variable can fill it; defaults belong to what uses the option.

use std::{path::PathBuf, time::Duration};

use clap::{Args, Parser, ValueEnum};

use super::{
    control::ControlArgs,
    value::{self, DnsFields, Header, TrendStats},
};
use crate::{
    http::ExpectedStatuses,
    options::{TimeUnit, duration},
    summary::Look,
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
Durations are numbers with units: 500ms, 30s, 1m30s, 1h. Variables beginning with K6_ also take \
bare numbers, which are milliseconds, and days: 2d. A flag is stronger than its variable.

Exit codes: 0 the test ran, 104 the configuration cannot be used, 105 interrupted, 255 the command line cannot be read or anything else failed."
)]
pub struct Cli {
    /// What to do; running a test needs no name.
    #[command(subcommand)]
    pub subcommand: Option<Subcommand>,
    /// The flags of `run`.
    #[command(flatten)]
    pub run: RunArgs,
}

/// What can be done.
#[derive(Debug, clap::Subcommand)]
pub enum Subcommand {
    /// Run a test; the word may be left out
    Run(Box<RunArgs>),
    /// Show a stored summary again, k6's own files included
    Report(ReportArgs),
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
#[command(allow_negative_numbers = true)]
pub struct RunArgs {
    /// Virtual users (default: 1) (env: K6_VUS)
    #[arg(
        short = 'u',
        long,
        value_name = "N",
        value_parser = value::integer,
        help_heading = "Load"
    )]
    pub vus: Option<i64>,
    /// How long iterations are started; those in flight may end (env: K6_DURATION)
    #[arg(
        short = 'd',
        long,
        value_name = "DURATION",
        value_parser = duration::parse,
        allow_hyphen_values = true,
        help_heading = "Load"
    )]
    pub duration: Option<Duration>,
    /// Iterations, shared among the virtual users (default: one for each) (env: K6_ITERATIONS)
    #[arg(
        short = 'i',
        long,
        value_name = "N",
        value_parser = value::integer,
        help_heading = "Load"
    )]
    pub iterations: Option<i64>,
    /// Most requests per second, all virtual users together (default: 0, no limit) (env: K6_RPS)
    #[arg(long, value_name = "N", value_parser = value::integer, help_heading = "Load")]
    pub rps: Option<i64>,
    /// Worker threads (default: one for each core, at most one for each virtual user)
    #[arg(long, value_name = "N", value_parser = value::integer, help_heading = "Load")]
    pub workers: Option<i64>,

    /// The site under test, such as http://127.0.0.1:8080 (default: the bundled demo site)
    /// (env: LOADGEN_HOST, K6_HOST)
    #[arg(long, value_name = "URL", help_heading = "Target")]
    pub host: Option<String>,
    /// Paths that each iteration gets in one batch: a JSON array of strings, or a .txt file with
    /// one path a line; may be repeated (default: /, or everything on the demo site)
    #[arg(long, value_name = "FILE", help_heading = "Target")]
    pub paths: Vec<PathBuf>,
    /// Statuses that pass the check and count as expected: numbers and ranges, as in
    /// 200,301-308 (default: 200-399)
    #[arg(long, value_name = "LIST", help_heading = "Target")]
    pub expect_status: Option<ExpectedStatuses>,

    /// Requests of one batch in flight at once (default: 20) (env: K6_BATCH)
    #[arg(long, value_name = "N", value_parser = value::integer, help_heading = "HTTP")]
    pub batch: Option<i64>,
    /// Requests of one batch in flight at once to one host; 0 for no limit (default: 6)
    /// (env: K6_BATCH_PER_HOST)
    #[arg(long, value_name = "N", value_parser = value::integer, help_heading = "HTTP")]
    pub batch_per_host: Option<i64>,
    /// Redirects followed for one request (default: 10) (env: K6_MAX_REDIRECTS)
    #[arg(long, value_name = "N", value_parser = value::integer, help_heading = "HTTP")]
    pub max_redirects: Option<i64>,
    /// Follow redirects to other hosts, too (default: false, the redirect is the answer)
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        help_heading = "HTTP"
    )]
    pub follow_offsite: Option<bool>,
    /// Time allowed for a request, its redirects included (default: 60s)
    #[arg(
        long,
        value_name = "DURATION",
        value_parser = duration::parse,
        allow_hyphen_values = true,
        help_heading = "HTTP"
    )]
    pub timeout: Option<Duration>,
    /// A header for every request; may be repeated
    #[arg(short = 'H', long, value_name = "NAME: VALUE", help_heading = "HTTP")]
    pub header: Vec<Header>,
    /// User-Agent of every request; empty sends none (default: loadgen/VERSION)
    /// (env: K6_USER_AGENT)
    #[arg(long, value_name = "TEXT", value_parser = value::header_text, help_heading = "HTTP")]
    pub user_agent: Option<String>,
    /// Drop bodies as they arrive, even where an iteration could read them (default: false)
    /// (env: K6_DISCARD_RESPONSE_BODIES)
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        help_heading = "HTTP"
    )]
    pub discard_response_bodies: Option<bool>,

    /// How names become addresses; select is first, random or roundRobin, policy is preferIPv4,
    /// preferIPv6, onlyIPv4, onlyIPv6 or any; ttl 0 caches nothing, inf everything
    /// (default: ttl=5m,select=random,policy=preferIPv4) (env: K6_DNS)
    #[arg(long, value_name = "KEY=VALUE,...", help_heading = "Connections")]
    pub dns: Option<DnsFields>,
    /// Accept any certificate (default: false) (env: K6_INSECURE_SKIP_TLS_VERIFY)
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        help_heading = "Connections"
    )]
    pub insecure_skip_tls_verify: Option<bool>,
    /// A new connection for each request (default: false) (env: K6_NO_CONNECTION_REUSE)
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        help_heading = "Connections"
    )]
    pub no_connection_reuse: Option<bool>,
    /// New connections for each iteration (default: false) (env: K6_NO_VU_CONNECTION_REUSE)
    #[arg(
        long,
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        help_heading = "Connections"
    )]
    pub no_vu_connection_reuse: Option<bool>,

    /// How the summary looks on stdout (default: legacy) (env: K6_SUMMARY_MODE)
    #[arg(long, value_name = "MODE", value_enum, help_heading = "Results")]
    pub summary_mode: Option<SummaryMode>,
    /// Statistics shown for times: avg, min, med, max, count, p(N)
    /// (default: avg,min,med,max,p(90),p(95)) (env: K6_SUMMARY_TREND_STATS)
    #[arg(long, value_name = "LIST", help_heading = "Results")]
    pub summary_trend_stats: Option<TrendStats>,
    /// One unit for all times: s, ms or us (default: the fitting one) (env: K6_SUMMARY_TIME_UNIT)
    #[arg(long, value_name = "UNIT", value_parser = value::time_unit, help_heading = "Results")]
    pub summary_time_unit: Option<TimeUnit>,
    /// Write the summary in k6's export format (env: K6_SUMMARY_EXPORT)
    #[arg(long, value_name = "FILE", help_heading = "Results")]
    pub summary_export: Option<PathBuf>,
    /// Write summary.txt, summary.json and summary.html; the folder is made if it is missing
    #[arg(long, value_name = "DIR", help_heading = "Results")]
    pub report_dir: Option<PathBuf>,

    /// Show no progress
    #[arg(short = 'q', long, help_heading = "Screen")]
    pub quiet: bool,
    /// Show no colours (env: NO_COLOR, K6_NO_COLOR)
    #[arg(long, help_heading = "Screen")]
    pub no_color: bool,
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
    #[arg(long, value_name = "LIST")]
    pub summary_trend_stats: Option<TrendStats>,
    /// One unit for all times: s, ms or us (default: the one that the file was stored with)
    #[arg(long, value_name = "UNIT", value_parser = value::time_unit)]
    pub summary_time_unit: Option<TimeUnit>,
    /// Where the result goes (default: stdout)
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: Option<PathBuf>,
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
}
