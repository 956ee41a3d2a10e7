//! What is compared.

use std::{fmt, time::Duration};

/// Which quantiles are compared, in per cent.
pub(crate) const QUANTILES: [f64; 3] = [50.0, 99.0, 99.9];

/// What is compared, in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Quantiles(pub(crate) [f64; 3]);

impl Quantiles {
    /// By the formula that loadgen has from k6: interpolated between neighbours.
    pub(crate) fn of(mut took: Vec<Duration>) -> Self {
        took.sort();
        let micros = |index: usize| took[index].as_secs_f64() * 1e6;
        Self(QUANTILES.map(|percent| {
            let rank = percent / 100.0 * (took.len() - 1) as f64;
            let (low, high) = (micros(rank as usize), micros(rank.ceil() as usize));
            low + (high - low) * rank.fract()
        }))
    }

    /// As they are displayed.
    pub(crate) fn read(text: &str) -> Self {
        let mut quantiles = text.lines().map(|line| line.parse().expect("a number"));
        Self([(); 3].map(|()| quantiles.next().expect("one for each")))
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self(std::array::from_fn(|place| self.0[place] - other.0[place]))
    }

    /// Each by itself.
    pub(crate) fn medians(rounds: &[Self]) -> Self {
        Self(std::array::from_fn(|place| {
            let mut values: Vec<f64> = rounds.iter().map(|round| round.0[place]).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        }))
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|quantile| writeln!(f, "{quantile}"))
    }
}
