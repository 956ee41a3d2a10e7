//! k6's system tags: the ones that samples get by themselves.

/// All that there are.
pub const ALL: [&str; 18] = [
    "check",
    "error",
    "error_code",
    "expected_response",
    "group",
    "ip",
    "iter",
    "method",
    "name",
    "ocsp_status",
    "proto",
    "scenario",
    "service",
    "status",
    "subproto",
    "tls_version",
    "url",
    "vu",
];

/// Those that must be asked for.
const ON_DEMAND: [&str; 4] = ["ip", "iter", "ocsp_status", "vu"];

/// The ones that samples get when nobody says which, sorted.
pub fn defaults() -> impl Iterator<Item = &'static str> {
    ALL.into_iter().filter(|tag| !ON_DEMAND.contains(tag))
}

/// Whether there is no such system tag.
pub fn unknown(tag: &str) -> bool {
    !ALL.contains(&tag)
}

/// The names in a list with commas; an empty one is a list without names.
pub(super) fn names(list: &str) -> impl Iterator<Item = String> {
    list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty())
}
