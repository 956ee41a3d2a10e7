//! Stacks, added up: what was spent in each function, and in each of its calls.

use std::{cmp::Reverse, collections::HashMap};

use indexmap::IndexMap;

use crate::{
    metrics::OTHER,
    summary::{
        model::{Call, HotFunction},
        profile::cut,
    },
};

/// Different calls that are told apart; real profiles have some ten thousand.
const MOST_CALLS: usize = 1 << 19;

/// Longer names are cut.
const LONGEST_NAME: usize = 120;

/// See the module.
#[derive(Debug, Default)]
pub(super) struct CallTree {
    /// By name.
    functions: IndexMap<String, Spent>,
    /// By the places of caller, here, and function; what was spent in the call. Callers stand before
    /// those that they called.
    calls: IndexMap<(Option<usize>, usize), u64>,
    total: u64,
    stacks: u64,
}

#[derive(Debug, Default)]
struct Spent {
    itself: u64,
    total: u64,
    /// The number of the last stack that it was in: one that calls itself is in it once.
    stack: u64,
}

/// What is shown of the calls that one call made.
#[derive(Debug, Default)]
struct Callees {
    /// Largest first.
    shown: Vec<usize>,
    /// What was spent in the others.
    other: u64,
}

/// There is more of it than anybody wants to see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is too large")]
pub(super) struct TooLarge;

impl CallTree {
    /// The place of the function with this name.
    pub(super) fn function(&mut self, name: String) -> usize {
        let entry = self.functions.entry(name);
        let place = entry.index();
        entry.or_default();
        place
    }

    /// Adds what was spent in a stack of functions, the outermost first.
    pub(super) fn add(
        &mut self,
        stack: impl Iterator<Item = usize>,
        value: u64,
    ) -> Result<(), TooLarge> {
        self.stacks += 1;
        add(&mut self.total, value);
        let (mut caller, mut running) = (None, None);
        for function in stack {
            let entry = self.calls.entry((caller, function));
            let call = entry.index();
            if call >= MOST_CALLS {
                return Err(TooLarge);
            }
            add(entry.or_default(), value);
            let spent = &mut self.functions[function];
            if spent.stack != self.stacks {
                spent.stack = self.stacks;
                add(&mut spent.total, value);
            }
            (caller, running) = (Some(call), Some(function));
        }
        if let Some(function) = running {
            add(&mut self.functions[function].itself, value);
        }
        Ok(())
    }

    /// What was spent in all.
    pub(super) fn total(&self) -> u64 {
        self.total
    }

    /// The functions that were running most, most first.
    pub(super) fn hottest(&self, most: usize) -> Vec<HotFunction> {
        let ran = self.functions.iter().filter(|(_, spent)| spent.itself > 0);
        let mut ran: Vec<_> = ran.collect();
        ran.sort_by_key(|(name, spent)| (Reverse((spent.itself, spent.total)), *name));
        ran.truncate(most);
        let hot = |(name, spent): (&String, &Spent)| HotFunction {
            name: cut(name, LONGEST_NAME),
            itself: spent.itself,
            total: spent.total,
        };
        ran.into_iter().map(hot).collect()
    }

    /// The calls in which at least this much was spent, and the `most` largest of them at most. Each
    /// is followed by those that it made, largest first, and all that is too small in one.
    pub(super) fn calls(&self, least: u64, most: usize) -> Vec<Call> {
        let value = |call: usize| self.calls[call];
        let mut shown: Vec<_> = (0..self.calls.len()).filter(|it| value(*it) >= least).collect();
        // A call is no larger than its caller, which stands before it: whatever is cut off here, no
        // call is left without its caller.
        shown.sort_by_key(|call| Reverse(value(*call)));
        shown.truncate(most);

        let mut callees = HashMap::from([(None, Callees::default())]);
        callees.extend(shown.iter().map(|call| (Some(*call), Callees::default())));
        for call in shown {
            if let Some(callees) = callees.get_mut(&self.caller(call)) {
                callees.shown.push(call);
            }
        }
        for call in 0..self.calls.len() {
            if !callees.contains_key(&Some(call))
                && let Some(callees) = callees.get_mut(&self.caller(call))
            {
                add(&mut callees.other, value(call));
            }
        }
        self.in_order(&callees)
    }

    /// With a list of what is still to come: calls may be nested deeper than this thread's could be.
    fn in_order(&self, callees: &HashMap<Option<usize>, Callees>) -> Vec<Call> {
        let mut calls = Vec::new();
        let mut waiting = Vec::new();
        let wait_for_callees = |call: Option<usize>, depth: usize, waiting: &mut Vec<_>| {
            if let Some(Callees { shown, other }) = callees.get(&call) {
                waiting.extend((*other > 0).then_some((None, depth, *other)));
                waiting.extend(shown.iter().rev().map(|&it| (Some(it), depth, self.calls[it])));
            }
        };
        wait_for_callees(None, 0, &mut waiting);
        while let Some((call, depth, value)) = waiting.pop() {
            // Small calls have one name together.
            let name = call.map_or(OTHER, |call| self.name(call));
            calls.push(Call { depth, name: cut(name, LONGEST_NAME), value });
            if call.is_some() {
                wait_for_callees(call, depth + 1, &mut waiting);
            }
        }
        calls
    }

    fn caller(&self, call: usize) -> Option<usize> {
        self.calls.get_index(call).and_then(|((caller, _), _)| *caller)
    }

    fn name(&self, call: usize) -> &str {
        let function = self.calls.get_index(call).map(|((_, function), _)| *function);
        let named = function.and_then(|function| self.functions.get_index(function));
        named.map_or("", |(name, _)| name)
    }
}

fn add(sum: &mut u64, value: u64) {
    *sum = sum.saturating_add(value);
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn tree(stacks: &[(&str, u64)]) -> CallTree {
        let mut tree = CallTree::default();
        for (stack, value) in stacks {
            let names = stack.split(';').map(str::to_owned);
            let stack: Vec<_> = names.map(|name| tree.function(name)).collect();
            tree.add(stack.into_iter(), *value).expect("it is small");
        }
        tree
    }

    fn calls(tree: &CallTree, least: u64, most: usize) -> String {
        let line = |call: Call| format!("{}{} {}", "  ".repeat(call.depth), call.name, call.value);
        tree.calls(least, most).into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    fn hottest(tree: &CallTree) -> String {
        let line = |HotFunction { name, itself, total }| format!("{name} {itself} {total}");
        tree.hottest(3).into_iter().map(line).collect::<Vec<_>>().join("\n")
    }

    #[test]
    fn stacks_that_begin_alike_are_one() {
        let tree = tree(&[
            ("main;serve;read", 10),
            ("main;serve;write", 80),
            ("main;serve", 5),
            ("main;tick", 2),
            ("main;log", 3),
            ("idle", 1),
        ]);
        assert_eq!(tree.total(), 101);
        insta::assert_snapshot!(calls(&tree, 1, 100), @r"
        main 100
          serve 95
            write 80
            read 10
          log 3
          tick 2
        idle 1
        ");
        insta::assert_snapshot!(calls(&tree, 4, 100), @r"
        main 100
          serve 95
            write 80
            read 10
          (other) 5
        (other) 1
        ");
        insta::assert_snapshot!(calls(&tree, 1, 2), @r"
        main 100
          serve 95
            (other) 90
          (other) 5
        (other) 1
        ");
        insta::assert_snapshot!(hottest(&tree), @r"
        write 80 80
        read 10 10
        serve 5 95
        ");
    }

    #[test]
    fn a_function_that_calls_itself_is_counted_once() {
        let tree = tree(&[("main;walk;walk;walk", 7), ("main;walk;look;walk", 2)]);
        insta::assert_snapshot!(hottest(&tree), @"walk 9 9");
        // All as large as the others: the outermost are shown.
        insta::assert_snapshot!(calls(&tree, 1, 3), @r"
        main 9
          walk 9
            walk 7
              (other) 7
            (other) 2
        ");
    }

    #[test]
    fn a_stack_may_be_as_deep_as_it_likes() {
        let mut tree = CallTree::default();
        let function = tree.function("deeper".into());
        let endless = std::iter::repeat(function);
        tree.add(endless.clone().take(100_000), 1).expect("it is not too large");
        assert_eq!(tree.calls(1, usize::MAX).len(), 100_000);
        assert_eq!(tree.calls(1, 500).len(), 500 + 1);
        assert_eq!(tree.hottest(9).len(), 1);
        assert_eq!(tree.add(endless, 1), Err(TooLarge));
    }

    #[test]
    fn long_names_are_cut() {
        let name = "é".repeat(300);
        let tree = tree(&[(&name, 1)]);
        let [shown, hot] = [&tree.calls(1, 1)[0].name, &tree.hottest(1)[0].name];
        assert_eq!((shown, shown.chars().count()), (hot, LONGEST_NAME + 1));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(
            stacks in prop::collection::vec(("[a-d](;[a-d]){0,5}", any::<u32>()), 0..40),
            least in 1..u64::from(u32::MAX),
            most in 0..60_usize,
        ) {
            let stacks: Vec<_> = stacks.iter().map(|(s, v)| (s.as_str(), u64::from(*v))).collect();
            let tree = tree(&stacks);
            let calls = tree.calls(least, most);
            let outermost = calls.iter().filter(|call| call.depth == 0).map(|call| call.value);
            prop_assert_eq!(outermost.sum::<u64>(), tree.total());
            let shown = calls.iter().filter(|call| call.name != OTHER);
            prop_assert!(shown.clone().all(|call| call.value >= least));
            prop_assert!(shown.count() <= most);
            // Each call is within the one before it, or beside one that was there.
            let mut sums: Vec<u64> = vec![tree.total()];
            for call in calls {
                prop_assert!(call.depth < sums.len());
                sums.truncate(call.depth + 1);
                prop_assert!(call.value <= sums[call.depth]);
                sums[call.depth] -= call.value;
                sums.push(call.value);
            }
        }
    }
}
