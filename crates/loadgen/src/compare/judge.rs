//! From two samples to a verdict.

use std::cmp::Ordering;

use serde::Serialize;

use super::{
    Cell, Subject,
    estimate::Estimate,
    measure::{self, Judged, Measure},
    seconds,
};

/// How often the rows of a column may say that there is a difference when there is none, if all
/// assumptions hold. Where seconds depend strongly on each other they do not quite, and what is left
/// to 5 % is for that.
const FALSE_ALARMS: f64 = 0.03;

/// With fewer seconds of a run no judgement is tried.
const FEWEST_SECONDS: usize = 10;

/// A run whose requests per second vary by more is not judged by itself: what disturbs its seconds
/// so much makes the next run of the same differ by more than they tell.
pub(super) const UNSTEADY: f64 = 0.10;

/// With fewer runs of each subject their seconds are the sample.
pub(super) const FEWEST_RUNS: usize = 3;

/// An interval that reaches further than this from the difference could hide a change that matters.
const COARSE_RATIO: f64 = 0.10;
const COARSE_SHARE: f64 = 0.01;

/// Shares (of failures, of checks) that differ by less are the same.
const NEGLIGIBLE_SHARE: f64 = 0.001;

/// What a difference was held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Basis {
    /// How runs of the same subject differ.
    Runs,
    /// How the seconds within a run differ. What differs between runs cannot be seen.
    Seconds,
}

impl Basis {
    pub(super) fn of(base: &Subject, other: &Subject) -> Self {
        let runs = base.runs.len().min(other.runs.len());
        if runs >= FEWEST_RUNS { Self::Runs } else { Self::Seconds }
    }

    /// Changes below this part of the base are not called differences. One run's seconds do not
    /// tell by how much the next run of the same would differ, so more is asked of them.
    fn negligible_ratio(self) -> f64 {
        match self {
            Self::Runs => 0.01,
            Self::Seconds => 0.05,
        }
    }

    /// Whether it has values of what is judged.
    fn has(self, judged: Judged) -> bool {
        self == Self::Runs || judged.of_second.is_some()
    }
}

/// What is said of a row, or of a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// More work in the same time, or the same in less.
    Faster,
    /// Less work in the same time, or the same in more.
    Slower,
    /// Fewer failures.
    Better,
    /// More failures.
    Worse,
    /// Of a column: some rows are better and some worse.
    Mixed,
    /// What there is is noise or too little to matter; a change that matters would have been seen.
    NoDifference,
    /// What there is may be noise, and so may be a change that matters.
    TooNoisy,
    /// There are not enough seconds.
    TooShort,
}

impl Verdict {
    /// In words: `no difference`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Faster => "faster",
            Self::Slower => "slower",
            Self::Better => "better",
            Self::Worse => "worse",
            Self::Mixed => "mixed",
            Self::NoDifference => "no difference",
            Self::TooNoisy => "too noisy to tell",
            Self::TooShort => "too short to tell",
        }
    }

    /// Whether it is an improvement.
    pub fn is_good(self) -> bool {
        matches!(self, Self::Faster | Self::Better)
    }

    /// Whether it is a change for the worse.
    pub fn is_bad(self) -> bool {
        matches!(self, Self::Slower | Self::Worse)
    }

    /// What several rows say together: the one thing that all which see a difference agree on, or,
    /// where none does, what at least half of them say.
    pub(super) fn together(verdicts: impl Iterator<Item = Self>) -> Option<Self> {
        let verdicts: Vec<Self> = verdicts.collect();
        let first =
            |like: fn(Self) -> bool| verdicts.iter().copied().find(|verdict| like(*verdict));
        match (first(Self::is_good), first(Self::is_bad)) {
            (Some(_), Some(_)) => Some(Self::Mixed),
            (Some(one), None) | (None, Some(one)) => Some(one),
            (None, None) => {
                let equal =
                    verdicts.iter().filter(|verdict| **verdict == Self::NoDifference).count();
                let other = first(|verdict| verdict != Self::NoDifference);
                if 2 * equal > verdicts.len() { Some(Self::NoDifference) } else { other }
            }
        }
    }
}

/// What a verdict rests on: the change from the base's mean to the subject's, of runs or seconds, and
/// an interval around it. Of shares it is their difference, else the ratio less one: 0.1 is a tenth
/// more. The change is within the intervals of all judged rows of a column at once with a
/// probability of 95 % or more.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Noise {
    /// The change.
    pub change: f64,
    /// The lower end of the interval.
    pub low: f64,
    /// The upper end of the interval.
    pub high: f64,
}

impl Noise {
    /// The difference of two means, or their ratio less one.
    fn between(before: Estimate, after: Estimate, is_share: bool, alpha: f64) -> Self {
        if is_share {
            let change = after.mean - before.mean;
            let margin = after.margin(before, alpha);
            return Self { change, low: change - margin, high: change + margin };
        }
        if before.mean <= 0.0 || after.mean <= 0.0 {
            // There is no ratio to nothing, and nothing else to be off by.
            let change = match after.mean.total_cmp(&before.mean) {
                Ordering::Less => -1.0,
                Ordering::Equal => 0.0,
                Ordering::Greater => f64::INFINITY,
            };
            return Self { change, low: change, high: change };
        }
        // Noise is in proportion to what it disturbs: a server ten times slower has ten times the
        // noise, and is slower all the same.
        let (before, after) = (before.ln(), after.ln());
        let change = after.mean - before.mean;
        let margin = after.margin(before, alpha);
        let [change, low, high] = [change, change - margin, change + margin].map(f64::exp_m1);
        Self { change, low, high }
    }

    /// How far the interval reaches, as a part of what it is around.
    fn reach(self, is_share: bool) -> f64 {
        if is_share {
            self.high - self.change
        } else {
            (self.high - self.change) / (1.0 + self.change)
        }
    }
}

/// Judges a subject's values; `None` if the measure is not judged, or the summaries do not tell
/// enough.
pub(super) fn judge(
    measure: &Measure,
    (base, base_cell): (&Subject, &Cell),
    (other, cell): (&Subject, &Cell),
) -> Option<(Verdict, Option<Noise>)> {
    let judged = measure.judged()?;
    let basis = Basis::of(base, other);
    let (before, after) = match basis {
        Basis::Runs => {
            (Estimate::of_independent(&base_cell.runs), Estimate::of_independent(&cell.runs))
        }
        Basis::Seconds => match (over_seconds(judged, base), over_seconds(judged, other)) {
            (Ok(before), Ok(after)) => (before, after),
            (Err(None), _) | (_, Err(None)) => return None,
            (Err(reason), _) | (_, Err(reason)) => return reason.map(|verdict| (verdict, None)),
        },
    };
    let tests = measure::judged().filter(|judged| basis.has(*judged)).count();
    let noise = Noise::between(before, after, judged.is_share, FALSE_ALARMS / tests as f64);
    let verdict = decide(noise, basis, judged.is_share, cell.value - base_cell.value);
    let is_good = (noise.change > 0.0) == judged.higher_is_better;
    let verdict = verdict.unwrap_or(match (judged.is_share, is_good) {
        (false, true) => Verdict::Faster,
        (false, false) => Verdict::Slower,
        (true, true) => Verdict::Better,
        (true, false) => Verdict::Worse,
    });
    Some((verdict, Some(noise)))
}

/// Why there is no difference to speak of; `None` if there is one.
fn decide(noise: Noise, basis: Basis, is_share: bool, shown: f64) -> Option<Verdict> {
    let (negligible, coarse) = if is_share {
        (NEGLIGIBLE_SHARE, COARSE_SHARE)
    } else {
        (basis.negligible_ratio(), COARSE_RATIO)
    };
    // The mean of the seconds' percentiles is not the run's percentile: a verdict must agree with
    // the figures beside it.
    let agrees = shown * noise.change > 0.0;
    let is_clear = noise.low > 0.0 || noise.high < 0.0;
    if is_clear && noise.change.abs() >= negligible && agrees {
        None
    } else if noise.reach(is_share) <= coarse {
        Some(Verdict::NoDifference)
    } else {
        Some(Verdict::TooNoisy)
    }
}

/// The mean of a measure over the seconds of all runs; or why there is none: `None` where a run has
/// no seconds stored.
fn over_seconds(judged: Judged, subject: &Subject) -> Result<Estimate, Option<Verdict>> {
    let of_second = judged.of_second.ok_or(None)?;
    let mut estimates = Vec::new();
    for run in &subject.runs {
        let extras = run.loadgen.as_ref().ok_or(None)?;
        let values: Vec<f64> = seconds::counted(extras).filter_map(of_second).collect();
        if values.len() < FEWEST_SECONDS {
            return Err(Some(Verdict::TooShort));
        }
        // Failures do not follow from how busy a machine is, speed does.
        if !judged.is_share && seconds::variation(extras) > UNSTEADY {
            return Err(Some(Verdict::TooNoisy));
        }
        estimates.push(Estimate::of_series(&values));
    }
    Ok(Estimate::average(&estimates))
}
