//! What a dashboard is set to: `--out dashboard=KEY=VALUE&…`, and k6's `K6_WEB_DASHBOARD_*` variables.

use std::{ffi::OsString, net::IpAddr, path::PathBuf, time::Duration};

use url::form_urlencoded;

use crate::{
    options::{duration, notation::Reason},
    output::switch,
};

/// The names of the output.
pub(crate) const NAMES: [&str; 2] = ["dashboard", "web-dashboard"];

/// k6's port.
const PORT: u16 = 5665;

/// Rows of the report are no shorter.
const SHORTEST_PERIOD: Duration = Duration::from_secs(1);

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DashboardOptions {
    /// Where it listens; `None` for this machine alone.
    pub(crate) host: Option<IpAddr>,
    /// 0 for one that is free; `None` for no server.
    pub(crate) port: Option<u16>,
    /// How often viewers are told the state.
    pub(crate) period: Duration,
    /// Whether a browser is opened.
    pub(crate) open: bool,
    /// Where the final report goes.
    pub(crate) export: Option<PathBuf>,
    /// What of that has no effect here, as sentences.
    pub(crate) warnings: Vec<String>,
}

impl Default for DashboardOptions {
    fn default() -> Self {
        Self {
            host: None,
            port: Some(PORT),
            period: SHORTEST_PERIOD,
            open: false,
            export: None,
            warnings: Vec::new(),
        }
    }
}

/// What can be set, in the words of the argument.
const KEYS: [&str; 9] =
    ["host", "port", "period", "open", "export", "report", "record", "tag", "tags"];

impl DashboardOptions {
    /// Whether variables alone ask for a dashboard.
    ///
    /// # Errors
    ///
    /// If what they say is neither yes nor no.
    pub(crate) fn is_wanted(lookup: &dyn Fn(&str) -> Option<OsString>) -> Result<bool, Reason> {
        const VARIABLE: &str = "K6_WEB_DASHBOARD";
        let Some(value) = lookup(VARIABLE).filter(|value| !value.is_empty()) else {
            return Ok(false);
        };
        let value = value.to_string_lossy();
        switch(&value).map_err(|reason| {
            format!("variable {VARIABLE} has an invalid value '{value}': {reason}").into()
        })
    }

    /// Lays the argument over the variables.
    ///
    /// # Errors
    ///
    /// The first value that cannot be used, and where it was found.
    pub(crate) fn read(
        argument: Option<&str>,
        lookup: &dyn Fn(&str) -> Option<OsString>,
    ) -> Result<Self, Reason> {
        let mut options = Self::default();
        for key in KEYS {
            let variable = format!("K6_WEB_DASHBOARD_{}", key.to_ascii_uppercase());
            let Some(value) = lookup(&variable).filter(|value| !value.is_empty()) else { continue };
            let value = value.to_string_lossy();
            let invalid = |reason: Reason| {
                format!("variable {variable} has an invalid value '{value}': {reason}")
            };
            options.set(key, &value).map_err(invalid)?;
        }
        for (key, value) in form_urlencoded::parse(argument.unwrap_or_default().as_bytes()) {
            let invalid =
                |reason: Reason| format!("'{key}' has an invalid value '{value}': {reason}");
            options.set(&key, &value).map_err(invalid)?;
        }
        Ok(options)
    }

    fn set(&mut self, key: &str, value: &str) -> Result<(), Reason> {
        match key {
            "host" if value.is_empty() => self.host = None,
            "host" if value == "localhost" => self.host = None,
            "host" => self.host = Some(value.parse().map_err(|_| "allowed are addresses")?),
            "port" => self.port = port(value)?,
            "period" => self.period = duration::parse_extended(value)?.max(SHORTEST_PERIOD),
            // As in k6, no other word opens one.
            "open" => self.open = value == "true",
            "export" | "report" => self.export = Some(value.into()),
            "record" | "tag" | "tags" => {
                self.warnings.push(format!("dashboard: '{key}' has no effect"));
            }
            _ => {
                return Err(
                    "there is no such key; allowed are host, port, period, open and export".into(),
                );
            }
        }
        Ok(())
    }

    /// Whether nobody chose the port.
    pub(crate) fn has_default_port(&self) -> bool {
        self.port == Some(PORT)
    }
}

fn port(text: &str) -> Result<Option<u16>, Reason> {
    match text {
        "-1" => Ok(None),
        _ => Ok(Some(
            text.parse()
                .map_err(|_| "allowed are 1 to 65535, 0 for one that is free, and -1 for none")?,
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(
        argument: Option<&str>,
        variables: &[(&str, &str)],
    ) -> Result<DashboardOptions, String> {
        let lookup = |name: &str| {
            let variable = variables.iter().find(|(known, _)| *known == name);
            variable.map(|(_, value)| OsString::from(value))
        };
        DashboardOptions::read(argument, &lookup).map_err(|reason| reason.to_string())
    }

    #[test]
    fn the_argument_is_stronger_than_the_variables() {
        let default = DashboardOptions::default();
        assert_eq!(read(None, &[]), Ok(default.clone()));
        let variables = [
            ("K6_WEB_DASHBOARD_PORT", "7000"),
            ("K6_WEB_DASHBOARD_HOST", "0.0.0.0"),
            ("K6_WEB_DASHBOARD_OPEN", "true"),
            ("K6_WEB_DASHBOARD_EXPORT", ""),
        ];
        let argument = "port=-1&period=2s&export=a%20b.html&tag=x";
        assert_eq!(
            read(Some(argument), &variables),
            Ok(DashboardOptions {
                host: "0.0.0.0".parse().ok(),
                port: None,
                period: Duration::from_secs(2),
                open: true,
                export: Some("a b.html".into()),
                warnings: vec!["dashboard: 'tag' has no effect".into()],
            })
        );
        let free = read(Some("port=0&period=10ms&host="), &[]);
        assert_eq!(free, Ok(DashboardOptions { port: Some(0), ..default }));
    }

    #[test]
    fn what_cannot_be_used_is_told_with_its_place() {
        let refused = [
            read(Some("port=70000"), &[]),
            read(Some("prot=1"), &[]),
            read(Some("period=soon"), &[]),
            read(None, &[("K6_WEB_DASHBOARD_HOST", "here")]),
        ];
        let refused = refused.map(|result| result.expect_err("it is wrong"));
        insta::assert_snapshot!(refused.join("\n"), @r#"
        'port' has an invalid value '70000': allowed are 1 to 65535, 0 for one that is free, and -1 for none
        'prot' has an invalid value '1': there is no such key; allowed are host, port, period, open and export
        'period' has an invalid value 'soon': invalid duration "soon"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
        variable K6_WEB_DASHBOARD_HOST has an invalid value 'here': allowed are addresses
        "#);
    }
}
