//! What a sample tells of the mean behind it, and how two such means differ.
//!
//! Knows nothing of load tests. The seconds of a run are not independent: a slow second is followed
//! by a slow one. Their variance divided by their number is therefore too small, and a t-test upon it
//! sees differences everywhere. [`Estimate::of_series`] takes the variance of the mean from the slow
//! movements of the series instead, which is where dependence shows.

use super::student;

/// A mean, how far it may be off, and how well that is known.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Estimate {
    pub(super) mean: f64,
    /// Variance of the mean, not of the values.
    variance: f64,
    degrees: f64,
}

impl Estimate {
    /// Of independent values, two at least.
    pub(super) fn of_independent(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = mean(values);
        let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
        Self { mean, variance: squares / (count - 1.0) / count, degrees: count - 1.0 }
    }

    /// Of values in the order of time that may depend on those before them.
    ///
    /// The long-run variance is the mean of the squared weights of the first ν cosine waves in the
    /// series, and the mean over its standard error has Student's t distribution with ν degrees of
    /// freedom; ν = 0.4 n^⅔ (Lazarus, Lewis, Stock and Watson 2018).
    pub(super) fn of_series(values: &[f64]) -> Self {
        let count = values.len() as f64;
        let mean = mean(values);
        let waves = (0.4 * count.powf(2.0 / 3.0)).round().max(1.0);
        let weight = |wave: f64| {
            let terms = values.iter().enumerate().map(|(i, value)| {
                let phase = std::f64::consts::PI * wave * (i as f64 + 0.5) / count;
                (value - mean) * phase.cos()
            });
            (2.0 / count).sqrt() * terms.sum::<f64>()
        };
        let squares: f64 = (1..=waves as u32).map(|wave| weight(wave.into()).powi(2)).sum();
        Self { mean, variance: squares / waves / count, degrees: waves }
    }

    /// The mean of several means that know nothing of each other.
    pub(super) fn average(estimates: &[Self]) -> Self {
        let count = estimates.len() as f64;
        let mean = estimates.iter().map(|estimate| estimate.mean).sum::<f64>() / count;
        let (variance, degrees) = add(estimates);
        Self { mean, variance: variance / (count * count), degrees }
    }

    /// Of the logarithm of the mean, by the delta method, for means above zero: differences of these
    /// are ratios.
    pub(super) fn ln(self) -> Self {
        let variance = self.variance / (self.mean * self.mean);
        Self { mean: self.mean.ln(), variance, ..self }
    }

    /// How far the difference of the two means may be off: it is within this distance with
    /// probability 1 − `alpha` (Welch's interval).
    pub(super) fn margin(self, other: Self, alpha: f64) -> f64 {
        let (variance, degrees) = add(&[self, other]);
        if variance > 0.0 { student::critical_value(alpha, degrees) * variance.sqrt() } else { 0.0 }
    }
}

/// Variance of a sum, with its degrees of freedom by Welch and Satterthwaite.
fn add(estimates: &[Estimate]) -> (f64, f64) {
    let variance: f64 = estimates.iter().map(|estimate| estimate.variance).sum();
    let shares = estimates.iter().map(|e| (e.variance / variance).powi(2) / e.degrees);
    let degrees = 1.0 / shares.sum::<f64>();
    (variance, if variance > 0.0 { degrees } else { 1.0 })
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::compare::tests::simulated::Chance;

    /// How often the difference of two equal means is beyond its margin.
    fn alarms(estimate: fn(&[f64]) -> Estimate, count: usize, memory: f64) -> f64 {
        const TRIALS: u64 = 2000;
        let found = (0..TRIALS).filter(|seed| {
            let mut chance = Chance::new(*seed);
            let mut sample = || estimate(&chance.series(count, memory));
            let (a, b) = (sample(), sample());
            (a.mean - b.mean).abs() > a.margin(b, 0.05)
        });
        found.count() as f64 / TRIALS as f64
    }

    #[test]
    fn series_that_depend_on_their_past_are_not_taken_for_more_than_they_tell() {
        assert!((0.03..0.07).contains(&alarms(Estimate::of_series, 58, 0.0)));
        assert!(alarms(Estimate::of_series, 58, 0.5) < 0.075);
        assert!(alarms(Estimate::of_series, 298, 0.7) < 0.075);
        let naive = alarms(Estimate::of_independent, 58, 0.5);
        assert!(naive > 0.2, "{naive}: there would be no need for it");
    }

    #[test]
    fn independent_values_are_judged_by_welch() {
        // Worked with the formulas by hand: means 3 and 6, standard error 1, 6.4 degrees of freedom.
        let a = Estimate::of_independent(&[1.0, 2.0, 3.0, 4.0, 5.0]);
        let b = Estimate::of_independent(&[3.0, 5.0, 7.0, 9.0]);
        assert_eq!((a.mean, b.mean), (3.0, 6.0));
        assert!((a.variance - 0.5).abs() < 1e-12 && (b.variance - 5.0 / 3.0).abs() < 1e-12);
        let (variance, degrees) = add(&[a, b]);
        assert!((variance - 13.0 / 6.0).abs() < 1e-12);
        let expected = variance * variance / (0.25 / 4.0 + 25.0 / 9.0 / 3.0);
        assert!((degrees - expected).abs() < 1e-9, "{degrees} {expected}");
    }

    #[test]
    fn ratios_do_not_depend_on_the_unit() {
        let sample = |factor: f64| [9.0, 11.0, 10.0, 12.0].map(|value| value * factor);
        let ln = |factor| Estimate::of_independent(&sample(factor)).ln();
        let (small, large) = (ln(1.0), ln(1000.0));
        assert!((large.mean - small.mean - 1000_f64.ln()).abs() < 1e-12);
        assert!((large.variance - small.variance).abs() < 1e-12);
    }

    #[test]
    fn constants_have_no_margin() {
        let constant = |value: f64| Estimate::of_series(&[value; 20]);
        assert_eq!(constant(5.0).margin(constant(6.0), 0.01), 0.0);
        assert_eq!(constant(5.0).mean, 5.0);
    }

    proptest! {
        #[test]
        fn a_scale_is_kept(values in prop::collection::vec(-1e3..1e3_f64, 2..100), factor in 0.1..100.0_f64) {
            for estimate in [Estimate::of_series, Estimate::of_independent] {
                let plain = estimate(&values);
                let scaled = estimate(&values.iter().map(|v| v * factor + 7.0).collect::<Vec<_>>());
                prop_assert!((scaled.mean - plain.mean * factor - 7.0).abs() < 1e-6);
                prop_assert!((scaled.variance - plain.variance * factor * factor).abs() <= 1e-6 * (1.0 + scaled.variance));
            }
        }

        #[test]
        fn one_mean_is_its_own_average(values in prop::collection::vec(0.0..1e3_f64, 3..50)) {
            let estimate = Estimate::of_series(&values);
            let average = Estimate::average(&[estimate]);
            prop_assert!((average.variance - estimate.variance).abs() <= 1e-9 * estimate.variance);
            prop_assert_eq!(average.mean, estimate.mean);
        }
    }
}
