mod evaluation;
mod grammar;
mod validation;

use crate::options::thresholds::{ThresholdMap, ThresholdOptions};

/// Thresholds that end no test, by metric.
fn map(thresholds: &[(&str, &[&str])]) -> ThresholdMap {
    let options = |list: &[&str]| list.iter().map(|text| ThresholdOptions::new(*text)).collect();
    thresholds.iter().map(|(metric, list)| ((*metric).to_owned(), options(list))).collect()
}
