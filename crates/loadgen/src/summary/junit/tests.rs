use super::{super::fixture, *};
use crate::{summary::model::Check, thresholds::failure_message};

#[test]
fn a_test_for_the_run_and_each_threshold_and_check() {
    insta::assert_snapshot!(junit(&fixture::summary()).expect("it can be shown"), @r##"
    <?xml version="1.0" encoding="UTF-8"?>
    <testsuites name="loadgen" tests="8" failures="3" errors="0" time="2.000">
      <testsuite name="run" tests="1" failures="0" errors="0" skipped="0" time="2.000" timestamp="2025-01-01T00:00:00Z">
        <properties>
          <property name="target" value="http://127.0.0.1"/>
          <property name="command" value="loadgen"/>
          <property name="version" value="0.1.0"/>
        </properties>
        <testcase classname="run" name="the run was carried through"/>
      </testsuite>
      <testsuite name="thresholds" tests="5" failures="2" errors="0" skipped="0" time="2.000" timestamp="2025-01-01T00:00:00Z">
        <testcase classname="thresholds" name="http_req_duration: p(95)&lt;500">
          <failure message="observed 999.99ms">observed 999.99ms</failure>
        </testcase>
        <testcase classname="thresholds" name="http_req_duration: p(50)&lt;5000"/>
        <testcase classname="thresholds" name="http_req_duration{expected_response:true}: max &lt; 10"/>
        <testcase classname="thresholds" name="http_req_failed: rate&lt;0.01">
          <failure message="observed 25.00%">observed 25.00%</failure>
        </testcase>
        <testcase classname="thresholds" name="http_reqs{status:500}: count&lt;5"/>
      </testsuite>
      <testsuite name="checks" tests="2" failures="1" errors="0" skipped="0" time="2.000" timestamp="2025-01-01T00:00:00Z">
        <testcase classname="checks" name="status">
          <failure message="failed 2 of 10 (20.00%)">failed 2 of 10 (20.00%)</failure>
        </testcase>
        <testcase classname="checks" name="pages › title"/>
      </testsuite>
    </testsuites>
    "##);
}

#[test]
fn a_run_that_was_cut_short_is_a_failed_test_and_crossed_thresholds_are_their_own() {
    let failures = |error: Option<&str>| {
        let mut summary = fixture::summary();
        let extras = summary.loadgen.as_mut().expect("it has one");
        extras.error = error.map(Into::into);
        run(extras).failure
    };
    assert_eq!(failures(None), None);
    assert_eq!(failures(Some(&failure_message(&[]))), None);
    let aborted = "test run was aborted because loadgen received a 'interrupt' signal";
    assert_eq!(failures(Some(aborted)).as_deref(), Some(aborted));
}

#[test]
fn what_k6_stored_has_no_test_for_the_run() {
    let document = junit(&fixture::k6_summary()).expect("it can be shown");
    assert!(!document.contains(r#"name="run""#) && document.contains(r#"name="checks""#));
}

#[test]
fn nothing_that_a_name_contains_ends_its_attribute_or_is_no_xml() {
    let mut summary = fixture::summary();
    summary.root_group.checks.push(Check {
        name: "\"/><script>&amp;'\0\x1b[1m\u{ffff}\n😀".into(),
        path: String::new(),
        id: String::new(),
        passes: 0,
        fails: 1,
    });
    let extras = summary.loadgen.as_mut().expect("it has one");
    extras.target = "]]>\"<\u{8}".into();
    extras.warnings = vec!["</system-err>\r".into()];
    let document = junit(&summary).expect("it can be shown");
    let hostile: Vec<_> =
        document.lines().filter(|line| line.contains("&gt;") || line.contains("😀")).collect();
    insta::assert_snapshot!(hostile.join("\n"), @r##"
      <property name="target" value="]]&gt;&quot;&lt;�"/>
    <system-err>&lt;/system-err&gt;&#13;</system-err>
    <testcase classname="checks" name="&quot;/&gt;&lt;script&gt;&amp;amp;'��[1m�&#10;😀">
    "##);
}
