//! Option files of every kind with the plans that they stand for, worked out by hand.
//!
//! "Grace" is `gracefulStop`, 30 s unless said otherwise.

/// An option file and what comes of it.
pub(super) struct Case {
    pub(super) name: &'static str,
    pub(super) options: &'static str,
    /// Until the last iteration is over at the latest.
    pub(super) total: &'static str,
    pub(super) max_vus: u64,
    /// The executor of each scenario.
    pub(super) scenarios: &'static [(&'static str, &'static str)],
    /// What a site sees of it, if it is short.
    pub(super) seen: Option<Seen>,
}

/// When iterations start, in milliseconds after the first, if a request takes `service_time`.
pub(super) struct Seen {
    pub(super) service_time: u64,
    pub(super) starts: &'static [f64],
}

const fn seen(service_time: u64, starts: &'static [f64]) -> Option<Seen> {
    Some(Seen { service_time, starts })
}

/// All of them.
pub(super) fn all() -> impl Iterator<Item = &'static Case> {
    [SHORTCUTS, SINGLE, SEVERAL].into_iter().flatten()
}

/// Options that stand for one scenario.
const SHORTCUTS: &[Case] = &[
    Case {
        name: "nothing: one iteration of one VU, for which there are 10 min and the grace",
        options: "{}",
        total: "10m30s",
        max_vus: 1,
        scenarios: &[("default", "per-vu-iterations")],
        seen: seen(20, &[0.0]),
    },
    Case {
        name: "vus alone: as many iterations, 10 min and the grace",
        options: r#"{"vus": 3}"#,
        total: "10m30s",
        max_vus: 3,
        scenarios: &[("default", "shared-iterations")],
        seen: seen(20, &[0.0, 0.0, 0.0]),
    },
    Case {
        name: "iterations: five for two VUs",
        options: r#"{"vus": 2, "iterations": 5}"#,
        total: "10m30s",
        max_vus: 2,
        scenarios: &[("default", "shared-iterations")],
        seen: seen(300, &[0.0, 0.0, 300.0, 300.0, 600.0]),
    },
    Case {
        name: "iterations and duration: none starts after 1 s",
        options: r#"{"vus": 2, "iterations": 50, "duration": "1s"}"#,
        total: "31s",
        max_vus: 2,
        scenarios: &[("default", "shared-iterations")],
        seen: seen(400, &[0.0, 0.0, 400.0, 400.0, 800.0, 800.0]),
    },
    Case {
        name: "duration: 1 s and the grace",
        options: r#"{"vus": 2, "duration": "1s"}"#,
        total: "31s",
        max_vus: 2,
        scenarios: &[("default", "constant-vus")],
        seen: seen(250, &[0.0, 0.0, 250.0, 250.0, 500.0, 500.0, 750.0, 750.0]),
    },
    Case {
        name: "trap 22: numbers as text, and a duration without unit is milliseconds",
        options: r#"{"vus": "2", "duration": 1500, "gracefulStop": "250ms"}"#,
        total: "1.75s",
        max_vus: 2,
        scenarios: &[("default", "constant-vus")],
        seen: seen(600, &[0.0, 0.0, 600.0, 600.0, 1200.0, 1200.0]),
    },
    // From 1 VU: the 2nd at 1 − 1·(3−2)/2 = 0.5 s, the 3rd at 1 s; down at 2 − 1·2/3 = 1.333, 1.667
    // and 2 s. Until 1.667 + 30 s there is one; 2 + 30 s is the end of the grace anyway.
    // The 1st VU starts at 0, 400, …, 1600, the 2nd at 500, 900, 1300, the 3rd at 1000.
    Case {
        name: "stages: they start from one VU (trap 07)",
        options: r#"{"stages": [{"duration": "1s", "target": 3}, {"duration": "1s", "target": 0}]}"#,
        total: "32s",
        max_vus: 3,
        scenarios: &[("default", "ramping-vus")],
        seen: seen(400, &[0.0, 400.0, 500.0, 800.0, 900.0, 1000.0, 1200.0, 1300.0, 1600.0]),
    },
    // VUs at 300, 600 and 900 ms, and the end at 900: the 1st has 300, 500, 700, the 2nd 600, 800,
    // the 3rd nothing. First start: 300.
    Case {
        name: "stages from no VU",
        options: r#"{"vus": 0, "stages": [{"duration": "900ms", "target": 3}]}"#,
        total: "30.9s",
        max_vus: 3,
        scenarios: &[("default", "ramping-vus")],
        seen: seen(200, &[0.0, 200.0, 300.0, 400.0, 500.0]),
    },
    // Of 7 VUs the stripes 0,1,0,2 give the half numbers 1, 3, 5 and 7.
    Case {
        name: "trap 24: a half of seven VUs",
        options: r#"{"vus": 7, "duration": "1s", "executionSegment": "0:1/2",
                     "executionSegmentSequence": "0,1/2,3/4,1"}"#,
        total: "31s",
        max_vus: 4,
        scenarios: &[("default", "constant-vus")],
        seen: seen(
            400,
            &[0.0, 0.0, 0.0, 0.0, 400.0, 400.0, 400.0, 400.0, 800.0, 800.0, 800.0, 800.0],
        ),
    },
    // 5 VUs are 2, 2 and 1; the iterations follow them: 17 are dealt to 5 in the pattern 0,1,2,0,1.
    // The second third has numbers 1, 4, 6, 9, 11, 14, 16.
    Case {
        name: "trap 24: the second third of 17 iterations shared by 5 VUs",
        options: r#"{"vus": 5, "iterations": 17, "duration": "20s", "executionSegment": "1/3:2/3",
                     "executionSegmentSequence": "0,1/3,2/3,1"}"#,
        total: "50s",
        max_vus: 2,
        scenarios: &[("default", "shared-iterations")],
        seen: seen(200, &[0.0, 0.0, 200.0, 200.0, 400.0, 400.0, 600.0]),
    },
];

/// One scenario of each executor, with what it can be told.
const SINGLE: &[Case] = &[
    Case {
        name: "per-vu-iterations without grace",
        options: r#"{"scenarios": {"each": {"executor": "per-vu-iterations", "vus": 2,
                     "iterations": 3, "maxDuration": "5s", "gracefulStop": "0s"}}}"#,
        total: "5s",
        max_vus: 2,
        scenarios: &[("each", "per-vu-iterations")],
        seen: seen(200, &[0.0, 0.0, 200.0, 200.0, 400.0, 400.0]),
    },
    // 900 ms / 8 = 112.5 ms; the 9th at 8 · 112.5 = 900, the 10th would be at 1012.5.
    Case {
        name: "constant-arrival-rate: the first at once (trap 01)",
        options: r#"{"scenarios": {"clock": {"executor": "constant-arrival-rate", "rate": 8,
                     "timeUnit": "900ms", "duration": "1s", "preAllocatedVUs": 5, "maxVUs": 8}}}"#,
        total: "31s",
        max_vus: 8,
        scenarios: &[("clock", "constant-arrival-rate")],
        seen: seen(20, &[0.0, 112.5, 225.0, 337.5, 450.0, 562.5, 675.0, 787.5, 900.0]),
    },
    // 60 s / 90 = 666.666666 ms, cut to nanoseconds (trap 02); the sixth would be at 3.33 s.
    Case {
        name: "constant-arrival-rate by the minute",
        options: r#"{"scenarios": {"clock": {"executor": "constant-arrival-rate", "rate": 90,
                     "timeUnit": "1m", "duration": "3s", "preAllocatedVUs": 2, "maxVUs": 15,
                     "gracefulStop": "2s"}}}"#,
        total: "5s",
        max_vus: 15,
        scenarios: &[("clock", "constant-arrival-rate")],
        seen: seen(20, &[0.0, 666.666, 1333.333, 2000.0, 2666.666]),
    },
    // Each 180 ms. The one at 0 finds no VU, is dropped, and lets one be made; 180 to 900 have it.
    Case {
        name: "constant-arrival-rate without a VU at first (trap 04)",
        options: r#"{"scenarios": {"clock": {"executor": "constant-arrival-rate", "rate": 5,
                     "timeUnit": "900ms", "duration": "1s", "preAllocatedVUs": 0, "maxVUs": 3}}}"#,
        total: "31s",
        max_vus: 3,
        scenarios: &[("clock", "constant-arrival-rate")],
        seen: seen(20, &[0.0, 180.0, 360.0, 540.0, 720.0]),
    },
    // Stripes of three: the second third has iterations 1, 4, 7, 10 of those each 100 ms.
    Case {
        name: "trap 24: a third of an arrival rate has a third of the due times",
        options: r#"{"scenarios": {"clock": {"executor": "constant-arrival-rate", "rate": 10,
                     "duration": "1050ms", "preAllocatedVUs": 3}},
                     "executionSegment": "1/3:2/3", "executionSegmentSequence": "0,1/3,2/3,1"}"#,
        total: "31.05s",
        max_vus: 1,
        scenarios: &[("clock", "constant-arrival-rate")],
        seen: seen(20, &[0.0, 300.0, 600.0, 900.0]),
    },
    // The area under 0 → 9/s in 2 s is 9/4·t²: the i-th starts at ⅔·√i s: 666.7, 942.8, 1154.7,
    // 1333.3, 1490.7, 1633.0, 1763.8, 1885.6 and 2000 ms. The last stage adds 0.9, so none.
    Case {
        name: "ramping-arrival-rate from nothing",
        options: r#"{"scenarios": {"ramp": {"executor": "ramping-arrival-rate",
                     "preAllocatedVUs": 4, "stages": [{"duration": "2s", "target": 9},
                     {"duration": "200ms", "target": 0}]}}}"#,
        total: "32.2s",
        max_vus: 4,
        scenarios: &[("ramp", "ramping-arrival-rate")],
        seen: seen(20, &[0.0, 276.1, 488.0, 666.7, 824.0, 966.3, 1097.2, 1219.0, 1333.3]),
    },
    // startRate 10/s for 0.5 s: 100 to 500 ms; a jump to 2/s: at 1000 and 1500.
    Case {
        name: "ramping-arrival-rate with a jump",
        options: r#"{"scenarios": {"ramp": {"executor": "ramping-arrival-rate", "startRate": 10,
                     "preAllocatedVUs": 2, "maxVUs": 3, "gracefulStop": "1s", "stages": [
                     {"duration": "500ms", "target": 10}, {"duration": "0s", "target": 2},
                     {"duration": "1250ms", "target": 2}]}}}"#,
        total: "2.75s",
        max_vus: 3,
        scenarios: &[("ramp", "ramping-arrival-rate")],
        seen: seen(20, &[0.0, 100.0, 200.0, 300.0, 400.0, 900.0, 1400.0]),
    },
    // Raw steps 0:4 1:5 2:6 3:5 … 7:1 … 11:5 … 20:1 23:0. With a grace of 3 s all must be over at
    // 23 + 3 s, before any VU's own 30 s are.
    Case {
        name: "ramping-vus up and down, cut by gracefulStop",
        options: r#"{"scenarios": {"ramp": {"executor": "ramping-vus", "startVUs": 4,
                     "gracefulStop": "3s", "stages": [
                     {"duration": "2s", "target": 6}, {"duration": "5s", "target": 1},
                     {"duration": "4s", "target": 5}, {"duration": "4s", "target": 1},
                     {"duration": "3s", "target": 4}, {"duration": "2s", "target": 4},
                     {"duration": "0s", "target": 1}, {"duration": "3s", "target": 1}]}}}"#,
        total: "26s",
        max_vus: 6,
        scenarios: &[("ramp", "ramping-vus")],
        seen: None,
    },
    // No grace at all: three VUs at once, two of them gone at 600, the end at 1200.
    Case {
        name: "ramping-vus that jumps",
        options: r#"{"scenarios": {"jump": {"executor": "ramping-vus", "startVUs": 0,
                     "gracefulRampDown": "0s", "gracefulStop": "0s", "stages": [
                     {"duration": "0s", "target": 3}, {"duration": "600ms", "target": 3},
                     {"duration": "0s", "target": 1}, {"duration": "600ms", "target": 1}]}}}"#,
        total: "1.2s",
        max_vus: 3,
        scenarios: &[("jump", "ramping-vus")],
        seen: seen(250, &[0.0, 0.0, 0.0, 250.0, 250.0, 250.0, 500.0, 500.0, 500.0, 750.0, 1000.0]),
    },
    // 2 VUs until 500, down at 750 and 1000; each has 300 ms more: 1.3 s, whatever comes after.
    Case {
        name: "trap 06: ramping-vus ends with its last VU, not with its last stage",
        options: r#"{"scenarios": {"ramp": {"executor": "ramping-vus", "startVUs": 2,
                     "gracefulRampDown": "300ms", "stages": [{"duration": "500ms", "target": 2},
                     {"duration": "500ms", "target": 0}, {"duration": "10s", "target": 0}]}}}"#,
        total: "1.3s",
        max_vus: 2,
        scenarios: &[("ramp", "ramping-vus")],
        seen: seen(250, &[0.0, 0.0, 250.0, 250.0, 500.0, 500.0, 750.0]),
    },
    // 0 → 10 in 10 s, → 0 in 5 s: the last third has VUs 3, 6 and 9, the first of which goes last,
    // at 15 − 5·2/10 = 14 s; and 30 s for that.
    Case {
        name: "trap 24: the last third of ramping-vus ends when its own VUs do",
        options: r#"{"scenarios": {"ramp": {"executor": "ramping-vus", "startVUs": 0, "stages": [
                     {"duration": "10s", "target": 10}, {"duration": "5s", "target": 0}]}},
                     "executionSegment": "2/3:1", "executionSegmentSequence": "0,1/3,2/3,1"}"#,
        total: "44s",
        max_vus: 3,
        scenarios: &[("ramp", "ramping-vus")],
        seen: None,
    },
    Case {
        name: "externally-controlled has no grace",
        options: r#"{"scenarios": {"outside": {"executor": "externally-controlled", "vus": 2,
                     "maxVUs": 5, "duration": "90s"}}}"#,
        total: "1m30s",
        max_vus: 5,
        scenarios: &[("outside", "externally-controlled")],
        seen: None,
    },
];

/// Several scenarios.
const SEVERAL: &[Case] = &[
    // Each 250 ms: the constant one from 0, the ramping one from 250.
    Case {
        name: "trap 01: a constant rate begins at once and a ramp never does",
        options: r#"{"scenarios": {
                     "constant": {"executor": "constant-arrival-rate", "rate": 4,
                     "duration": "1100ms", "preAllocatedVUs": 2},
                     "ramping": {"executor": "ramping-arrival-rate", "startRate": 4,
                     "preAllocatedVUs": 3, "stages": [{"duration": "1100ms", "target": 4}]}}}"#,
        total: "31.1s",
        max_vus: 5,
        scenarios: &[("constant", "constant-arrival-rate"), ("ramping", "ramping-arrival-rate")],
        seen: seen(20, &[0.0, 250.0, 250.0, 500.0, 500.0, 750.0, 750.0, 1000.0, 1000.0]),
    },
    // a is there from 0 to 1 s, b from 0.6 to 1.6, c's two from 1 to 2: most are b and c.
    Case {
        name: "start times",
        options: r#"{"scenarios": {
                     "a": {"executor": "per-vu-iterations", "maxDuration": "1s",
                     "gracefulStop": "0s"},
                     "b": {"executor": "per-vu-iterations", "maxDuration": "1s",
                     "gracefulStop": "0s", "startTime": "600ms"},
                     "c": {"executor": "shared-iterations", "vus": 2, "iterations": 2,
                     "maxDuration": "1s", "gracefulStop": "0s", "startTime": "1s"}}}"#,
        total: "2s",
        max_vus: 3,
        scenarios: &[
            ("a", "per-vu-iterations"),
            ("b", "per-vu-iterations"),
            ("c", "shared-iterations"),
        ],
        seen: seen(20, &[0.0, 600.0, 1000.0, 1000.0]),
    },
    Case {
        name: "one after the other, without grace: the VUs of the first serve the second",
        options: r#"{"scenarios": {
                     "first": {"executor": "constant-vus", "vus": 3, "duration": "1s",
                     "gracefulStop": "0s"},
                     "second": {"executor": "constant-vus", "vus": 2, "duration": "1s",
                     "gracefulStop": "0s", "startTime": "1s"}}}"#,
        total: "2s",
        max_vus: 3,
        scenarios: &[("first", "constant-vus"), ("second", "constant-vus")],
        seen: seen(600, &[0.0, 0.0, 0.0, 600.0, 600.0, 600.0, 1000.0, 1000.0, 1600.0, 1600.0]),
    },
    Case {
        name: "one after the other, with grace: they may be busy",
        options: r#"{"scenarios": {
                     "first": {"executor": "constant-vus", "vus": 3, "duration": "1s"},
                     "second": {"executor": "constant-vus", "vus": 2, "duration": "1s",
                     "startTime": "1s"}}}"#,
        total: "32s",
        max_vus: 5,
        scenarios: &[("first", "constant-vus"), ("second", "constant-vus")],
        seen: None,
    },
    // From 5 to 15 s there are shared 2, each 3, constant 4, clock 2 + 4 and outside 7: 22. After
    // that the ramp (5 from 40 s on) comes to less: at 37.5 s 2 + 3 + 4 + 7. `each` is the last:
    // 5 s + 10 min, without grace.
    Case {
        name: "all executors at once",
        options: r#"{"scenarios": {
                     "shared": {"executor": "shared-iterations", "vus": 2, "iterations": 8,
                     "maxDuration": "10s"},
                     "each": {"executor": "per-vu-iterations", "vus": 3, "startTime": "5s",
                     "gracefulStop": "0s"},
                     "constant": {"executor": "constant-vus", "vus": 4, "duration": "20s",
                     "gracefulStop": "10s"},
                     "ramp": {"executor": "ramping-vus", "startTime": "30s",
                     "stages": [{"duration": "10s", "target": 5}]},
                     "clock": {"executor": "constant-arrival-rate", "rate": 1, "duration": "10s",
                     "preAllocatedVUs": 2, "maxVUs": 6, "gracefulStop": "5s"},
                     "rates": {"executor": "ramping-arrival-rate", "preAllocatedVUs": 1,
                     "startTime": "1m", "stages": [{"duration": "5s", "target": 1}]},
                     "outside": {"executor": "externally-controlled", "maxVUs": 7,
                     "duration": "2m"}}}"#,
        total: "10m5s",
        max_vus: 22,
        scenarios: &[
            ("clock", "constant-arrival-rate"),
            ("constant", "constant-vus"),
            ("each", "per-vu-iterations"),
            ("outside", "externally-controlled"),
            ("ramp", "ramping-vus"),
            ("rates", "ramping-arrival-rate"),
            ("shared", "shared-iterations"),
        ],
        seen: None,
    },
];
