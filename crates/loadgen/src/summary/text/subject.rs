//! What a metric is about, which decides the title that it stands below.

/// In order of print.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    Custom,
    Http,
    Execution,
    Network,
    Browser,
    WebVitals,
    Grpc,
    Websocket,
}

/// Shown nowhere: checks have their own block.
const HIDDEN: [&str; 2] = ["checks", "group_duration"];

/// The parts of a request's time, shown in full mode only.
const HTTP_DETAILS: [&str; 6] = [
    "http_req_blocked",
    "http_req_connecting",
    "http_req_receiving",
    "http_req_sending",
    "http_req_tls_handshaking",
    "http_req_waiting",
];

/// How the names of each subject begin; the first that fits counts.
const PREFIXES: [(Subject, &[&str]); 8] = [
    (Subject::Http, &["http_reqs", "http_req_failed", "http_req_duration"]),
    (Subject::Http, &HTTP_DETAILS),
    (
        Subject::Execution,
        &["vus", "iterations", "iteration_duration", "dropped_iterations", "schedule_lag"],
    ),
    (Subject::Network, &["data_sent", "data_received"]),
    (Subject::WebVitals, &["browser_web_vital_"]),
    (Subject::Browser, &["browser_"]),
    (Subject::Grpc, &["grpc_"]),
    (Subject::Websocket, &["ws_"]),
];

impl Subject {
    /// The subject of a metric; `None` if it is not shown. k6 goes by the beginning of the name
    /// alone, so that a user's own `vus_x` is about execution.
    pub(super) fn of(name: &str, full: bool) -> Option<Self> {
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if begins(&HIDDEN) || (!full && begins(&HTTP_DETAILS)) {
            return None;
        }
        let fitting = PREFIXES.iter().find(|(_, prefixes)| begins(prefixes));
        Some(fitting.map_or(Self::Custom, |(subject, _)| *subject))
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Custom => "CUSTOM",
            Self::Http => "HTTP",
            Self::Execution => "EXECUTION",
            Self::Network => "NETWORK",
            Self::Browser => "BROWSER",
            Self::WebVitals => "WEB_VITALS",
            Self::Grpc => "GRPC",
            Self::Websocket => "WEBSOCKET",
        }
    }
}
