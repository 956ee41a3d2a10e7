//! What a test answers, as YAML in exactly k6's form, quotes and all: there are scripts that read
//! it.

use std::fmt::Write as _;

use crate::{
    api::resource::{MetricAttributes, Resource, StatusAttributes},
    summary::format,
};

/// A status: a mapping.
pub(super) fn status(status: &StatusAttributes) -> String {
    let StatusAttributes { status, paused, vus, vus_max, stopped, running, tainted } = status;
    format!(
        "status: {status}\npaused: \"{paused}\"\nvus: \"{vus}\"\nvus-max: \"{vus_max}\"\n\
         stopped: {stopped}\nrunning: {running}\ntainted: {tainted}\n"
    )
}

/// Metrics: a list of mappings.
pub(super) fn metrics(metrics: &[Resource<MetricAttributes>]) -> String {
    if metrics.is_empty() {
        return "[]\n".into();
    }
    let mut yaml = String::new();
    for Resource { id, attributes, .. } in metrics {
        let MetricAttributes { kind, contains, tainted, sample } = attributes;
        let tainted = tainted.map(|tainted| tainted.to_string()).unwrap_or_default();
        let _ = write!(
            yaml,
            "- name: {name}\n  type:\n    type: {kind}\n    valid: true\n  contains:\n    \
             type: {contains}\n    valid: true\n  tainted: \"{tainted}\"\n  sample:\n",
            name = scalar(id),
        );
        for (name, value) in sample {
            let _ = writeln!(
                yaml,
                "    {name}: {value}",
                name = scalar(name),
                value = format::js(*value)
            );
        }
    }
    yaml
}

/// The name of a metric or of a value. Bare where YAML reads it as that text and nothing else, in
/// double quotes, whose escapes YAML has from JSON, where it might not.
fn scalar(name: &str) -> String {
    /// What YAML 1.1, which many still read, takes for something else.
    const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"];
    let is_bare = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-./(){}:,".contains(&byte))
        && !name.ends_with(':')
        && !WORDS.iter().any(|word| name.eq_ignore_ascii_case(word));
    if is_bare { name.to_owned() } else { serde_json::Value::from(name).to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{Contains, MetricKind};

    fn metric(name: &'static str, attributes: MetricAttributes) -> Resource<MetricAttributes> {
        Resource { kind: "metrics".into(), id: name.into(), attributes }
    }

    #[test]
    fn a_status_is_quoted_as_k6_quotes_it() {
        let shown = status(&StatusAttributes {
            status: 7,
            paused: false,
            vus: 2,
            vus_max: 10,
            stopped: false,
            running: true,
            tainted: false,
        });
        insta::assert_snapshot!(shown, @r#"
        status: 7
        paused: "false"
        vus: "2"
        vus-max: "10"
        stopped: false
        running: true
        tainted: false
        "#);
    }

    #[test]
    fn metrics_are_a_list() {
        let trend = MetricAttributes {
            kind: MetricKind::Trend,
            contains: Contains::Time,
            tainted: Some(true),
            sample: [("avg", 200.74381800000003), ("p(90)", 200.0)]
                .map(|(name, value)| (name.into(), value))
                .into(),
        };
        let counter = MetricAttributes {
            kind: MetricKind::Counter,
            contains: Contains::Default,
            tainted: None,
            sample: [("count", 12_345_678.0), ("rate", 0.0)]
                .map(|(name, value)| (name.into(), value))
                .into(),
        };
        let shown = metrics(&[
            metric("http_req_duration{expected_response:true}", trend),
            metric("iterations", counter),
        ]);
        insta::assert_snapshot!(shown, @r#"
        - name: http_req_duration{expected_response:true}
          type:
            type: trend
            valid: true
          contains:
            type: time
            valid: true
          tainted: "true"
          sample:
            avg: 200.74381800000003
            p(90): 200
        - name: iterations
          type:
            type: counter
            valid: true
          contains:
            type: default
            valid: true
          tainted: ""
          sample:
            count: 12345678
            rate: 0
        "#);
        assert_eq!(metrics(&[]), "[]\n");
    }

    #[test]
    fn names_that_yaml_would_misread_are_quoted() {
        for bare in ["iterations", "_x", "p(90)", "d{a:b,c:/d}", "d{url:http://x/}", "trues"] {
            assert_eq!(scalar(bare), bare);
        }
        for (name, quoted) in [
            ("No", r#""No""#),
            ("d{a: b}", r#""d{a: b}""#),
            ("d{a:b #c}", r#""d{a:b #c}""#),
            ("d{a:\"b\"\n}", r#""d{a:\"b\"\n}""#),
            ("d{a:é}", r#""d{a:é}""#),
            ("a:", r#""a:""#),
            ("", r#""""#),
        ] {
            assert_eq!(scalar(name), quoted);
        }
    }
}
