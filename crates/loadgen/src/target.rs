//! What is tested: where a path leads.

use url::Url;

/// The thing under test: a base URL, and a name to show for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    base: String,
    name: String,
}

/// A host that is none.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("host {host:?} {problem}; allowed is a URL such as http://127.0.0.1:8080")]
pub struct InvalidHost {
    /// As given.
    pub host: String,
    /// What is wrong with it.
    pub problem: String,
}

impl Target {
    /// Where an in-process service is reached: a name without a dot, which no public server
    /// has.
    pub const IN_PROCESS: &str = "http://in-process";

    /// A server at a URL. A path in the URL stands before the paths that are requested.
    pub fn at(host: &str) -> Result<Self, InvalidHost> {
        let invalid = |problem: &str| InvalidHost { host: host.into(), problem: problem.into() };
        let url = http_url(host).map_err(|problem| invalid(&problem))?;
        if url.query().is_some() || url.fragment().is_some() {
            return Err(invalid("has a query or a fragment, to which no path can be appended"));
        }
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { name: base.clone(), base })
    }

    /// A service in this process.
    pub fn in_process(name: &str) -> Self {
        Self { base: Self::IN_PROCESS.into(), name: format!("{name} (in-process)") }
    }

    /// Whether it is reached over TLS.
    pub fn is_tls(&self) -> bool {
        self.base.starts_with("https://")
    }

    /// Whether it is a service in this process.
    pub fn is_in_process(&self) -> bool {
        self.base == Self::IN_PROCESS
    }

    /// What to call it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The URL that a path leads to. What is a URL already stays as it is.
    pub fn resolve(&self, path: &str) -> String {
        if path.starts_with("http://") || path.starts_with("https://") {
            return path.into();
        }
        format!("{}/{}", self.base, path.strip_prefix('/').unwrap_or(path))
    }
}

/// Reads a URL with the scheme http or https; the error says what else it is.
pub(crate) fn http_url(text: &str) -> Result<Url, String> {
    if !text.contains("://") {
        return Err("has no scheme".into());
    }
    let url = Url::parse(text).map_err(|error| format!("is no URL: {error}"))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(format!("has the scheme {other}, not http or https")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_with_one_slash_and_urls_stay() {
        for host in ["http://a:1/app", "http://a:1/app/"] {
            let target = Target::at(host).expect("a host");
            assert_eq!(target.resolve("/x?y=1"), "http://a:1/app/x?y=1");
            assert_eq!(target.resolve("x"), "http://a:1/app/x");
            assert_eq!(target.resolve(""), "http://a:1/app/");
            assert_eq!(target.resolve("https://b/"), "https://b/");
        }
    }

    #[test]
    fn what_is_no_host_is_refused_with_the_reason() {
        let error = |host| Target::at(host).expect_err(host).to_string();
        assert_eq!(
            error("localhost"),
            "host \"localhost\" has no scheme; allowed is a URL such as http://127.0.0.1:8080"
        );
        assert_eq!(
            error("ftp://a"),
            "host \"ftp://a\" has the scheme ftp, not http or https; \
             allowed is a URL such as http://127.0.0.1:8080"
        );
        for bad in ["", "localhost:8080", "http://", "http://a/?q", "http://a/#f", "http://a:99999"]
        {
            error(bad);
        }
    }
}
