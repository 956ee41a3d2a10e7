//! What is served beside a run: the REST API and the dashboard.

use std::net::{Ipv4Addr, SocketAddr};

use crate::{
    api,
    cli::{CliError, TestCommand, console::Console},
    control::Control,
    dashboard::{Dashboard, DashboardOptions, open_browser},
    load_test::LoadTestError,
    output::OutputError,
    report::Reporter,
};

/// Starts the REST API, if there is to be one. As in k6, a port that cannot be had is an error only
/// if it was asked for on the command line.
pub(super) fn api(
    test: &TestCommand,
    control: Control,
    console: &Console,
) -> Result<Option<api::Server>, CliError> {
    let Some(address) = &test.options.address else { return Ok(None) };
    match api::Server::start(address, control) {
        Ok(server) => {
            console.debug(format!("the REST API listens on {}", server.address()));
            Ok(Some(server))
        }
        Err(error) if test.address_is_flag => Err(error.into()),
        Err(error) => {
            console.warn(error.to_string());
            Ok(None)
        }
    }
}

/// Starts the dashboard, unless it is to have no server. As in k6, a port that cannot be had is an error
/// only if somebody chose it.
pub(super) fn dashboard(
    options: &DashboardOptions,
    control: Control,
    reporter: &Reporter,
    console: &Console,
) -> Result<Option<Dashboard>, CliError> {
    let Some(port) = options.port else { return Ok(None) };
    let address = SocketAddr::new(options.host.unwrap_or(Ipv4Addr::LOCALHOST.into()), port);
    match Dashboard::start(address, options.period, control, reporter.clone()) {
        Ok(dashboard) => {
            if options.open
                && let Err(error) = open_browser(&dashboard.url())
            {
                console.warn(format!("dashboard: cannot open a browser: {error}"));
            }
            Ok(Some(dashboard))
        }
        Err(error) if options.has_default_port() => {
            console.warn(format!("the dashboard cannot be served on {address}: {error}"));
            Ok(None)
        }
        Err(error) => {
            let reason = format!("cannot listen on {address}: {error}").into();
            let error = OutputError::Create { name: "dashboard".into(), reason };
            Err(LoadTestError::from(error).into())
        }
    }
}
