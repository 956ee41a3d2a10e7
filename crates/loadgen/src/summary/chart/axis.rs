//! Axes: from values to positions, and where the ticks go.

use super::Format;

/// From a value to its place on the axis.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Scale {
    Linear {
        min: f64,
        max: f64,
    },
    /// Both ends above zero.
    Log {
        min: f64,
        max: f64,
    },
}

impl Scale {
    /// Place of a value between the ends, 0 to 1; values outside land on the nearer end.
    pub(crate) fn place(self, value: f64) -> f64 {
        let place = match self {
            Self::Linear { min, max } => (value - min) / (max - min),
            Self::Log { min, max } => (value / min).ln() / (max / min).ln(),
        };
        // A negative number has no logarithm.
        if place.is_nan() { 0.0 } else { place.clamp(0.0, 1.0) }
    }
}

/// A scale with its ticks.
#[derive(Debug, Clone)]
pub(crate) struct Axis {
    pub(crate) scale: Scale,
    /// Values and their labels, ascending.
    pub(crate) ticks: Vec<(f64, String)>,
    pub(crate) format: Format,
}

/// Seconds between the ticks of a time axis.
const TIME_STEPS: [f64; 16] = [
    1.0, 2.0, 5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0, 7200.0,
    14400.0, 43200.0,
];
/// More labels than this would touch each other on a phone.
const MAX_TICKS: f64 = 6.0;

impl Axis {
    /// From zero to a round number at or above `max`.
    pub(crate) fn linear(max: f64, format: Format) -> Self {
        Self::from_zero(max, format, |step| step)
    }

    /// Like [`Axis::linear`], for things that cannot be halved.
    pub(crate) fn whole(max: f64, format: Format) -> Self {
        Self::from_zero(
            max,
            format,
            |step| if step.fract() == 0.0 { step } else { (2.0 * step).ceil() },
        )
    }

    fn from_zero(max: f64, format: Format, adjust: fn(f64) -> f64) -> Self {
        let max = if max.is_finite() && max > 0.0 { max } else { 1.0 };
        let step = adjust(nice_step(max / 4.0));
        let steps = (max / step).ceil();
        let ticks = (0..=steps as usize).map(|i| i as f64 * step);
        Self::new(Scale::Linear { min: 0.0, max: steps * step }, ticks, format)
    }

    /// A logarithmic axis that holds all of the positive `values`.
    pub(crate) fn log(values: impl Iterator<Item = f64>, format: Format) -> Self {
        let (low, high) = values
            .filter(|v| v.is_finite() && *v > 0.0)
            .fold((f64::INFINITY, 0.0), |(low, high): (f64, f64), v| (low.min(v), high.max(v)));
        let (low, high) = if low <= high { (low, high) } else { (1.0, 1.0) };

        let mut ladder = ladder(low);
        let min = ladder.next().unwrap_or(low);
        let mut ticks = vec![min];
        for rung in ladder {
            ticks.push(rung);
            if rung >= high {
                break;
            }
        }
        let max = ticks[ticks.len() - 1];
        if ticks.len() as f64 > MAX_TICKS {
            ticks.retain(|tick| is_decade(*tick));
        }
        let thin = (ticks.len() as f64 / MAX_TICKS).ceil() as usize;
        Self::new(Scale::Log { min, max }, ticks.into_iter().step_by(thin.max(1)), format)
    }

    /// Seconds since the start.
    pub(crate) fn time(end: f64, format: Format) -> Self {
        let end = if end.is_finite() && end > 0.0 { end } else { 1.0 };
        let step = TIME_STEPS
            .into_iter()
            .find(|step| end / step <= MAX_TICKS)
            .unwrap_or_else(|| (end / MAX_TICKS / 86400.0).ceil() * 86400.0);
        let ticks = (0..=(end / step) as usize).map(|i| i as f64 * step);
        Self::new(Scale::Linear { min: 0.0, max: end }, ticks, format)
    }

    fn new(scale: Scale, ticks: impl Iterator<Item = f64>, format: Format) -> Self {
        Self { scale, ticks: ticks.map(|tick| (tick, format(tick))).collect(), format }
    }
}

/// The smallest of 1, 2, 2.5 and 5, times a power of ten, that is not below `least`.
fn nice_step(least: f64) -> f64 {
    let decade = 10_f64.powf(least.log10().floor());
    [1.0, 2.0, 2.5, 5.0]
        .into_iter()
        .map(|digit| digit * decade)
        .find(|step| *step >= least * (1.0 - 1e-9))
        .unwrap_or(10.0 * decade)
}

/// 1, 2, 5, 10, 20, 50, …, from the last one at or below `low`.
fn ladder(low: f64) -> impl Iterator<Item = f64> {
    let decade = low.log10().floor() as i32;
    let start = if low < 2.0 * 10_f64.powi(decade) {
        0
    } else if low < 5.0 * 10_f64.powi(decade) {
        1
    } else {
        2
    };
    (decade..).flat_map(|exponent| [1.0, 2.0, 5.0].map(|d| d * 10_f64.powi(exponent))).skip(start)
}

fn is_decade(value: f64) -> bool {
    let exponent = value.log10();
    (exponent - exponent.round()).abs() < 1e-9
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn plain(value: f64) -> String {
        value.to_string()
    }

    fn labels(axis: &Axis) -> String {
        axis.ticks.iter().map(|(_, label)| label.as_str()).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn ticks_are_round_numbers() {
        assert_eq!(labels(&Axis::linear(87.0, plain)), "0 25 50 75 100");
        assert_eq!(labels(&Axis::linear(4100.0, plain)), "0 2000 4000 6000");
        assert_eq!(labels(&Axis::whole(1.0, plain)), "0 1");
        assert_eq!(labels(&Axis::whole(10.0, plain)), "0 5 10");
        assert_eq!(labels(&Axis::log([0.3, 7.0].into_iter(), plain)), "0.2 0.5 1 2 5 10");
        assert_eq!(labels(&Axis::log([0.03, 700.0].into_iter(), plain)), "0.1 1 10 100 1000");
        assert_eq!(labels(&Axis::time(30.0, plain)), "0 5 10 15 20 25 30");
        assert_eq!(labels(&Axis::time(3600.0, plain)), "0 600 1200 1800 2400 3000 3600");
    }

    #[test]
    fn nothing_to_show_still_makes_an_axis() {
        for axis in [
            Axis::linear(0.0, plain),
            Axis::linear(f64::NAN, plain),
            Axis::whole(f64::INFINITY, plain),
            Axis::log([0.0, f64::NAN, f64::INFINITY].into_iter(), plain),
            Axis::time(f64::NAN, plain),
        ] {
            assert!(axis.ticks.len() >= 2, "{axis:?}");
        }
    }

    proptest! {
        #[test]
        fn values_lie_on_their_axis(values in prop::collection::vec(1e-6..1e12_f64, 1..20)) {
            let max = values.iter().copied().fold(0.0, f64::max);
            for axis in [Axis::linear(max, plain), Axis::log(values.iter().copied(), plain)] {
                prop_assert!((1..=8).contains(&axis.ticks.len()), "{:?}", axis.ticks);
                let (Scale::Linear { min, max } | Scale::Log { min, max }) = axis.scale;
                for value in &values {
                    prop_assert!(*value >= min * (1.0 - 1e-9) && *value <= max * (1.0 + 1e-9));
                    prop_assert!((0.0..=1.0).contains(&axis.scale.place(*value)));
                }
            }
        }

        #[test]
        fn no_value_leaves_the_picture(value in any::<f64>()) {
            for scale in [Scale::Linear { min: 0.0, max: 9.0 }, Scale::Log { min: 0.1, max: 9.0 }] {
                prop_assert!((0.0..=1.0).contains(&scale.place(value)));
            }
        }
    }
}
