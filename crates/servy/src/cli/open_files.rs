//! How many files this process may have open: a connection is one, and so is a large file while
//! it is sent.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Files that are open besides connections: sockets that listen, the log, files being read.
const OTHERS: u64 = 64;

/// Raises the soft limit to the hard one, and returns what it is now; `None` is no limit.
///
/// The soft limit is low (often 1024) for programs that use `select`, which breaks above that.
/// servy does not.
pub(super) fn raise_limit() -> Option<u64> {
    let limit = getrlimit(Resource::Nofile);
    let raised = Rlimit { current: limit.maximum, maximum: limit.maximum };
    match setrlimit(Resource::Nofile, raised) {
        Ok(()) => limit.maximum,
        Err(_) => limit.current,
    }
}

/// What to say when so many connections are more than the limit allows.
pub(super) fn shortage(limit: Option<u64>, max_connections: usize) -> Option<String> {
    let limit = limit.filter(|limit| limit.saturating_sub(OTHERS) < max_connections as u64)?;
    Some(format!(
        "--max-connections is {max_connections}, but the system allows only {limit} open files \
         (ulimit -Hn)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_and_the_other_files_have_to_fit() {
        assert_eq!(shortage(None, usize::MAX), None);
        assert_eq!(shortage(Some(1064), 1000), None);
        insta::assert_snapshot!(
            shortage(Some(1063), 1000).unwrap_or_default(),
            @"--max-connections is 1000, but the system allows only 1063 open files (ulimit -Hn)"
        );
        assert!(shortage(Some(10), 1).is_some());
    }
}
