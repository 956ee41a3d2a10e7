//! How values are written in the three layers.

use super::{layers::outcome, *};

/// Trap 22: nor are days read there.
#[test]
fn durations_without_a_unit_are_milliseconds_but_not_in_flags_and_stages() {
    let outcomes = [
        outcome(r#"{"duration": 1500}"#, &[], &[]),
        outcome("{}", &[("K6_DURATION", "1500")], &[]),
        outcome("{}", &[("K6_DURATION", "1d12h")], &[]),
        outcome("{}", &[], &["-d", "1500"]),
        outcome("{}", &[], &["-d", "1d12h"]),
        outcome("{}", &[], &["-s", "1500:1"]),
        outcome("{}", &[], &["-s", "1s:1,1d:1"]),
        outcome("{}", &[("K6_STAGES", "1500:1")], &[]),
        outcome("{}", &[("K6_STAGES", "1s:1,:2")], &[]),
        outcome("{}", &[("K6_STAGES", "1s:1,2s:x")], &[]),
    ];
    insta::assert_snapshot!(outcomes.join("\n"), @r#"
    {"duration":"1.5s"}
    {"duration":"1.5s"}
    {"duration":"36h0m0s"}
    255 invalid value '1500' for '--duration <DURATION>': missing unit in duration "1500"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
    255 invalid value '1d12h' for '--duration <DURATION>': unknown unit "d" in duration "1d12h"; allowed are ns, us, ms, s, m and h
    255 invalid value '1500:1' for '--stage <DURATION:VUS>': error for stage 0: missing unit in duration "1500"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
    255 invalid value '1s:1,1d:1' for '--stage <DURATION:VUS>': error for stage 1: unknown unit "d" in duration "1d"; allowed are ns, us, ms, s, m and h
    104 variable K6_STAGES has an invalid value '1500:1' for --stage: error for stage 0: missing unit in duration "1500"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
    104 variable K6_STAGES has an invalid value '1s:1,:2' for --stage: stage 1 doesn't have a specified duration; allowed is DURATION:TARGET, as in 30s:50
    104 variable K6_STAGES has an invalid value '1s:1,2s:x' for --stage: error for stage 1: the target 'x' is no whole number
    "#);
}

/// Trap 23: nothing else is a boolean.
#[test]
fn booleans_in_variables_are_true_and_false_alone_except_where_go_reads_them() {
    let outcomes = [
        outcome("{}", &[("K6_PAUSED", "1")], &[]),
        outcome("{}", &[("K6_PAUSED", "True")], &[]),
        outcome("{}", &[("K6_NO_THRESHOLDS", "yes")], &[]),
    ];
    insta::assert_snapshot!(outcomes.join("\n"), @r"
    104 variable K6_PAUSED has an invalid value '1' for --paused: allowed are true and false
    104 variable K6_PAUSED has an invalid value 'True' for --paused: allowed are true and false
    104 variable K6_NO_THRESHOLDS has an invalid value 'yes' for --no-thresholds: allowed are true and false
    ");
    assert_eq!(run_with(&[("K6_NO_THRESHOLDS", "T")], &[]).test.options.no_thresholds, Some(true));
}

#[test]
fn pairs_that_are_none() {
    let lines: Vec<_> = [
        &["--tag", ""][..],
        &["--tag", "a"],
        &["--tag", "a="],
        &["--tag", "=a"],
        &["-e", "1=a"],
        &["-e", "=a"],
        &["--threshold", "checks==1"],
        &["--blacklist-ip", "10.0.0.0/40"],
        &["--block-hostnames", "a.*"],
        &["--local-ips", "10.0.0.1-10.0.0.0"],
        &["--execution-segment", "0:2"],
        &["--execution-segment-sequence", "0"],
        &["--seed", "-1"],
    ]
    .iter()
    .map(|words| refused(words))
    .chain([refused_with(&[("K6_TAGS", "a:b,c")], &[])])
    .collect();
    insta::assert_snapshot!(lines.join("\n"), @r"
    255 invalid value '' for '--tag <NAME=VALUE>': invalid tag '', empty string; allowed is NAME=VALUE
    255 invalid value 'a' for '--tag <NAME=VALUE>': invalid tag 'a', empty value; allowed is NAME=VALUE
    255 invalid value 'a=' for '--tag <NAME=VALUE>': invalid tag 'a=', empty value; allowed is NAME=VALUE
    255 invalid value '=a' for '--tag <NAME=VALUE>': invalid tag '=a', empty name; allowed is NAME=VALUE
    255 invalid value '1=a' for '--env <NAME=VALUE>': invalid environment variable name '1'; allowed are letters, digits and underscores, no digit first
    255 invalid value '=a' for '--env <NAME=VALUE>': invalid environment variable name ''; allowed are letters, digits and underscores, no digit first
    255 invalid value 'checks==1' for '--threshold <METRIC=EXPRESSION>': invalid threshold 'checks==1'; allowed is METRIC=EXPRESSION, as in http_req_duration=p(95)<200
    255 invalid value '10.0.0.0/40' for '--blacklist-ip <CIDR,...>': invalid CIDR address '10.0.0.0/40'; allowed are networks such as 10.0.0.0/8 and addresses
    255 invalid value 'a.*' for '--block-hostnames <PATTERN,...>': invalid hostname pattern 'a.*'; allowed are names such as example.com and *.example.com
    255 invalid value '10.0.0.1-10.0.0.0' for '--local-ips <LIST>': negative IP range: 10.0.0.1-10.0.0.0
    255 invalid value '0:2' for '--execution-segment <FROM:TO>': segment end value can't be more than 1 but was 2.00
    255 invalid value '0' for '--execution-segment-sequence <POINTS>': at least 2 points are needed for an execution segment sequence, 1 given
    255 invalid value '-1' for '--seed <N>': allowed are whole numbers from 0
    104 variable K6_TAGS has an invalid value 'a:b,c' for --tag: invalid item 'c'; allowed are pairs NAME:VALUE
    ");
}
