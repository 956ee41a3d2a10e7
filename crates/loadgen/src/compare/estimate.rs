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
