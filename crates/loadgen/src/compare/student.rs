//! Student's t distribution.

/// The value that is exceeded, on either side of zero, with probability `alpha`: 12.71 for 0.05 and
/// one degree of freedom. Degrees of freedom need not be whole.
pub(super) fn critical_value(alpha: f64, degrees: f64) -> f64 {
    // The tails fall from 1 to 0 as the value grows, so halving the interval finds it.
    let mut low = 0.0;
    let mut high = 1.0;
    while tails(high, degrees) > alpha && high < 1e12 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if tails(middle, degrees) > alpha {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// The probability to be further from zero than `t`.
fn tails(t: f64, degrees: f64) -> f64 {
    incomplete_beta(degrees / (degrees + t * t), degrees / 2.0, 0.5)
}

/// The regularized incomplete beta function, by Lentz's method for its continued fraction
/// (Abramowitz and Stegun, 26.5.8).
fn incomplete_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 || x >= 1.0 {
        return x.clamp(0.0, 1.0);
    }
    // The fraction converges fast on this side only.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - incomplete_beta(1.0 - x, b, a);
    }
    let front = ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (1.0 - x).ln();
    front.exp() / a / fraction(x, a, b)
}

/// 1 + d₁/(1 + d₂/(1 + …)).
fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let away_from_zero = |value: f64| if value.abs() < TINY { TINY } else { value };
    let (mut value, mut c, mut d) = (1.0, 1.0, 0.0);
    for step in 1..=200 {
        let m = f64::from(step / 2);
        let coefficient = if step % 2 == 0 {
            m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m))
        } else {
            -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0))
        };
        d = 1.0 / away_from_zero(1.0 + coefficient * d);
        c = away_from_zero(1.0 + coefficient / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// The logarithm of the gamma function, for positive numbers: Stirling's series (Abramowitz and
/// Stegun, 6.1.41), after shifting small numbers to where it is exact.
fn ln_gamma(x: f64) -> f64 {
    let mut shift = 0.0;
    let mut x = x;
    while x < 10.0 {
        shift += x.ln();
        x += 1.0;
    }
    let inverse = 1.0 / (x * x);
    let series =
        (1.0 / 12.0 - inverse * (1.0 / 360.0 - inverse * (1.0 / 1260.0 - inverse / 1680.0))) / x;
    (x - 0.5) * x.ln() - x + 0.5 * std::f64::consts::TAU.ln() + series - shift
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn critical_values_are_those_of_the_tables() {
        for (alpha, degrees, expected) in [
            (0.05, 1.0, 12.706_205),
            (0.05, 4.0, 2.776_445),
            (0.01, 4.0, 4.604_095),
            (0.05, 10.0, 2.228_139),
            (0.001, 30.0, 3.645_959),
            (0.05, 120.0, 1.979_930),
            (0.05, 1e9, 1.959_964),
        ] {
            let found = critical_value(alpha, degrees);
            assert!((found - expected).abs() < 1e-5, "{found} of {alpha} and {degrees}");
        }
    }

    proptest! {
        #[test]
        fn one_degree_of_freedom_is_the_cauchy_distribution(t in 0.001..1000.0_f64) {
            let exact = 1.0 - 2.0 / std::f64::consts::PI * t.atan();
            prop_assert!((tails(t, 1.0) - exact).abs() < 1e-10, "{} {exact}", tails(t, 1.0));
        }

        #[test]
        fn the_tails_beyond_a_critical_value_are_alpha(alpha in 0.0005..0.9_f64, degrees in 1.0..500.0_f64) {
            let t = critical_value(alpha, degrees);
            prop_assert!((tails(t, degrees) - alpha).abs() < 1e-9);
        }
    }
}
