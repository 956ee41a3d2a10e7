//! Each option in each layer, and which layer decides.

use serde_json::Value;

use super::*;
use crate::options::table::{ROWS, Row};

/// What is written in a layer, and what it means; both empty where the layer has no such option.
type Case = (&'static str, &'static str);

const NONE: Case = ("", "");

/// For each option a value from a file, from a variable and from flags (apart by a `|`).
const CASES: &[(&str, Case, Case, Case)] = &[
    ("paused", ("true", "true"), ("false", "false"), ("--paused", "true")),
    ("vus", ("\"5\"", "5"), ("-6", "-6"), ("-u|7", "7")),
    ("duration", ("1500", "\"1.5s\""), ("2d", "\"48h0m0s\""), ("-d|90s", "\"1m30s\"")),
    ("iterations", ("5", "5"), ("6", "6"), ("-i7", "7")),
    (
        "stages",
        (
            r#"[{"duration": "1d", "target": "5"}, {"duration": 10}]"#,
            r#"[{"duration":"24h0m0s","target":5},{"duration":"10ms","target":null}]"#,
        ),
        ("1s:2, 3s:4", r#"[{"duration":"1s","target":2},{"duration":"3s","target":4}]"#),
        (
            "-s|1m:2|--stage|0s",
            r#"[{"duration":"1m0s","target":2},{"duration":"0s","target":null}]"#,
        ),
    ),
    (
        "scenarios",
        (
            r#"{"b": {"executor": "constant-vus", "vus": 2, "duration": "5s", "env": {"A": "B"}}}"#,
            r#"{"b":{"executor":"constant-vus","startTime":null,"gracefulStop":null,"env":{"A":"B"},"exec":null,"tags":null,"vus":2,"duration":"5s"}}"#,
        ),
        NONE,
        NONE,
    ),
    (
        "executionSegment",
        ("\"25%\"", "\"0:1/4\""),
        NONE,
        ("--execution-segment|1/4:0.5", "\"1/4:1/2\""),
    ),
    (
        "executionSegmentSequence",
        ("\"0,1/2,1\"", "\"0,1/2,1\""),
        NONE,
        ("--execution-segment-sequence|0,1", "\"0,1\""),
    ),
    ("noSetup", ("true", "true"), ("true", "true"), ("--no-setup=false", "false")),
    ("setupTimeout", ("\"5s\"", "\"5s\""), ("6000", "\"6s\""), NONE),
    ("noTeardown", ("true", "true"), ("true", "true"), ("--no-teardown=false", "false")),
    ("teardownTimeout", ("\"5s\"", "\"5s\""), ("6000", "\"6s\""), NONE),
    ("rps", ("5", "5"), ("6", "6"), ("--rps=7", "7")),
    (
        "dns",
        (r#"{"ttl": 0, "select": "first"}"#, r#"{"ttl":"0s","select":"first","policy":null}"#),
        ("ttl=1d,policy=any", r#"{"ttl":"24h0m0s","select":null,"policy":"any"}"#),
        ("--dns|ttl=inf", r#"{"ttl":"inf","select":null,"policy":null}"#),
    ),
    ("maxRedirects", ("5", "5"), ("6", "6"), ("--max-redirects|7", "7")),
    ("userAgent", ("\"\"", "\"\""), ("b", "\"b\""), ("--user-agent|", "\"\"")),
    ("batch", ("5", "5"), ("6", "6"), ("--batch|7", "7")),
    ("batchPerHost", ("5", "5"), ("6", "6"), ("--batch-per-host|0", "0")),
    (
        "insecureSkipTLSVerify",
        ("true", "true"),
        ("false", "false"),
        ("--insecure-skip-tls-verify", "true"),
    ),
    (
        "thresholds",
        (
            r#"{"vus": ["value>1", {"threshold": "value>2", "abortOnFail": true, "delayAbortEval": "1m"}]}"#,
            r#"{"vus":["value>1",{"threshold":"value>2","abortOnFail":true,"delayAbortEval":"1m0s"}]}"#,
        ),
        NONE,
        (
            "--threshold|http_reqs{a:b=c}=count>1|--threshold|checks=rate==1|--threshold|checks=rate>0",
            r#"{"http_reqs{a:b=c}":["count>1"],"checks":["rate==1","rate>0"]}"#,
        ),
    ),
    (
        "blacklistIPs",
        (r#"["10.0.0.0/8"]"#, r#"["10.0.0.0/8"]"#),
        ("::1, 10.1.0.0/16", r#"["::1/128","10.1.0.0/16"]"#),
        (
            "--blacklist-ip|1.2.3.4,5.6.7.8|--blacklist-ip|fd00::/8",
            r#"["1.2.3.4/32","5.6.7.8/32","fd00::/8"]"#,
        ),
    ),
    (
        "blockHostnames",
        (r#"["*.Example.com"]"#, r#"["*.example.com"]"#),
        ("a.test,b.test", r#"["a.test","b.test"]"#),
        ("--block-hostnames|*", r#"["*"]"#),
    ),
    (
        "hosts",
        (
            r#"{"a.test": "127.0.0.1", "*.b.test:80": "[::1]:81"}"#,
            r#"{"*.b.test:80":"[::1]:81","a.test":"127.0.0.1"}"#,
        ),
        NONE,
        NONE,
    ),
    ("noConnectionReuse", ("true", "true"), ("false", "false"), ("--no-connection-reuse", "true")),
    (
        "noVUConnectionReuse",
        ("true", "true"),
        ("false", "false"),
        ("--no-vu-connection-reuse", "true"),
    ),
    (
        "minIterationDuration",
        ("\"5s\"", "\"5s\""),
        ("6000", "\"6s\""),
        ("--min-iteration-duration|7s", "\"7s\""),
    ),
    (
        "summaryTrendStats",
        (r#"["avg", "p(99.90)"]"#, r#"["avg","p(99.90)"]"#),
        ("min,max", r#"["min","max"]"#),
        ("--summary-trend-stats|med|--summary-trend-stats|count", r#"["med","count"]"#),
    ),
    ("summaryTimeUnit", ("\"s\"", "\"s\""), ("ms", "\"ms\""), ("--summary-time-unit|us", "\"us\"")),
    (
        "systemTags",
        (r#"["vu", "iter"]"#, r#"["iter","vu"]"#),
        ("url", r#"["url"]"#),
        ("--system-tags|", "[]"),
    ),
    (
        "tags",
        (r#"{"a": "b"}"#, r#"{"a":"b"}"#),
        ("c:d,e:f:g", r#"{"c":"d","e":"f:g"}"#),
        ("--tag|h=i,j|--tag|k==l", r#"{"h":"i,j","k":"=l"}"#),
    ),
    (
        "discardResponseBodies",
        ("true", "true"),
        ("false", "false"),
        ("--discard-response-bodies", "true"),
    ),
    ("linger", ("true", "true"), ("false", "false"), ("-l", "true")),
    (
        "out",
        (r#"["json=a"]"#, r#"["json=a"]"#),
        ("json=b,csv", r#"["json=b","csv"]"#),
        (
            "-o|csv=fileName=c,timeFormat=unix|--out|json",
            r#"["csv=fileName=c,timeFormat=unix","json"]"#,
        ),
    ),
    ("collectors", (r#"{"csv": {"file_name": "a"}}"#, r#"{"csv":{"file_name":"a"}}"#), NONE, NONE),
    (
        "localIPs",
        ("\"10.0.0.1\"", "\"10.0.0.1\""),
        ("10.0.0.0/24", "\"10.0.0.0/24\""),
        ("--local-ips|10.0.0.1-10.0.0.2", "\"10.0.0.1-10.0.0.2\""),
    ),
    ("no-thresholds", NONE, ("1", "true"), ("--no-thresholds=false", "false")),
    ("env", NONE, NONE, ("-e|A=b=c|--env|D", r#"{"A":"b=c","D":""}"#)),
    ("include-system-env-vars", NONE, ("F", "false"), ("--include-system-env-vars", "true")),
    ("address", NONE, ("localhost:1", "\"localhost:1\""), ("-a|localhost:2", "\"localhost:2\"")),
    ("gracefulStop", ("0", "\"0s\""), NONE, ("--graceful-stop|7s", "\"7s\"")),
    ("arrival", ("\"regular\"", "\"regular\""), NONE, ("--arrival|poisson", "\"poisson\"")),
    ("seed", ("5", "5"), NONE, ("--seed|18446744073709551615", "18446744073709551615")),
    ("warmup", ("\"1d\"", "\"24h0m0s\""), NONE, ("--warmup|7s", "\"7s\"")),
    ("workers", ("5", "5"), NONE, ("--workers|7", "7")),
    (
        "expectStatus",
        ("\"200\"", "\"200\""),
        NONE,
        ("--expect-status|200,301-308", "\"200,301-308\""),
    ),
    ("followOffsite", ("true", "true"), NONE, ("--follow-offsite=false", "false")),
    ("timeout", ("1", "\"1ms\""), NONE, ("--timeout|7s", "\"7s\"")),
    (
        "headers",
        (r#"["A: b", "A: c"]"#, r#"["A: b","A: c"]"#),
        NONE,
        ("-H|D: e|--header|F:", r#"["D: e","F: "]"#),
    ),
    (
        "profileTarget",
        ("\"http://h:1\"", "\"http://h:1/debug/pprof/profile\""),
        NONE,
        ("--profile-target|https://h/cpu?seconds=9", "\"https://h/cpu?seconds=9\""),
    ),
];

/// The consolidated options of a command line, a variable and a file with one option each. Not
/// whether they can be run: some of these cannot.
fn consolidated(row: &Row, file: &str, variable: &str, flags: &str) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("options.json");
    let key = row.key.unwrap_or_default();
    let json = if file.is_empty() { "{}".into() } else { format!("{{\"{key}\": {file}}}") };
    fs::write(&path, json).expect("a file");

    let lookup =
        |name: &str| (row.variable == Some(name) && !variable.is_empty()).then(|| variable.into());
    let words = flags.split('|').filter(|_| !flags.is_empty());
    let words = ["loadgen"].into_iter().chain(words);
    let cli = Cli::try_parse_from(words).unwrap_or_else(|error| panic!("{error}"));
    let consolidated = run::consolidate(cli.run.options.0, Some(&path), &lookup);
    let (options, warnings) = consolidated.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(warnings, [""; 0]);
    let access = row.access.as_ref().expect("an option that has an effect");
    (access.write)(&options).to_string()
}

#[test]
fn every_option_is_read_in_every_layer_and_the_strongest_decides() {
    for &(name, file, variable, flags) in CASES {
        let row = ROWS.iter().find(|row| row.name() == name).expect(name);
        assert_eq!(row.key.is_some(), file != NONE, "{name} in a file");
        assert_eq!(row.variable.is_some(), variable != NONE, "{name} as a variable");
        assert_eq!(row.flag.is_some(), flags != NONE, "{name} as a flag");
        assert_eq!(consolidated(row, "", "", ""), "null", "{name} unset");
        for (case, found) in [
            (file, consolidated(row, file.0, "", "")),
            (variable, consolidated(row, "", variable.0, "")),
            (flags, consolidated(row, "", "", flags.0)),
        ] {
            assert_eq!(found, if case == NONE { "null" } else { case.1 }, "{name}");
        }
        // What a field of `dns` leaves open comes from a weaker layer; see below.
        if name != "dns" {
            let strongest = [flags, variable, file].into_iter().find(|case| *case != NONE);
            let found = consolidated(row, file.0, variable.0, flags.0);
            assert_eq!(Some(&*found), strongest.map(|case| case.1), "{name}");
            if variable != NONE {
                assert_eq!(consolidated(row, file.0, variable.0, ""), variable.1, "{name}");
            }
        }
    }
}

#[test]
fn no_option_is_left_out_of_that() {
    let with_effect = ROWS.iter().filter(|row| row.access.is_some()).map(Row::name);
    assert_eq!(with_effect.collect::<Vec<_>>(), names());
}

pub(super) fn names() -> Vec<&'static str> {
    CASES.iter().map(|case| case.0).collect()
}

/// The options that a file, variables and flags give, as JSON without those that are unset, and
/// the warnings.
pub(super) fn outcome(file: &str, variables: &[(&str, &str)], words: &[&str]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("options.json");
    fs::write(&path, file).expect("a file");
    let path = path.display().to_string();
    let words: Vec<_> = ["-c", &path].iter().chain(words).copied().collect();
    match parse_with(variables, &words) {
        Ok(Command::Run(run)) => {
            let json = run.test.options.to_json().into_iter();
            let json: Value = json.filter(|(_, value)| !value.is_null()).collect();
            let warnings = run.test.warnings.iter().chain(&run.test.load.warnings);
            std::iter::once(json.to_string())
                .chain(warnings.map(|warning| format!("! {warning}")))
                .collect::<Vec<_>>()
                .join("\n")
        }
        Ok(other) => panic!("{other:?}"),
        Err(error) => format!("{} {error}", error.exit_code() as u8).replace(&path, "options.json"),
    }
}

/// Trap 23: all four ways to say it, while `vus` stays and takes the place of scenarios.
#[test]
fn a_load_in_one_layer_shuts_out_those_of_weaker_ones() {
    const SCENARIO: &str = r#"{"vus": 4, "scenarios": {"a": {"executor": "per-vu-iterations"}}}"#;
    let vus: &[_] = &[("K6_VUS", "5")];
    let outcomes = [
        outcome(r#"{"vus": 4, "duration": "5s"}"#, &[("K6_ITERATIONS", "10")], &["-u", "5"]),
        outcome(r#"{"duration": "5s"}"#, &[("K6_STAGES", "1s:1")], &["-i", "7"]),
        outcome(r#"{"duration": "5s"}"#, &[("K6_DURATION", "6s"), ("K6_ITERATIONS", "1")], &[]),
        outcome(r#"{"stages": []}"#, &[], &["-d", "5s"]),
        outcome(SCENARIO, &[], &[]),
        outcome(SCENARIO, &[("K6_DURATION", "5s")], &[]),
        outcome(SCENARIO, vus, &["-s", "5s:1"]),
        outcome(r#"{"duration": "5s"}"#, vus, &["-d", "5s", "-s", "5s:1"]),
    ];
    insta::assert_snapshot!(outcomes.join("\n"), @r#"
    {"vus":5,"iterations":10}
    {"iterations":7}
    {"duration":"6s","iterations":1}
    {"duration":"5s"}
    {"vus":4,"scenarios":{"a":{"executor":"per-vu-iterations","startTime":null,"gracefulStop":null,"env":null,"exec":null,"tags":null,"vus":null,"iterations":null,"maxDuration":null}}}
    ! `vus=4` overrides scenarios configuration
    {"vus":4,"duration":"5s"}
    ! "env" level configuration overrode scenarios configuration entirely
    {"vus":5,"stages":[{"duration":"5s","target":1}]}
    ! "cli" level configuration overrode scenarios configuration entirely
    104 using `duration` and `stages` options simultaneously is not allowed
    "#);
}

/// Trap 23: they are not merged.
#[test]
fn maps_and_lists_are_replaced_and_dns_is_filled_up() {
    let file = r#"{
        "tags": {"a": "1", "b": "2"}, "thresholds": {"vus": ["value>0"]}, "summaryTrendStats": ["avg"],
        "dns": {"ttl": "1m", "select": "first", "policy": "any"}
    }"#;
    let variables = [("K6_TAGS", "b:3"), ("K6_DNS", "select=random,policy=onlyIPv4")];
    let words = ["--threshold", "checks=rate==1", "--dns", "policy=onlyIPv6"];
    insta::assert_snapshot!(outcome(file, &variables, &words), @r#"
    {"dns":{"ttl":"1m0s","select":"random","policy":"onlyIPv6"},"thresholds":{"checks":["rate==1"]},"summaryTrendStats":["avg"],"tags":{"b":"3"}}
    "#);
}

/// Trap 23: `K6_HOSTS` is no variable.
#[test]
fn what_has_no_effect_is_said() {
    let file = r#"{
        "vuz": 3, "throw": true, "tlsAuth": [], "httpDebug": null, "ext": {"loadimpact": {}}, "systemTags": ["url", "color"],
        "scenarios": {"a": {"executor": "per-vu-iterations", "options": {"browser": {"type": "chromium"}}}}
    }"#;
    let variables = [("K6_THROW", "true"), ("K6_NO_COOKIES_RESET", ""), ("K6_HOSTS", "a:b")];
    insta::assert_snapshot!(outcome(file, &variables, &["--system-tags", "url,hue"]), @r#"
    {"scenarios":{"a":{"executor":"per-vu-iterations","startTime":null,"gracefulStop":null,"env":null,"exec":null,"tags":null,"vus":null,"iterations":null,"maxDuration":null}},"systemTags":["hue","url"]}
    ! there is no option 'vuz'; it has no effect
    ! option 'throw' is not supported and has no effect
    ! option 'tlsAuth' is not supported and has no effect
    ! option 'ext' is not supported and has no effect
    ! option 'scenarios.a.options' is not supported and has no effect
    ! variable K6_THROW: option 'throw' is not supported and has no effect
    ! variable K6_HOSTS has no effect, as in k6; option 'hosts' can be in a file
    ! there is no system tag 'hue'; it has no effect
    "#);
    insta::assert_snapshot!(outcome(file, &[], &[]).lines().skip(1).collect::<Vec<_>>().join("\n"), @r"
    ! there is no option 'vuz'; it has no effect
    ! option 'throw' is not supported and has no effect
    ! option 'tlsAuth' is not supported and has no effect
    ! option 'ext' is not supported and has no effect
    ! option 'scenarios.a.options' is not supported and has no effect
    ! there is no system tag 'color'; it has no effect
    ");
}
