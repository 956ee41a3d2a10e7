//! The lines before the run: what will happen.

use std::time::Duration;

use super::paint::Paint;
use crate::{options::duration::GoDuration, run_event::RunHeader};

/// The header as text, an empty line before and after it.
pub(super) fn header(header: &RunHeader, paint: Paint) -> String {
    let outputs = if header.outputs.is_empty() { "-".into() } else { header.outputs.join(", ") };
    let dashboard = header.dashboard.iter();
    let dashboard = dashboard.map(|url| format!(" web dashboard: {}\n", paint.cyan(url)));
    let mut text = format!(
        "\n     execution: {}\n        target: {}\n{}        output: {}\n\n",
        paint.cyan("local"),
        paint.cyan(&header.target),
        dashboard.collect::<String>(),
        paint.cyan(&outputs),
    );
    let count = header.scenarios.len();
    let facts = format!(
        "{count} {}, {} max VUs, {} max duration (incl. graceful stop)",
        if count == 1 { "scenario" } else { "scenarios" },
        header.max_vus,
        GoDuration(to_tenths(header.max_duration)),
    );
    text += &format!("     scenarios: {}:\n", paint.cyan(&facts));
    for (name, description) in &header.scenarios {
        text += &format!("              * {name}: {description}\n");
    }
    text + "\n"
}

fn to_tenths(duration: Duration) -> Duration {
    let millis = (duration.as_millis() + 50) / 100 * 100;
    Duration::from_millis(u64::try_from(millis).unwrap_or(u64::MAX))
}
