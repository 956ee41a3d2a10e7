//! `loadgen inspect`: the options that a run would have, as k6 prints them.

use super::{CliError, args::InspectArgs, env::Lookup, run};
use crate::{
    metrics::TrendStat,
    options::{Options, dns::DnsFields, tags},
    plan::{PlanError, shortcuts},
};

/// Options to print.
#[derive(Debug)]
pub struct InspectCommand {
    /// The options, as far as somebody set them.
    pub options: Options,
    /// Add the time that the test takes at most, and how many virtual users.
    pub execution_requirements: bool,
    /// What whoever wrote the options should know.
    pub warnings: Vec<String>,
}

pub(super) fn resolve(args: InspectArgs, lookup: &Lookup<'_>) -> Result<InspectCommand, CliError> {
    let (_, test) = run::test(args.run, lookup)?;
    Ok(InspectCommand {
        options: test.options,
        execution_requirements: args.execution_requirements,
        warnings: test.warnings,
    })
}

impl InspectCommand {
    /// The options in k6's order, with the scenarios that they stand for. Those that nobody set
    /// are `null`, but for the two whose defaults k6 shows.
    pub fn to_json(&self) -> Result<String, CliError> {
        let derived = shortcuts::derive(&self.options).map_err(PlanError::from)?;
        let mut options = self.options.clone();
        options.scenarios = Some(derived.scenarios.into_iter().collect());
        options.dns.get_or_insert_with(DnsFields::default);
        options.summary_trend_stats.get_or_insert_with(TrendStat::defaults);
        let default_tags = || tags::defaults().map(str::to_owned).collect();
        options.system_tags.get_or_insert_with(default_tags);
        let json = serde_json::Value::Object(options.to_json());
        Ok(format!("{json:#}\n"))
    }
}
