//! Random numbers of iterations that start independently of each other.

use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{Rng, SeedableRng},
};

/// The areas under the curve of a rate at which iterations start: a Poisson process of rate 1.
///
/// The gaps are `-ln(1 - u)`, with `u` the upper 53 bits of each number that xoshiro256++ gives
/// when SplitMix64 has spread the seed. Generator and seeding are specified by their authors and
/// do not change; the logarithm is the platform's, whose last bit may differ elsewhere.
#[derive(Debug, Clone)]
pub(super) struct Areas {
    random: Xoshiro256PlusPlus,
    /// Before the iteration that is next.
    area: f64,
    next: u64,
}

impl Areas {
    pub(super) fn new(seed: u64) -> Self {
        Self { random: Xoshiro256PlusPlus::seed_from_u64(seed), area: 0.0, next: 0 }
    }

    /// The area before the iteration that has `number` before it; never less than the last time.
    pub(super) fn before(&mut self, number: u64) -> f64 {
        while self.next <= number {
            let uniform = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
            self.area -= (-uniform).ln_1p();
            self.next += 1;
        }
        self.area
    }
}
