//! `loadgen inspect`: the options that a run would have, as k6 prints them.

use serde_json::Value;

use super::{CliError, TestCommand, args::InspectArgs, env::Lookup, run};
use crate::{
    metrics::TrendStat,
    options::{dns::DnsFields, duration::GoDuration, system_tags::SystemTags},
};

/// A test to print.
#[derive(Debug)]
pub struct InspectCommand {
    /// What would be tested, and how.
    pub test: TestCommand,
    /// Add the time that the test takes at most, and how many virtual users.
    pub execution_requirements: bool,
}

pub(super) fn resolve(args: InspectArgs, lookup: &Lookup<'_>) -> Result<InspectCommand, CliError> {
    let (_, mut test) = run::test(args.run, lookup)?;
    test.warnings.append(&mut test.load.warnings);
    Ok(InspectCommand { test, execution_requirements: args.execution_requirements })
}

impl InspectCommand {
    /// The options in k6's order, with the scenarios that they stand for. Those that nobody set
    /// are `null`, but for those whose defaults k6 shows.
    pub fn to_json(&self) -> String {
        let TestCommand { options, load, .. } = &self.test;
        let mut options = options.clone();
        options.scenarios = Some(load.written.iter().cloned().collect());
        options.dns.get_or_insert_with(DnsFields::default);
        options.summary_trend_stats.get_or_insert_with(TrendStat::defaults);
        let default_tags = || SystemTags::default().names().map(str::to_owned).collect();
        options.system_tags.get_or_insert_with(default_tags);
        let mut json = options.to_json();
        if self.execution_requirements {
            let needs = load.requirements(&load.works());
            let total = GoDuration(needs.max_duration).to_string();
            json.insert("totalDuration".into(), total.into());
            json.insert("maxVUs".into(), needs.max_possible.into());
        }
        format!("{:#}\n", Value::Object(json))
    }
}
