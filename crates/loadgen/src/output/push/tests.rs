use super::{super::aggregate::tests::aggregate, *};
use crate::metrics::builtin::{HTTP_REQS, ITERATIONS};

#[test]
fn requests_hold_about_a_mebibyte_and_all_of_the_series() {
    let filler = "x".repeat(99_998);
    let names: Vec<_> = (0..50).map(|n| format!("{n:02}{filler}")).collect();
    let tags: Vec<_> = names.iter().map(|name| [("name", &**name)]).collect();
    let samples: Vec<_> = tags.iter().map(|tags| (HTTP_REQS, &tags[..], 0, 1.0)).collect();
    let aggregate = aggregate(100, &samples);
    let all: Vec<_> = aggregate.series().iter().enumerate().collect();

    let requests: Vec<_> = requests(&all).collect();
    let places: Vec<_> = requests.iter().flat_map(|part| part.iter()).map(|it| it.0).collect();
    assert_eq!(places, (0..50).collect::<Vec<_>>());
    assert_eq!(requests.iter().map(|part| part.len()).collect::<Vec<_>>(), [11, 11, 11, 11, 6]);
}

#[test]
fn what_is_small_goes_into_one_request() {
    let aggregate = aggregate(10, &[(HTTP_REQS, &[], 0, 1.0), (ITERATIONS, &[], 0, 1.0)]);
    let all: Vec<_> = aggregate.series().iter().enumerate().collect();
    assert_eq!(requests(&all).count(), 1);
    assert_eq!(requests(&all[..0]).count(), 0);
}
