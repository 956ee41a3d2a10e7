//! `loadgen run`: from flags and variables to a test with nothing left to doubt.

use std::path::Path;

use url::Position;

use super::{
    CliError,
    args::{RunArgs, ScopeArgs, SummaryMode},
    config,
    crawl::CrawlPlan,
    env::{self, Lookup},
    outputs::{Extra, Outputs},
    paths,
};
use crate::{
    dashboard::{self, DashboardOptions},
    load_test::LoadTestError,
    options::{Options, system_tags::SystemTag},
    output::OutputError,
    plan::{self, PlanError, load::Load},
    target::{InvalidHost, Target, http_url},
};

/// What is tested, and how.
#[derive(Debug)]
pub struct TestCommand {
    /// The options, as far as somebody set them.
    pub options: Options,
    /// What the load is.
    pub load: Load,
    /// Whether the address of the REST API was given as a flag.
    pub address_is_flag: bool,
    /// The site under test; `None` for the bundled demo site.
    pub host: Option<Target>,
    /// What each iteration gets, each beginning with `/`; empty only after a crawl, and for the demo
    /// site, of which it is everything then.
    pub paths: Vec<String>,
    /// What to crawl for more of them.
    pub crawl: Option<CrawlPlan>,
    /// What whoever wrote the options should know.
    pub warnings: Vec<String>,
}

/// A test to run.
#[derive(Debug)]
pub struct RunCommand {
    /// What is tested, and how.
    pub test: TestCommand,
    /// How the summary on stdout looks.
    pub summary_mode: SummaryMode,
    /// The dashboard, if there is to be one.
    pub(super) dashboard: Option<DashboardOptions>,
    /// Files that wait for the results.
    pub outputs: Outputs,
    /// The words of the command line, program name first.
    pub command_line: Vec<String>,
}

/// Lays the flags over the variables and these over the file, checks what came out, and opens the
/// files for the results.
pub(super) fn resolve(
    args: RunArgs,
    lookup: &Lookup<'_>,
    command_line: Vec<String>,
) -> Result<RunCommand, CliError> {
    let (args, mut test) = test(args, lookup)?;
    let dashboard = dashboard(&mut test.options, lookup).map_err(LoadTestError::from)?;
    test.warnings.extend(dashboard.iter().flat_map(|dashboard| dashboard.warnings.clone()));
    let with_profile = test.options.profile_target.is_some();
    if with_profile && args.results.report_dir.is_none() && dashboard.is_none() {
        test.warnings.push(
            "only the hottest functions of the profile will be told: --report-dir stores all of it"
                .into(),
        );
    }
    // Last, so that a command line that is wrong elsewhere leaves no files behind.
    let export = dashboard.as_ref().and_then(|dashboard| dashboard.export.as_deref());
    let extra = Extra { paths: args.crawl, profile: with_profile };
    let outputs = Outputs::create(&args.results, extra, export)?;
    Ok(RunCommand {
        test,
        dashboard,
        outputs,
        summary_mode: args.summary_mode.unwrap_or_default(),
        command_line,
    })
}

/// Takes the dashboard out of the outputs: it is the only one that gets no samples.
fn dashboard(
    options: &mut Options,
    lookup: &Lookup<'_>,
) -> Result<Option<DashboardOptions>, OutputError> {
    let mut specs = Vec::new();
    if let Some(out) = &mut options.out {
        let is_dashboard = |spec: &mut String| dashboard_of(spec).is_some();
        specs.extend(out.extract_if(.., is_dashboard));
    }
    let invalid = |reason| OutputError::Create { name: dashboard::NAMES[0].into(), reason };
    let argument = match &specs[..] {
        [] if DashboardOptions::is_wanted(lookup) => None,
        [] => return Ok(None),
        [spec] => dashboard_of(spec).flatten(),
        _ => return Err(invalid("there can be only one".into())),
    };
    DashboardOptions::read(argument, lookup).map(Some).map_err(invalid)
}

/// The argument of an output that is a dashboard, if it is one and has one.
fn dashboard_of(spec: &str) -> Option<Option<&str>> {
    let (name, argument) = match spec.split_once('=') {
        Some((name, argument)) => (name, Some(argument)),
        None => (spec, None),
    };
    dashboard::NAMES.contains(&name).then_some(argument)
}

/// Resolves what is tested and how.
pub(super) fn test(
    mut args: RunArgs,
    lookup: &Lookup<'_>,
) -> Result<(RunArgs, TestCommand), CliError> {
    env::fill(&mut args, lookup)?;
    let flags = std::mem::take(&mut args.options.0);
    let address_is_flag = flags.address.is_some();
    let (options, warnings) = consolidate(flags, args.config.as_deref(), lookup)?;
    options.check().map_err(PlanError::from)?;
    let load = Load::new(&options).map_err(PlanError::from)?;
    let host = args.host.as_deref().map(Target::at).transpose()?;
    let mut paths = paths::read_all(&args.paths)?;
    if paths.is_empty() && host.is_some() && !args.crawl {
        paths.push("/".into());
    }
    let (host, crawl) = crawl(&mut args, host, &options)?;
    Ok((args, TestCommand { options, load, address_is_flag, host, paths, crawl, warnings }))
}

/// What to crawl, and the target then: what is found are paths of the host, even if its URL has a
/// path where the crawl begins.
fn crawl(
    args: &mut RunArgs,
    host: Option<Target>,
    options: &Options,
) -> Result<(Option<Target>, Option<CrawlPlan>), CliError> {
    let scope = std::mem::take(&mut args.scope);
    if !args.crawl {
        return match scope == ScopeArgs::default() {
            true => Ok((host, None)),
            false => Err(CliError::Flags(
                "--max-pages and the other flags of a crawl need --crawl".into(),
            )),
        };
    }
    let given = args.host.as_deref().unwrap_or(Target::IN_PROCESS);
    let invalid = |problem| InvalidHost { host: given.into(), problem };
    let start = http_url(given).map_err(invalid)?;
    let root = host.map(|_| Target::at(&start[..Position::BeforePath])).transpose()?;
    Ok((root, Some(CrawlPlan::new(start, scope, plan::http(options)))))
}

/// Lays flags over variables and those over a file.
pub(super) fn consolidate(
    flags: Options,
    file: Option<&Path>,
    lookup: &Lookup<'_>,
) -> Result<(Options, Vec<String>), CliError> {
    let (mut options, mut warnings) = file.map(config::read).transpose()?.unwrap_or_default();
    let (variables, of_no_use) = env::options(lookup)?;
    warnings.extend(of_no_use);
    for (level, layer) in [("env", variables), ("cli", flags)] {
        if layer.sets_load() && options.scenarios.is_some() {
            warnings.push(format!(
                "\"{level}\" level configuration overrode scenarios configuration entirely"
            ));
        }
        options = layer.over(options);
    }
    let tags = options.system_tags.iter().flatten();
    warnings.extend(
        tags.filter(|tag| SystemTag::named(tag).is_none())
            .map(|tag| format!("there is no system tag '{tag}'; it has no effect")),
    );
    Ok((options, warnings))
}
