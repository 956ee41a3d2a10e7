//! What people see, at several moments of a run.

use std::{io, time::Duration};

use indicatif::{InMemoryTerm, TermLike};

use super::{lines::Lines, screen::Screen};
use crate::run_event::{Progress, RunEvent, RunHeader, ScenarioProgress, ScenarioStatus};

fn header(scenarios: &[(&str, &str)], max_vus: u64, max_seconds: u64) -> RunEvent {
    RunEvent::Header(RunHeader {
        share: 1.0,
        dashboard: None,
        target: "http://127.0.0.1:8080".into(),
        outputs: vec!["reports/summary.txt".into(), "reports/summary.json".into()],
        scenarios: scenarios.iter().map(|(n, d)| ((*n).into(), (*d).into())).collect(),
        max_vus,
        max_duration: Duration::from_secs(max_seconds),
    })
}

fn looping() -> RunEvent {
    header(&[("default", "10 looping VUs for 30s (gracefulStop: 30s)")], 10, 60)
}

fn scenario(
    name: &str,
    status: ScenarioStatus,
    fraction: f64,
    columns: &[&str],
) -> ScenarioProgress {
    let columns = columns.iter().map(|&column| column.into()).collect();
    ScenarioProgress { name: name.into(), status, fraction, columns }
}

fn progress(millis: u64, active: u64, complete: u64, scenario: ScenarioProgress) -> Progress {
    Progress {
        elapsed: Duration::from_millis(millis),
        active_vus: active,
        initialized_vus: 10,
        complete,
        interrupted: 0,
        scenarios: vec![scenario],
    }
}

/// The looping run of [`looping`], `millis` after its start.
fn moment(millis: u64) -> Progress {
    let running = scenario(
        "default",
        ScenarioStatus::Running,
        millis as f64 / 30_000.0,
        &["10 VUs", &format!("{:04.1}s/30s", millis as f64 / 1000.0)],
    );
    progress(millis, 10, millis / 20, running)
}

fn end() -> RunEvent {
    let done = scenario("default", ScenarioStatus::Done, 1.0, &["10 VUs", "30s"]);
    RunEvent::Ended(progress(30_040, 0, 1502, done))
}

#[test]
fn without_a_terminal_there_is_a_block_each_second() {
    let mut lines = Lines::new(Vec::new());
    lines.on_event(&looping());
    for millis in (100..=2_200).step_by(100) {
        lines.on_event(&RunEvent::Progress(moment(millis)));
    }
    lines.on_event(&end());
    insta::assert_snapshot!(lines.text(), @r#"

         execution: local
            target: http://127.0.0.1:8080
            output: reports/summary.txt, reports/summary.json

         scenarios: 1 scenario, 10 max VUs, 1m0s max duration (incl. graceful stop):
                  * default: 10 looping VUs for 30s (gracefulStop: 30s)


    running (0m01.0s), 10/10 VUs, 50 complete and 0 interrupted iterations
    default   [   3% ] 10 VUs  01.0s/30s

    running (0m02.0s), 10/10 VUs, 100 complete and 0 interrupted iterations
    default   [   7% ] 10 VUs  02.0s/30s

    running (0m30.0s), 00/10 VUs, 1502 complete and 0 interrupted iterations
    default ✓ [ 100% ] 10 VUs  30s
    "#);
}

#[test]
fn a_late_event_does_not_make_two_blocks() {
    let mut lines = Lines::new(Vec::new());
    lines.on_event(&looping());
    let before = lines.text().len();
    for millis in [900, 3_950, 3_990, 4_100] {
        lines.on_event(&RunEvent::Progress(moment(millis)));
    }
    let text = lines.text();
    let times: Vec<_> = text[before..].lines().filter(|line| line.starts_with("running")).collect();
    assert_eq!(times.len(), 2, "{times:?}");
}

#[test]
fn columns_of_several_scenarios_stand_below_each_other() {
    let mut lines = Lines::new(Vec::new());
    let long = "a_very_long_scenario_name_that_exceeds_thirty_chars";
    lines.on_event(&header(
        &[
            ("rate", "1.50 iterations/s for 4s (maxVUs: 2-15, gracefulStop: 30s)"),
            ("shared", "8 iterations shared among 2 VUs (maxDuration: 10s, gracefulStop: 30s)"),
            ("tail", "1 looping VUs for 2s (gracefulStop: 5s)"),
            ("cut", "1 looping VUs for 2s"),
            (long, "1 looping VUs for 1s (startTime: 5s, gracefulStop: 1s)"),
        ],
        115,
        600,
    ));
    lines.on_event(&RunEvent::Ended(Progress {
        elapsed: Duration::from_millis(4_000),
        active_vus: 8,
        initialized_vus: 26,
        complete: 180,
        interrupted: 3,
        scenarios: vec![
            scenario(
                "rate",
                ScenarioStatus::Running,
                0.625,
                &["000/002 VUs", "2.5s/4s", "1.50 iters/s"],
            ),
            scenario(
                "shared",
                ScenarioStatus::Done,
                1.0,
                &["2 VUs", "01.2s/10s", "8/8 shared iters"],
            ),
            scenario("tail", ScenarioStatus::Stopping, 1.0, &["1 VUs", "2s"]),
            scenario("cut", ScenarioStatus::Interrupted, 0.995, &["1 VUs", "2.0s/2s"]),
            scenario(long, ScenarioStatus::Waiting, 0.0, &["waiting", "1.0s"]),
        ],
    }));
    let text = lines.text();
    let (_, block) = text.split_once("\n\nrunning").expect("there is a block");
    insta::assert_snapshot!(block, @r#"
     (00m04.0s), 008/26 VUs, 180 complete and 3 interrupted iterations
    rate                             [  62% ] 000/002 VUs  2.5s/4s    1.50 iters/s
    shared                         ✓ [ 100% ] 2 VUs        01.2s/10s  8/8 shared iters
    tail                           ↓ [ 100% ] 1 VUs        2s
    cut                            ✗ [ 100% ] 1 VUs        2.0s/2s
    a_very_long_scenario_name_t... • [   0% ] waiting      1.0s
    "#);
}

#[test]
fn a_closed_stream_is_no_reason_to_stop() {
    struct Closed;
    impl io::Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Err(io::ErrorKind::BrokenPipe.into())
        }
    }
    let mut lines = Lines::new(Closed);
    for event in [looping(), RunEvent::Progress(moment(1_000)), end()] {
        lines.on_event(&event);
    }
}

#[test]
fn a_terminal_shows_one_block_that_changes() {
    let term = InMemoryTerm::new(24, 100);
    let mut screen = Screen::new(term.clone(), false);
    screen.on_event(&looping());
    screen.on_event(&RunEvent::Progress(moment(100)));
    screen.on_event(&RunEvent::Progress(moment(7_300)));
    insta::assert_snapshot!(term.contents(), @r#"

         execution: local
            target: http://127.0.0.1:8080
            output: reports/summary.txt, reports/summary.json

         scenarios: 1 scenario, 10 max VUs, 1m0s max duration (incl. graceful stop):
                  * default: 10 looping VUs for 30s (gracefulStop: 30s)

    running (0m07.3s), 10/10 VUs, 365 complete and 0 interrupted iterations
    default   [========>-----------------------------] 10 VUs  07.3s/30s
    "#);

    screen.on_event(&end());
    insta::assert_snapshot!(term.contents(), @r#"

         execution: local
            target: http://127.0.0.1:8080
            output: reports/summary.txt, reports/summary.json

         scenarios: 1 scenario, 10 max VUs, 1m0s max duration (incl. graceful stop):
                  * default: 10 looping VUs for 30s (gracefulStop: 30s)

    running (0m30.0s), 00/10 VUs, 1502 complete and 0 interrupted iterations
    default ✓ [======================================] 10 VUs  30s
    "#);
    term.write_line("next").expect("memory takes it");
    assert!(term.contents().ends_with("30s\nnext"), "the cursor is at the beginning of a line");
}

#[test]
fn bars_take_the_room_that_a_terminal_has() {
    let shown = |columns| {
        let term = InMemoryTerm::new(24, columns);
        let mut screen = Screen::new(term.clone(), false);
        screen.on_event(&looping());
        screen.on_event(&RunEvent::Progress(moment(15_000)));
        let contents = term.contents();
        contents.lines().last().unwrap_or_default().to_owned()
    };
    insta::assert_snapshot!([120, 60, 45, 38, 36].map(shown).join("\n"), @r#"
    default   [==================>-------------------] 10 VUs  15.0s/30s
    default   [=============>---------------] 10 VUs  15.0s/30s
    default   [======>-------] 10 VUs  15.0s/30s
    default   [==>----] 10 VUs  15.0s/30s
    default   [  50% ] 10 VUs  15.0s/30s
    "#);
}

#[test]
fn colours_only_when_they_are_wanted() {
    let shown = |color| {
        let term = InMemoryTerm::new(24, 100);
        let mut screen = Screen::new(term.clone(), color);
        screen.on_event(&looping());
        screen.on_event(&RunEvent::Progress(moment(15_000)));
        screen.on_event(&end());
        String::from_utf8_lossy(&term.contents_formatted()).into_owned()
    };
    // The terminal adds codes of its own: only those for colours count.
    for code in ["\x1b[36m", "\x1b[32m"] {
        assert!(shown(true).contains(code));
        assert!(!shown(false).contains(code));
    }
}

#[test]
fn a_line_of_the_log_stands_above_the_block() {
    let term = InMemoryTerm::new(20, 100);
    let mut screen = Screen::new(term.clone(), false);
    screen.on_event(&looping());
    screen.on_event(&RunEvent::Progress(moment(1_000)));
    screen.above(|| term.write_line("WARN[0001] Request Failed").expect("it is in memory"));
    screen.on_event(&RunEvent::Progress(moment(2_000)));
    screen.on_event(&end());
    insta::assert_snapshot!(term.contents(), @"

         execution: local
            target: http://127.0.0.1:8080
            output: reports/summary.txt, reports/summary.json

         scenarios: 1 scenario, 10 max VUs, 1m0s max duration (incl. graceful stop):
                  * default: 10 looping VUs for 30s (gracefulStop: 30s)
    WARN[0001] Request Failed

    running (0m30.0s), 00/10 VUs, 1502 complete and 0 interrupted iterations
    default ✓ [======================================] 10 VUs  30s
    ");
}
