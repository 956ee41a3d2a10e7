//! The rows themselves. They stand in the order in which k6 prints its options; loadgen's own come
//! last.

use serde_json::Value;

use super::{
    super::{
        Arrival, ProfileTarget, TimeUnit,
        address::Address,
        notation::{
            COLLECTORS, DNS, DURATION, HEADER_TEXT, HEADERS, HOSTS, INTEGER, LENIENT_SWITCH,
            OUTPUTS, SCENARIOS, STAGES, SWITCH, SYSTEM_TAGS, TAGS, THRESHOLDS, VARIABLES, list,
            text, whole,
        },
    },
    Access, Row,
};
use crate::{
    executor::segment::{Segment, SegmentSequence},
    http::{ExpectedStatuses, HostPattern, IpNet, LocalIps},
    metrics::TrendStat,
};

/// What options are about, in the order of the help.
pub const HEADINGS: [&str; 5] = [LOAD, CONTROL, HTTP, CONNECTIONS, RESULTS];

const LOAD: &str = "Load";
const CONTROL: &str = "Control";
const HTTP: &str = "HTTP";
const CONNECTIONS: &str = "Connections";
const RESULTS: &str = "Results";

/// An option of k6 that has no effect here.
const fn unsupported(key: &'static str) -> Row {
    Row::new("", None).key(key)
}

/// All options.
pub const ROWS: &[Row] = &[
    row!(CONTROL, paused, SWITCH)
        .key("paused")
        .variable("K6_PAUSED")
        .flag("paused", "BOOL")
        .short('p')
        .about("Wait to be resumed before the test starts")
        .default("false"),
    row!(LOAD, vus, INTEGER)
        .key("vus")
        .variable("K6_VUS")
        .flag("vus", "N")
        .short('u')
        .about("Virtual users")
        .default("1"),
    row!(LOAD, duration, DURATION)
        .key("duration")
        .variable("K6_DURATION")
        .flag("duration", "DURATION")
        .short('d')
        .about("How long iterations are started; those in flight may end"),
    row!(LOAD, iterations, INTEGER)
        .key("iterations")
        .variable("K6_ITERATIONS")
        .flag("iterations", "N")
        .short('i')
        .about("Iterations, shared among the virtual users")
        .default("one for each"),
    row!(LOAD, stages, STAGES)
        .key("stages")
        .variable("K6_STAGES")
        .flag("stage", "DURATION:VUS")
        .short('s')
        .about("A stretch of a ramp, from the virtual users before it to these, as in 30s:50; may be repeated"),
    row!(LOAD, scenarios, SCENARIOS)
        .key("scenarios")
        .about("Scenarios by name, each with its executor"),
    row!(LOAD, execution_segment, text::<Segment>())
        .key("executionSegment")
        .flag("execution-segment", "FROM:TO")
        .about("The part of the test that this instance runs, as in 0:1/4 or 25%:50%")
        .default("0:1, all of it"),
    row!(LOAD, execution_segment_sequence, text::<SegmentSequence>())
        .key("executionSegmentSequence")
        .flag("execution-segment-sequence", "POINTS")
        .about("The parts that the test is cut into, the same for all instances, as in 0,1/4,1/2,1"),
    row!(CONTROL, no_setup, SWITCH)
        .key("noSetup")
        .variable("K6_NO_SETUP")
        .flag("no-setup", "BOOL")
        .about("Leave out the setup function of a Rust test")
        .default("false"),
    row!(CONTROL, setup_timeout, DURATION)
        .key("setupTimeout")
        .variable("K6_SETUP_TIMEOUT")
        .about("Time allowed for the setup function")
        .default("1m"),
    row!(CONTROL, no_teardown, SWITCH)
        .key("noTeardown")
        .variable("K6_NO_TEARDOWN")
        .flag("no-teardown", "BOOL")
        .about("Leave out the teardown function of a Rust test")
        .default("false"),
    row!(CONTROL, teardown_timeout, DURATION)
        .key("teardownTimeout")
        .variable("K6_TEARDOWN_TIMEOUT")
        .about("Time allowed for the teardown function")
        .default("1m"),
    unsupported("handleSummaryTimeout").variable("K6_HANDLE_SUMMARY_TIMEOUT"),
    row!(LOAD, rps, INTEGER)
        .key("rps")
        .variable("K6_RPS")
        .flag("rps", "N")
        .about("Most requests per second, all virtual users together")
        .default("0, no limit"),
    row!(CONNECTIONS, dns, DNS)
        .key("dns")
        .variable("K6_DNS")
        .flag("dns", "KEY=VALUE,...")
        .about("How names become addresses; select is first, random or roundRobin, policy is preferIPv4, preferIPv6, onlyIPv4, onlyIPv6 or any; ttl 0 caches nothing, inf everything")
        .default("ttl=5m,select=random,policy=preferIPv4"),
    row!(HTTP, max_redirects, INTEGER)
        .key("maxRedirects")
        .variable("K6_MAX_REDIRECTS")
        .flag("max-redirects", "N")
        .about("Redirects followed for one request")
        .default("10"),
    row!(HTTP, user_agent, HEADER_TEXT)
        .key("userAgent")
        .variable("K6_USER_AGENT")
        .flag("user-agent", "TEXT")
        .about("User-Agent of every request; empty sends none")
        .default("loadgen/VERSION"),
    row!(HTTP, batch, INTEGER)
        .key("batch")
        .variable("K6_BATCH")
        .flag("batch", "N")
        .about("Requests of one batch in flight at once")
        .default("20"),
    row!(HTTP, batch_per_host, INTEGER)
        .key("batchPerHost")
        .variable("K6_BATCH_PER_HOST")
        .flag("batch-per-host", "N")
        .about("Requests of one batch in flight at once to one host; 0 for no limit")
        .default("6"),
    unsupported("httpDebug").variable("K6_HTTP_DEBUG"),
    row!(CONNECTIONS, insecure_skip_tls_verify, SWITCH)
        .key("insecureSkipTLSVerify")
        .variable("K6_INSECURE_SKIP_TLS_VERIFY")
        .flag("insecure-skip-tls-verify", "BOOL")
        .about("Accept any certificate")
        .default("false"),
    unsupported("tlsCipherSuites").variable("K6_TLS_CIPHER_SUITES"),
    unsupported("tlsVersion"),
    unsupported("tlsAuth").variable("K6_TLSAUTH"),
    unsupported("throw").variable("K6_THROW"),
    row!(RESULTS, thresholds, THRESHOLDS)
        .key("thresholds")
        .flag("threshold", "METRIC=EXPRESSION")
        .about("What must hold, or else the exit code is 99, as in http_req_duration=p(95)<200; may be repeated"),
    row!(CONNECTIONS, blacklist_ips, list::<IpNet>())
        .key("blacklistIPs")
        .variable("K6_BLACKLIST_IPS")
        .flag("blacklist-ip", "CIDR,...")
        .about("Networks and addresses that no connection is made to; may be repeated"),
    row!(CONNECTIONS, block_hostnames, list::<HostPattern>())
        .key("blockHostnames")
        .variable("K6_BLOCK_HOSTNAMES")
        .flag("block-hostnames", "PATTERN,...")
        .about("Names that no connection is made to, as in example.com,*.example.org; may be repeated"),
    row!(CONNECTIONS, hosts, HOSTS)
        .key("hosts")
        .about("Where names lead, by name, pattern or either with a port, as in \"*.example.com:8080\": \"127.0.0.1:80\""),
    row!(CONNECTIONS, no_connection_reuse, SWITCH)
        .key("noConnectionReuse")
        .variable("K6_NO_CONNECTION_REUSE")
        .flag("no-connection-reuse", "BOOL")
        .about("A new connection for each request")
        .default("false"),
    row!(CONNECTIONS, no_vu_connection_reuse, SWITCH)
        .key("noVUConnectionReuse")
        .variable("K6_NO_VU_CONNECTION_REUSE")
        .flag("no-vu-connection-reuse", "BOOL")
        .about("New connections for each iteration")
        .default("false"),
    row!(LOAD, min_iteration_duration, DURATION)
        .key("minIterationDuration")
        .variable("K6_MIN_ITERATION_DURATION")
        .flag("min-iteration-duration", "DURATION")
        .about("Least time from the start of an iteration to the next of the same virtual user")
        .default("0s"),
    unsupported("cloud"),
    unsupported("ext"),
    row!(RESULTS, summary_trend_stats, list::<TrendStat>())
        .key("summaryTrendStats")
        .variable("K6_SUMMARY_TREND_STATS")
        .flag("summary-trend-stats", "LIST")
        .about("Statistics shown for times: avg, min, med, max, count, p(N)")
        .default("avg,min,med,max,p(90),p(95)"),
    row!(RESULTS, summary_time_unit, text::<TimeUnit>())
        .key("summaryTimeUnit")
        .variable("K6_SUMMARY_TIME_UNIT")
        .flag("summary-time-unit", "UNIT")
        .about("One unit for all times: s, ms or us")
        .default("the fitting one"),
    row!(RESULTS, system_tags, SYSTEM_TAGS)
        .key("systemTags")
        .variable("K6_SYSTEM_TAGS")
        .flag("system-tags", "LIST")
        .about("Tags that samples get by themselves; ip, iter, ocsp_status and vu exist, too")
        .default("check,error,error_code,expected_response,group,method,name,proto,scenario,service,status,subproto,tls_version,url"),
    row!(RESULTS, tags, TAGS)
        .key("tags")
        .variable("K6_TAGS")
        .flag("tag", "NAME=VALUE")
        .about("A tag for every sample; may be repeated"),
    unsupported("metricSamplesBufferSize").variable("K6_METRIC_SAMPLES_BUFFER_SIZE"),
    unsupported("noCookiesReset").variable("K6_NO_COOKIES_RESET"),
    row!(HTTP, discard_response_bodies, SWITCH)
        .key("discardResponseBodies")
        .variable("K6_DISCARD_RESPONSE_BODIES")
        .flag("discard-response-bodies", "BOOL")
        .about("Drop bodies as they arrive, even where an iteration could read them")
        .default("false"),
    unsupported("features").variable("K6_FEATURES"),
    row!(CONTROL, linger, SWITCH)
        .key("linger")
        .variable("K6_LINGER")
        .flag("linger", "BOOL")
        .short('l')
        .about("Wait for Ctrl-C when the test is over")
        .default("false"),
    row!(RESULTS, out, OUTPUTS)
        .key("out")
        .variable("K6_OUT")
        .flag("out", "NAME=ARG")
        .short('o')
        .about("Where samples go while the test runs: json=FILE, csv=FILE, influxdb=URL, prometheus-rw or opentelemetry, and dashboard to watch it in a browser; may be repeated")
        .default("nowhere"),
    unsupported("noUsageReport"),
    unsupported("webDashboard"),
    row!(RESULTS, collectors, COLLECTORS)
        .key("collectors")
        .about("Settings of outputs by their names, as in \"csv\": {\"time_format\": \"rfc3339\"}"),
    row!(CONNECTIONS, local_ips, text::<LocalIps>())
        .key("localIPs")
        .variable("K6_LOCAL_IPS")
        .flag("local-ips", "LIST")
        .about("Addresses, ranges and networks that virtual users send from in turn, as in 10.0.0.1-10.0.0.9,10.1.0.0/24")
        .default("what the system chooses"),
    row!(RESULTS, no_thresholds, LENIENT_SWITCH)
        .variable("K6_NO_THRESHOLDS")
        .flag("no-thresholds", "BOOL")
        .about("Neither check nor evaluate thresholds")
        .default("false"),
    row!(CONTROL, env, VARIABLES)
        .flag("env", "NAME=VALUE")
        .short('e')
        .about("A variable that iterations see; may be repeated"),
    row!(CONTROL, include_system_env_vars, LENIENT_SWITCH)
        .variable("K6_INCLUDE_SYSTEM_ENV_VARS")
        .flag("include-system-env-vars", "BOOL")
        .about("Let iterations see the variables of this process, too")
        .default("true"),
    row!(CONTROL, address, text::<Address>())
        .variable("K6_ADDRESS")
        .flag("address", "HOST:PORT")
        .short('a')
        .about("Where the REST API listens")
        .default("nowhere"),
    row!(LOAD, graceful_stop, DURATION)
        .key("gracefulStop")
        .flag("graceful-stop", "DURATION")
        .about("How long iterations in flight may go on when the time is over; scenarios have their own")
        .default("30s"),
    row!(LOAD, arrival, text::<Arrival>())
        .key("arrival")
        .flag("arrival", "KIND")
        .about("How starts of an arrival rate are spread: regular, or poisson for random gaps")
        .default("regular"),
    row!(LOAD, seed, whole::<u64>())
        .key("seed")
        .flag("seed", "N")
        .about("Where random gaps begin; the same seed gives the same starts")
        .default("0"),
    row!(LOAD, warmup, DURATION)
        .key("warmup")
        .flag("warmup", "DURATION")
        .about("Leave the first seconds out of what is measured; whole seconds only")
        .default("0s"),
    row!(LOAD, workers, whole::<usize>())
        .key("workers")
        .flag("workers", "N")
        .about("Worker threads")
        .default("one for each core, at most one for each virtual user"),
    row!(HTTP, expected, text::<ExpectedStatuses>())
        .key("expectStatus")
        .flag("expect-status", "LIST")
        .about("Statuses that pass the check and count as expected: numbers and ranges, as in 200,301-308")
        .default("200-399"),
    row!(HTTP, follow_offsite, SWITCH)
        .key("followOffsite")
        .flag("follow-offsite", "BOOL")
        .about("Follow redirects to other hosts, too")
        .default("false, the redirect is the answer"),
    row!(HTTP, timeout, DURATION)
        .key("timeout")
        .flag("timeout", "DURATION")
        .about("Time allowed for a request, its redirects included")
        .default("60s"),
    row!(HTTP, headers, HEADERS)
        .key("headers")
        .flag("header", "NAME: VALUE")
        .short('H')
        .about("A header for every request; may be repeated"),
    row!(RESULTS, profile_target, text::<ProfileTarget>())
        .key("profileTarget")
        .flag("profile-target", "URL")
        .about("Get the target's CPU profile (pprof) from here in the middle of the run and show it in the report; from /debug/pprof/profile if the URL has no path, and for half of the run, 1 to 30 s, if it has no ?seconds=N"),
];
