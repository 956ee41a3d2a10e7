//! Which VU works for which scenario at what time.
//!
//! A *lane* is one VU for its whole life. Each scenario sets VUs aside for some time; a lane that
//! is free takes the next such time, so that a VU whose scenario is over serves another one, and
//! there are no more lanes than VUs that are needed at once. All of it is known beforehand: while
//! the test runs, no VU has to be asked for. Knows nothing of what a VU is.

use std::{cmp::Reverse, collections::BinaryHeap, time::Duration};

use super::work::{Arrivals, External, Span, Stint, Work};

/// One VU for its whole life.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lane {
    /// What it does, in order; no two at a time.
    pub turns: Vec<Turn>,
}

/// What a VU does for one scenario. All times count from the start of the test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// The scenario, by its place among all.
    pub scenario: usize,
    /// When the VU is set aside.
    pub start: Duration,
    /// When an iteration that is still under way is cut off, and the VU is free for others. None:
    /// not before the test ends.
    pub end: Option<Duration>,
    /// What it does then.
    pub task: Task,
}

/// What a VU does when it is set aside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// It starts iterations in these spans.
    Loop(Vec<Span>),
    /// It waits for iterations that the clock starts.
    Serve,
    /// It loops while somebody outside wants so many VUs that it is one of them.
    Follow {
        /// How many come before it.
        slot: u64,
    },
}

/// The lanes of scenarios that start at the given times; VUs that are made while the test runs
/// come on top.
pub fn lanes<'a>(scenarios: impl IntoIterator<Item = (Duration, &'a Work)>) -> Vec<Lane> {
    let scenarios = scenarios.into_iter().enumerate();
    let mut turns: Vec<Turn> =
        scenarios.flat_map(|(scenario, (start, work))| turns(scenario, start, work)).collect();
    // A ramp may take a VU away at the instant at which it wants it: nobody is needed for that.
    turns.retain(|turn| turn.end.is_none_or(|end| end > turn.start));
    turns.sort_by_key(|turn| turn.start);

    let mut lanes: Vec<Lane> = Vec::new();
    let mut free = BinaryHeap::new();
    let mut busy = BinaryHeap::new();
    for turn in turns {
        while let Some(&Reverse((end, lane))) = busy.peek()
            && end <= turn.start
        {
            busy.pop();
            free.push(Reverse(lane));
        }
        let lane = match free.pop() {
            Some(Reverse(lane)) => lane,
            None => {
                lanes.push(Lane::default());
                lanes.len() - 1
            }
        };
        if let Some(end) = turn.end {
            busy.push(Reverse((end, lane)));
        }
        lanes[lane].turns.push(turn);
    }
    lanes
}

/// One for each VU that a scenario sets aside, by start and then by slot.
fn turns(scenario: usize, start_time: Duration, work: &Work) -> Vec<Turn> {
    let alike = |vus: u64, end: Option<Duration>, task: &dyn Fn(u64) -> Task| {
        let end = end.map(|end| start_time + end);
        let turn = |slot| Turn { scenario, start: start_time, end, task: task(slot) };
        (0..vus).map(turn).collect()
    };
    match work {
        Work::Loops(loops) => loops
            .stints
            .iter()
            .map(|stint| Turn {
                scenario,
                start: start_time + stint.start(),
                end: Some(start_time + stint.cut),
                task: Task::Loop(shifted(stint, start_time)),
            })
            .collect(),
        Work::Arrivals(Arrivals { pre_allocated_vus, cut, .. }) => {
            alike(*pre_allocated_vus, Some(*cut), &|_| Task::Serve)
        }
        Work::External(External { max_vus, duration, .. }) => {
            alike(*max_vus, *duration, &|slot| Task::Follow { slot })
        }
    }
}

fn shifted(stint: &Stint, by: Duration) -> Vec<Span> {
    stint.spans.iter().map(|span| Span { start: by + span.start, stop: by + span.stop }).collect()
}

#[cfg(test)]
mod tests;
