//! The plans of option files.

use std::collections::BTreeMap;

use super::{cases, process::inspect};

#[test]
fn plans_are_those_worked_out_by_hand() {
    let cases: Vec<_> = cases::all().collect();
    assert!(cases.len() >= 25, "{}", cases.len());
    for case in cases {
        let output = inspect(case.options);
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!((output.status.code(), &*said), (Some(0), ""), "{}", case.name);
        let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(plan["totalDuration"], case.total, "{}", case.name);
        assert_eq!(plan["maxVUs"], case.max_vus, "{}", case.name);
        let scenarios: BTreeMap<_, _> = plan["scenarios"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, scenario)| (name.as_str(), scenario["executor"].as_str().unwrap()))
            .collect();
        assert_eq!(scenarios, case.scenarios.iter().copied().collect(), "{}", case.name);
    }
}
