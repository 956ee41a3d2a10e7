use proptest::prelude::*;

use super::*;
use crate::executor::tests::shares;

/// The first number of its own, and the steps to the next ones until the stripes repeat.
fn stripes(share: &Share, period: u64) -> (u64, Vec<u64>) {
    let count = share.scale(period) as usize;
    let numbers: Vec<_> = share.numbers().take(count + 1).collect();
    (numbers[0], numbers.windows(2).map(|pair| pair[1] - pair[0]).collect())
}

#[test]
fn segments_are_read_in_every_notation_and_printed_in_lowest_terms() {
    for (text, printed) in [
        ("", "0:1"),
        ("1/4", "0:1/4"),
        ("0:25%", "0:1/4"),
        ("0.25:2/4", "1/4:1/2"),
        (".5:1.", "1/2:1"),
        ("-0:+10%", "0:1/10"),
        ("0.333333:100%", "333333/1000000:1"),
        ("0.50000000000000000000:1", "1/2:1"),
    ] {
        let segment: Segment = text.parse().expect(text);
        assert_eq!(segment.to_string(), printed, "{text}");
        assert_eq!(segment.to_string().parse(), Ok(segment));
    }
    let sequence: SegmentSequence = "0,25%,0.5,2/2".parse().expect("a valid sequence");
    assert_eq!(sequence.to_string(), "0,1/4,1/2,1");
}

#[test]
fn bad_segments_are_refused_in_k6s_words() {
    let invalid = "is not a valid percentage, decimal, fraction or interval value";
    for (text, error) in [
        ("1.5%", "'1.5' is not a valid percentage".to_owned()),
        ("%", "'' is not a valid percentage".into()),
        ("a", format!("'a' {invalid}")),
        ("1/", format!("'1/' {invalid}")),
        ("1/0", format!("'1/0' {invalid}")),
        ("1/2/3", format!("'1/2/3' {invalid}")),
        (".", format!("'.' {invalid}")),
        ("1e-1", format!("'1e-1' {invalid}")),
        ("--1", format!("'--1' {invalid}")),
        (":1", format!("'' {invalid}")),
        ("0:1/2:1", format!("'1/2:1' {invalid}")),
        ("-1/4:1/2", "segment start value must be at least 0 but was -0.25".into()),
        ("1/2:1/3", "segment start(0.50) must be less than its end(0.33)".into()),
        ("1/2:0.5", "segment start(0.50) must be less than its end(0.50)".into()),
        ("0", "segment start(0.00) must be less than its end(0.00)".into()),
        ("1/2:3/2", "segment end value can't be more than 1 but was 1.50".into()),
        (
            "0:1/1000003",
            "'1/1000003' is too fine; allowed are fractions with denominators up to 1000000".into(),
        ),
        (
            "0.99999999999999999999999999999999999999999999",
            "'0.99999999999999999999999999999999999999999999' is too fine; allowed are fractions \
             with denominators up to 1000000"
                .into(),
        ),
    ] {
        let refused = text.parse::<Segment>().expect_err(text);
        assert_eq!(refused.to_string(), error);
    }
    for (text, error) in [
        ("1", "at least 2 points are needed for an execution segment sequence, 1 given"),
        ("0,1/2,1/4", "segment start(0.50) must be less than its end(0.25)"),
    ] {
        let refused = text.parse::<SegmentSequence>().expect_err(text);
        assert_eq!(refused.to_string(), error);
    }
}

#[test]
fn a_share_needs_a_segment_of_the_sequence_and_not_too_many_stripes() {
    let share = |segment: &str, sequence: &str| {
        let segment = (!segment.is_empty()).then(|| segment.parse().expect(segment));
        let error = Share::new(segment, Some(sequence.parse().expect(sequence)));
        error.expect_err(sequence).to_string()
    };
    assert_eq!(
        share("0:1/4", "0,1/3,1"),
        "provided segment 0:1/4 can't be found in sequence 0,1/3,1"
    );
    assert_eq!(share("", "0,0.5,1"), "provided segment 0:1 can't be found in sequence 0,1/2,1");
    assert_eq!(
        share("0:1/9973", "0,1/9973,9/9967,1"),
        "the segments 0,1/9973,9/9967,1 have 99400891 as their common denominator; allowed is \
         1000000 at most"
    );
}

/// Execution segments: the sequence must be the same everywhere (trap 24).
#[test]
fn without_a_sequence_the_rest_of_the_test_is_filled_in() {
    let share = |text: &str| Share::new(Some(text.parse().expect(text)), None).expect(text);
    assert_eq!(share("0:1"), Share::whole());
    assert_eq!(share("1/3:2/3").sequence.to_string(), "0,1/3,2/3,1");
    // Each thinks itself the only one that counts, and two of them take the same numbers.
    assert_eq!(stripes(&share("0:1/3"), 3), (1, vec![3]));
    assert_eq!(stripes(&share("2/3:1"), 3), (1, vec![3]));
    let filled: SegmentSequence = "1/4,1/2".parse().expect("a valid sequence");
    let own = Share::new(Some("1/4:1/2".parse().expect("a segment")), Some(filled));
    assert_eq!(own.map(|own| own.sequence.to_string()), Ok("0,1/4,1/2,1".into()));
}

#[test]
fn stripes_are_k6s() {
    for (sequence, period, want) in [
        ("0,1/3,2/3,1", 3, vec![(0, vec![3]), (1, vec![3]), (2, vec![3])]),
        ("0,1/2,3/4,1", 4, vec![(0, vec![2, 2]), (1, vec![4]), (3, vec![4])]),
        ("0,1/5,1", 5, vec![(1, vec![5]), (0, vec![2, 1, 1, 1])]),
        ("0,3/5,1", 5, vec![(0, vec![2, 2, 1]), (1, vec![2, 3])]),
        ("0,3/10,1/2,1", 10, vec![(1, vec![4, 2, 4]), (3, vec![6, 4]), (0, vec![2; 5])]),
        ("0,2/7,1/2,1", 14, vec![(1, vec![4, 2, 4, 4]), (3, vec![6, 4, 4]), (0, vec![2; 7])]),
    ] {
        let shares = shares(sequence);
        let found: Vec<_> = shares.iter().map(|share| stripes(share, period)).collect();
        assert_eq!(found, want, "{sequence}");
    }
}

#[test]
fn numbers_are_scaled_as_k6_does() {
    let scaled = shares("0,1/2,3/4,1")
        .iter()
        .map(|share| (1..=8).map(|count| share.scale(count)).collect::<Vec<_>>())
        .collect::<Vec<_>>();
    assert_eq!(
        scaled,
        [[1, 1, 2, 2, 3, 3, 4, 4], [0, 1, 1, 1, 1, 2, 2, 2], [0, 0, 0, 1, 1, 1, 1, 2]]
    );
    assert_eq!(shares("0,1/4,1").iter().map(Share::fraction).collect::<Vec<_>>(), [0.25, 0.75]);
}

#[test]
fn iterations_are_dealt_out_in_proportion_to_the_vus() {
    let fitted: Vec<_> = shares("0,1/3,2/3,1")
        .iter()
        .map(|share| (share.scale(5), share.refit(5).expect("a VU for everybody")))
        .collect();
    assert_eq!(fitted.iter().map(|(vus, _)| *vus).collect::<Vec<_>>(), [2, 2, 1]);
    assert_eq!(fitted.iter().map(|(_, share)| share.scale(17)).collect::<Vec<_>>(), [7, 7, 3]);
    let numbers = |own: usize| {
        let share = &fitted[own].1;
        share.numbers().take_while(|number| *number < 17).collect::<Vec<_>>()
    };
    assert_eq!(numbers(0), [0, 3, 5, 8, 10, 13, 15]);
    assert_eq!(numbers(1), [1, 4, 6, 9, 11, 14, 16]);
    assert_eq!(numbers(2), [2, 7, 12]);
}

#[test]
fn a_share_cannot_be_fitted_to_what_leaves_it_nothing() {
    let last = &shares("0,1/3,2/3,1")[2];
    assert_eq!(
        last.refit(2).expect_err("nothing left").to_string(),
        "segment 2 (2/3:1) isn't present in the new sequence"
    );
    assert_eq!(
        last.refit(0).expect_err("nothing").to_string(),
        "cannot generate new sequence for value 0"
    );
    assert_eq!(last.refit(100_000_001), Err(RefitError::TooMuch(100_000_001)));
    assert_eq!(last.refit(300).as_ref(), Ok(last), "no need for another one");
}

/// The parts of a test, each as so many of all stripes.
fn cuts() -> impl Strategy<Value = String> {
    prop::collection::vec(1..15_u64, 1..6).prop_map(|parts| {
        let whole: u64 = parts.iter().sum();
        let points = parts.iter().scan(0, |end, part| {
            *end += part;
            Some(format!(",{end}/{whole}"))
        });
        format!("0{}", points.collect::<String>())
    })
}

/// Is every number below `count` one of exactly one share's?
fn deals_out_all(shares: &[Share], count: u64) -> bool {
    let own = |share: &Share| share.numbers().take_while(|number| *number < count).collect();
    let mut dealt: Vec<u64> = shares.iter().flat_map(|share| -> Vec<_> { own(share) }).collect();
    dealt.sort_unstable();
    dealt.into_iter().eq(0..count)
}

proptest! {
    #[test]
    fn together_the_segments_are_the_whole(sequence in cuts(), count in 0..300_u64) {
        let shares = shares(&sequence);
        prop_assert!(deals_out_all(&shares, count));
        prop_assert_eq!(shares.iter().map(|share| share.scale(count)).sum::<u64>(), count);
        for share in &shares {
            let step = share.scale(count + 1) - share.scale(count);
            prop_assert!(step <= 1);
            prop_assert_eq!(step == 1, share.global(share.scale(count)) == count);
        }
    }

    #[test]
    fn together_the_fitted_segments_are_the_whole(sequence in cuts(), vus in 1..200_u64) {
        let mut fitted = Vec::new();
        for share in shares(&sequence) {
            match share.refit(vus) {
                Ok(refit) => {
                    prop_assert_eq!(refit.scale(vus), share.scale(vus));
                    fitted.push(refit);
                }
                Err(_) => prop_assert_eq!(share.scale(vus), 0),
            }
        }
        prop_assert!(deals_out_all(&fitted, 300));
    }

    #[test]
    fn no_text_panics(
        text in "\\PC*",
        points in "[-+.,/:%0-9]{0,40}",
    ) {
        for text in [text, points] {
            let segment = text.parse::<Segment>().ok();
            let sequence = text.parse::<SegmentSequence>().ok();
            let _ = Share::new(segment, sequence);
        }
    }
}

#[test]
fn a_share_is_fitted_to_a_million_vus() {
    let share = &shares("0,1/3,2/3,1")[1];
    let fitted = share.refit(1_000_003).expect("VUs for everybody");
    assert_eq!(fitted.scale(1_000_003), share.scale(1_000_003));
}
