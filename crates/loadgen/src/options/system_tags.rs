//! Which of the tags that k6 gives samples by itself are kept.

/// A tag that samples get from what they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
#[expect(missing_docs, reason = "the names say it")]
pub enum SystemTag {
    Proto,
    Subproto,
    Status,
    Method,
    Url,
    Name,
    Group,
    Check,
    Error,
    ErrorCode,
    TlsVersion,
    Scenario,
    Service,
    ExpectedResponse,
    Iter,
    Vu,
    OcspStatus,
    Ip,
}

impl SystemTag {
    /// All of them: those that are kept by default, then the others.
    pub const ALL: [Self; 18] = [
        Self::Proto,
        Self::Subproto,
        Self::Status,
        Self::Method,
        Self::Url,
        Self::Name,
        Self::Group,
        Self::Check,
        Self::Error,
        Self::ErrorCode,
        Self::TlsVersion,
        Self::Scenario,
        Self::Service,
        Self::ExpectedResponse,
        Self::Iter,
        Self::Vu,
        Self::OcspStatus,
        Self::Ip,
    ];

    /// The tag of a name, if there is one.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tag| tag.as_str() == name)
    }

    /// k6's name.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Proto => "proto",
            Self::Subproto => "subproto",
            Self::Status => "status",
            Self::Method => "method",
            Self::Url => "url",
            Self::Name => "name",
            Self::Group => "group",
            Self::Check => "check",
            Self::Error => "error",
            Self::ErrorCode => "error_code",
            Self::TlsVersion => "tls_version",
            Self::Scenario => "scenario",
            Self::Service => "service",
            Self::ExpectedResponse => "expected_response",
            Self::Iter => "iter",
            Self::Vu => "vu",
            Self::OcspStatus => "ocsp_status",
            Self::Ip => "ip",
        }
    }
}

/// A set of system tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SystemTags(u32);

impl Default for SystemTags {
    /// What k6 keeps: all but `iter`, `vu`, `ocsp_status` and `ip`.
    fn default() -> Self {
        Self((1 << SystemTag::Iter as u32) - 1)
    }
}

impl SystemTags {
    /// Every one.
    pub const ALL: Self = Self(u32::MAX);

    /// Those with these names. As in k6, names of no system tag mean nothing.
    pub fn named<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let tags = names.into_iter().filter_map(SystemTag::named);
        Self(tags.fold(0, |bits, tag| bits | 1 << tag as u32))
    }

    /// Whether a tag is kept.
    pub fn has(self, tag: SystemTag) -> bool {
        self.0 & 1 << tag as u32 != 0
    }

    /// The names of those that are kept.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        SystemTag::ALL.into_iter().filter(move |tag| self.has(*tag)).map(SystemTag::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn defaults_are_k6s_and_unknown_names_mean_nothing() {
        let names: Vec<_> = SystemTags::default().names().collect();
        assert_eq!(names.len(), 14);
        assert_eq!((names[0], names[13]), ("proto", "expected_response"));
        let few: Vec<_> = SystemTags::named(["ip", "nope", "status"]).names().collect();
        assert_eq!(few, ["status", "ip"]);
    }
}
