//! The demo site's source of variety: small, seeded, the same on every machine.

/// SplitMix64. It passes the usual tests of randomness and fits in four lines.
pub(super) struct Random(u64);

impl Random {
    /// A sequence of its own for each name.
    pub(super) fn named(name: &str) -> Random {
        // FNV-1a: different names begin far apart.
        let fold = |hash: u64, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
        Random(name.bytes().fold(0xcbf2_9ce4_8422_2325, fold))
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number from `low` to `high`, both included.
    pub(super) fn between(&mut self, low: usize, high: usize) -> usize {
        let span = (high - low + 1) as u64;
        // The remainder is below the span, so it fits.
        low + (self.next() % span) as usize
    }

    /// One of the choices.
    pub(super) fn pick<'a, T: ?Sized>(&mut self, choices: &[&'a T]) -> &'a T {
        choices[self.between(0, choices.len() - 1)]
    }
}
