//! `loadgen status`, `stats`, `pause`, `resume` and `scale`: clients of a test that runs.

mod yaml;

use clap::Args;
use tokio::runtime;

use super::{
    CliError,
    env::{self, InvalidVariable, Lookup},
};
use crate::api::{Address, client::Client, resource::StatusChange};
use crate::options::notation::INTEGER;

/// The subcommands.
#[derive(Debug, clap::Subcommand)]
pub enum ControlArgs {
    /// Show how a running test stands, as YAML
    Status(ApiArgs),
    /// Show what a running test has measured so far, as YAML
    Stats(ApiArgs),
    /// Pause a running test
    Pause(ApiArgs),
    /// Start a test that was started with --paused, or let a paused one go on
    Resume(ApiArgs),
    /// Change how many virtual users a running test has
    Scale(ScaleArgs),
}

/// Where the test is.
#[derive(Debug, Args)]
pub struct ApiArgs {
    /// Where the test was told to listen by its own --address (default: localhost:6565)
    /// (env: K6_ADDRESS)
    #[arg(short = 'a', long, value_name = "HOST:PORT")]
    pub address: Option<Address>,
}

/// Flags of `scale`.
#[derive(Debug, Args)]
#[command(allow_negative_numbers = true)]
pub struct ScaleArgs {
    #[expect(missing_docs, reason = "it would be taken for the help of the subcommand")]
    #[command(flatten)]
    pub api: ApiArgs,
    /// Virtual users that work
    #[arg(short = 'u', long, value_name = "N", value_parser = INTEGER.variable)]
    pub vus: Option<i64>,
    /// Virtual users that exist
    #[arg(short = 'm', long, value_name = "N", value_parser = INTEGER.variable)]
    pub max: Option<i64>,
}

/// Something to ask of a running test.
#[derive(Debug)]
pub struct ControlCommand {
    /// Where it is.
    pub address: Address,
    /// What to do there.
    pub action: Action,
}

/// What can be asked of a running test.
#[derive(Debug, PartialEq, Eq)]
pub enum Action {
    /// Tell how it stands.
    Status,
    /// Tell what it has measured.
    Stats,
    /// Change, and tell how it stands then.
    Change(StatusChange),
}

/// Finds out where to ask, and what.
pub(super) fn resolve(args: ControlArgs, lookup: &Lookup<'_>) -> Result<ControlCommand, CliError> {
    let paused =
        |paused| Action::Change(StatusChange { paused: Some(paused), ..Default::default() });
    let (api, action) = match args {
        ControlArgs::Status(api) => (api, Action::Status),
        ControlArgs::Stats(api) => (api, Action::Stats),
        ControlArgs::Pause(api) => (api, paused(true)),
        ControlArgs::Resume(api) => (api, paused(false)),
        ControlArgs::Scale(ScaleArgs { vus: None, max: None, .. }) => {
            return Err(CliError::Flags("specify either -u/--vus or -m/--max".into()));
        }
        ControlArgs::Scale(ScaleArgs { api, vus, max }) => {
            (api, Action::Change(StatusChange { vus, vus_max: max, ..Default::default() }))
        }
    };
    let address = match api.address {
        Some(address) => address,
        None => from_variable(lookup)?.unwrap_or_default(),
    };
    Ok(ControlCommand { address, action })
}

fn from_variable(lookup: &Lookup<'_>) -> Result<Option<Address>, InvalidVariable> {
    let mut address = None;
    env::apply(
        lookup,
        "K6_ADDRESS",
        || "--address".into(),
        |value| {
            address = Some(value.parse()?);
            Ok(())
        },
    )?;
    Ok(address)
}

impl ControlCommand {
    /// Asks, and gives the answer as text to print.
    pub(super) fn execute(self) -> Result<String, CliError> {
        let runtime = runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(CliError::Runtime)?;
        let client = Client::new(self.address);
        let answer = runtime.block_on(async {
            Ok(match self.action {
                Action::Status => yaml::status(&client.status().await?),
                Action::Stats => yaml::metrics(&client.metrics().await?),
                Action::Change(change) => yaml::status(&client.change(change).await?),
            })
        });
        answer.map_err(CliError::Control)
    }
}
