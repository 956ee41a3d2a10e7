//! `--out opentelemetry`: metrics in OpenTelemetry's protocol, OTLP, over gRPC or HTTP.
//!
//! | metric | becomes | named |
//! |---|---|---|
//! | counter | a monotonic sum | as it is |
//! | gauge | a gauge | as it is |
//! | rate | a monotonic sum each of samples that were zero and that were not | `NAME.total` with `condition` |
//! | trend | a histogram with OpenTelemetry's usual bounds | as it is |
//!
//! All are totals since the start ("cumulative"), with units of UCUM: `ms` and `By`.

mod compression;
mod explicit_histogram;
mod export_request;
mod export_response;
mod grpc;
mod http;
mod settings;

use super::{Losses, Opened, Settings, push::Push};
use crate::options::notation::Reason;

pub(super) use self::settings::KEYS;

use self::{
    export_request::ExportRequests,
    grpc::OtlpGrpc,
    http::OtlpHttp,
    settings::{OpenTelemetrySettings, Transport},
};

/// Checks the settings, and begins to wait for samples.
///
/// # Errors
///
/// A setting cannot be used, or there is no thread to be had.
pub(super) fn open(settings: &Settings<'_>) -> Result<Opened, Reason> {
    let OpenTelemetrySettings { endpoint, interval, resource, prefix } =
        OpenTelemetrySettings::read(settings)?;
    let name = format!("opentelemetry ({endpoint})");
    let losses = Losses::default();
    let protocol = ExportRequests::new(resource, prefix);
    let output = match endpoint.transport {
        Transport::Grpc => {
            Push::start(protocol, OtlpGrpc::new(endpoint)?, interval, losses.clone())?
        }
        Transport::Http => {
            Push::start(protocol, OtlpHttp::new(endpoint)?, interval, losses.clone())?
        }
    };
    Ok(Opened { name, is_stdout: false, output: Box::new(output), losses })
}
