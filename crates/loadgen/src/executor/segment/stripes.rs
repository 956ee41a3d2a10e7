//! How numbers are dealt out: who takes which, when each taker is due a part of all.

use std::{cmp::Reverse, collections::BinaryHeap};

/// Deals the numbers of one period, which is as long as all `parts` together, to as many takers as
/// there are parts: who takes 0, who 1, and so on.
///
/// A taker may have its next number as soon as it is due its share of those dealt until then;
/// the largest of those who may comes first, and among equals the first. Each gets its part.
pub(super) fn owners(parts: &[u64]) -> impl Iterator<Item = usize> + use<> {
    let mut takers: Vec<Taker> =
        parts.iter().enumerate().map(|(owner, &part)| Taker { owner, part, taken: 0 }).collect();
    takers.sort_by_key(|taker| Reverse(taker.part));
    let period: u64 = parts.iter().sum();
    // Takers by their place in `takers`, and when those that have to wait may have another.
    let mut ready: BinaryHeap<_> = (0..takers.len()).map(Reverse).collect();
    let mut waiting = BinaryHeap::new();
    (0..period).map(move |number| {
        while let Some(&Reverse((due, place))) = waiting.peek()
            && due <= number
        {
            waiting.pop();
            ready.push(Reverse(place));
        }
        // Were nobody due one, all together would have had more than there were.
        let Reverse(place) = ready.pop().expect("somebody is always due a number");
        let taker = &mut takers[place];
        taker.taken += 1;
        waiting.push(Reverse((taker.due(period), place)));
        taker.owner
    })
}

struct Taker {
    owner: usize,
    /// How many of each period it gets.
    part: u64,
    taken: u64,
}

impl Taker {
    /// The first number `n` for which its share of `n` is no less than what it has taken.
    fn due(&self, period: u64) -> u64 {
        let due = u128::from(self.taken) * u128::from(period);
        // Its part is not 0, and so it is not more than a period.
        due.div_ceil(u128::from(self.part)) as u64
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The rule without the queues: the first in order of size whose share of those dealt is no
    /// less than what it has.
    fn by_rule(parts: &[u64]) -> Vec<usize> {
        let period: u64 = parts.iter().sum();
        let mut order: Vec<_> = (0..parts.len()).collect();
        order.sort_by_key(|&owner| Reverse(parts[owner]));
        let mut taken = vec![0; parts.len()];
        (0..period)
            .map(|number| {
                let due = |owner: &usize| number * parts[*owner] >= taken[*owner] * period;
                let owner = *order.iter().find(|owner| due(owner)).expect("somebody is due");
                taken[owner] += 1;
                owner
            })
            .collect()
    }

    proptest! {
        #[test]
        fn numbers_go_to_whom_the_rule_gives_them(parts in prop::collection::vec(1..30_u64, 1..12)) {
            let dealt: Vec<_> = owners(&parts).collect();
            for (owner, part) in parts.iter().enumerate() {
                prop_assert_eq!(dealt.iter().filter(|&&taker| taker == owner).count() as u64, *part);
            }
            prop_assert_eq!(dealt, by_rule(&parts));
        }
    }
}
