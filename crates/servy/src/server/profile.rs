//! CPU profiles in pprof's format, as `go tool pprof` and Parca read them.
//!
//! The process is interrupted a hundred times per second of CPU time that it uses, and notes
//! where it is. Between profiles nothing of this runs.

use std::io::{self, Write as _};
use std::sync::Once;
use std::time::Duration;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::{HeaderValue, Response, StatusCode, header};
use pprof::protos::Message as _;
use pprof::{ProfilerGuard, ProfilerGuardBuilder};
use signal_hook::consts::SIGPROF;
use signal_hook::low_level::raise;
use tokio::task::spawn_blocking;
use tracing::warn;

use crate::respond::{self, Body};

/// Samples for each second of CPU time; Go's rate, which readers of profiles are used to.
const FREQUENCY: i32 = 100;

const DEFAULT_SECONDS: u64 = 30;
const MAX_SECONDS: u64 = 600;

/// Takes a profile for as long as `seconds=` in the query says, and answers with it.
pub(super) async fn respond(query: Option<&str>) -> Response<Body> {
    let Some(seconds) = seconds(query) else {
        return respond::text(StatusCode::BAD_REQUEST, "seconds must be a number from 1 to 600\n");
    };
    // A process has one profiling timer.
    let Ok(Ok(profiler)) = spawn_blocking(start).await else {
        return respond::text(StatusCode::CONFLICT, "another profile is being taken\n");
    };
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    // Finding the names of functions takes a while.
    match spawn_blocking(move || encode(&profiler)).await {
        Ok(Ok(profile)) => {
            let binary = HeaderValue::from_static("application/octet-stream");
            respond::with(StatusCode::OK, header::CONTENT_TYPE, binary, profile)
        }
        failed => {
            warn!("no profile: {failed:?}");
            respond::text(StatusCode::INTERNAL_SERVER_ERROR, "the profile could not be made\n")
        }
    }
}

fn start() -> pprof::Result<ProfilerGuard<'static>> {
    static PREPARED: Once = Once::new();
    PREPARED.call_once(prepare);
    ProfilerGuardBuilder::default().frequency(FREQUENCY).build()
}

/// Has the profiler read what it needs for walking the stack.
///
/// It does so when its first signal arrives, and allocates a lot meanwhile. A timer's signal may
/// interrupt the allocator itself: then the process hangs, or its heap is broken. So the first
/// signal is one that this thread sends to itself, when it does nothing else.
fn prepare() {
    // An interval of less than a microsecond is none to the kernel: the timer stays off.
    let without_timer = ProfilerGuardBuilder::default().frequency(i32::MAX).build();
    if without_timer.is_ok() && raise(SIGPROF).is_err() {
        warn!("the profiler could not be prepared");
    }
}

fn seconds(query: Option<&str>) -> Option<u64> {
    let mut pairs = query.unwrap_or("").split('&').filter_map(|pair| pair.split_once('='));
    match pairs.find(|(name, _)| *name == "seconds") {
        Some((_, value)) => value.parse().ok().filter(|n| (1..=MAX_SECONDS).contains(n)),
        None => Some(DEFAULT_SECONDS),
    }
}

fn encode(profiler: &ProfilerGuard<'_>) -> io::Result<Bytes> {
    let report = profiler.report().build().map_err(io::Error::other)?;
    let profile = report.pprof().map_err(io::Error::other)?;
    let profile = profile.write_to_bytes().map_err(io::Error::other)?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&profile)?;
    packed.finish().map(Bytes::from)
}

#[cfg(test)]
mod tests {
    use super::seconds;

    #[test]
    fn seconds_of_a_query() {
        assert_eq!(seconds(None), Some(30));
        assert_eq!(seconds(Some("debug=1")), Some(30));
        assert_eq!(seconds(Some("debug=1&seconds=5")), Some(5));
        for bad in ["seconds=", "seconds=0", "seconds=601", "seconds=-1", "seconds=1.5"] {
            assert_eq!(seconds(Some(bad)), None, "{bad}");
        }
    }
}
