use proptest::prelude::*;

use super::*;

/// Asserts `format(input) == expected` for each pair.
fn table(format: impl Fn(f64) -> String, cases: &[(f64, &str)]) {
    for (input, expected) in cases {
        assert_eq!(format(*input), *expected, "of {input:e}");
    }
}

#[test]
fn bytes_are_rounded_twice() {
    table(
        bytes,
        &[
            (0.0, "0 B"),
            (0.4, "0.4 B"),
            (9.99, "9.99 B"),
            (10.0, "10 B"),
            (99.9, "100 B"),
            (999.4, "999 B"),
            (999.5, "1000 B"),
            (1000.0, "1.0 kB"),
            (1049.0, "1.0 kB"),
            (1050.0, "1.1 kB"),
            (9949.0, "9.9 kB"),
            (9950.0, "10 kB"),
            (10_499.0, "11 kB"),
            (99_500.0, "100 kB"),
            (999_999.0, "1000 kB"),
            (1e6, "1.0 MB"),
            (1_234_567.0, "1.2 MB"),
            (1e9, "1.0 GB"),
            (4_926_543_210.5, "4.9 GB"),
            (148_012_345_678.0, "148 GB"),
            (1e12, "1.0 TB"),
            (1e15, "1.0 PB"),
            (1e18, "1.0 EB"),
            (1e21, "1.0 ZB"),
            (1e24, "1.0 YB"),
            (1e28, "10000 YB"),
        ],
    );
}

#[test]
fn durations_are_cut_off_in_the_unit_that_fits() {
    table(
        duration,
        &[
            (0.0, "0s"),
            (1e-9, "0ns"),
            (0.000_001_99, "1ns"),
            (0.000_999_9, "999ns"),
            (0.001, "1µs"),
            (0.002_41, "2.4µs"),
            (0.002_419, "2.41µs"),
            (0.999_999_9, "999.99µs"),
            (1.0, "1ms"),
            (1.009, "1ms"),
            (1.999, "1.99ms"),
            (10.0, "10ms"),
            (38.0899, "38.08ms"),
            (100.1, "100.1ms"),
            (999.9999, "999.99ms"),
            (1000.0, "1s"),
            (1009.9, "1s"),
            (1010.0, "1.01s"),
            (1234.5678, "1.23s"),
            (59_999.999, "59.99s"),
            (60_000.0, "1m0s"),
            (60_999.0, "1m0s"),
            (61_999.0, "1m1s"),
            (119_999.9, "1m59s"),
            (3_599_999.0, "59m59s"),
            (3_600_000.0, "1h0m0s"),
            (90_061_000.0, "25h1m1s"),
        ],
    );
}

#[test]
fn forced_units_are_rounded() {
    table(
        |ms| duration_in(ms, TimeUnit::Seconds),
        &[(0.0, "0.00s"), (38.0899, "0.04s"), (1005.0, "1.01s"), (59_999.99, "60.00s")],
    );
    table(
        |ms| duration_in(ms, TimeUnit::Milliseconds),
        &[(0.0009, "0.00ms"), (1.005, "1.00ms"), (999.999, "1000.00ms")],
    );
    table(
        |ms| duration_in(ms, TimeUnit::Microseconds),
        &[(0.0009, "0.90µs"), (0.002_419, "2.42µs"), (999.999, "999999.00µs")],
    );
}

#[test]
fn percentages_never_round_up() {
    table(
        percent,
        &[
            (0.0, "0.00%"),
            (0.0000999, "0.00%"),
            (0.0001, "0.01%"),
            (1.0 / 3.0, "33.33%"),
            (0.66666, "66.66%"),
            (0.999_999, "99.99%"),
            (1.0, "100.00%"),
        ],
    );
}

#[test]
fn plain_numbers_have_six_decimals_at_most() {
    table(
        number,
        &[
            (0.0, "0"),
            (-0.0, "0"),
            (1.5, "1.5"),
            (1.0 / 3.0, "0.333333"),
            (2.0 / 3.0, "0.666667"),
            (0.1 + 0.2, "0.3"),
            (4e-7, "0"),
            (0.007_812_5, "0.007813"),
            (44_333.219_428_123, "44333.219428"),
            (1_234_567_890.123_456_7, "1234567890.123457"),
            (1e15, "1000000000000000"),
            (1e21, "1e+21"),
            (1.5e21, "1.5e+21"),
            (-1.25, "-1.25"),
        ],
    );
}

#[test]
fn ties_go_away_from_zero_and_only_ties() {
    table(
        |value| to_fixed(value, 2),
        &[(0.125, "0.13"), (-0.125, "-0.13"), (0.125f64.next_down(), "0.12"), (1.005, "1.00")],
    );
    table(|value| to_fixed(value, 0), &[(0.5, "1"), (1.5, "2"), (2.5, "3"), (-2.5, "-3")]);
}

#[test]
fn width_counts_characters_not_bytes_columns_or_colours() {
    assert_eq!(width("µs"), 2);
    assert_eq!(width("日本"), 2);
    assert_eq!(width("e\u{301}"), 1);
    assert_eq!(width("\x1b[36;2m12\x1b[0m "), 3);
}

proptest! {
    #[test]
    fn numbers_of_javascript_read_back_as_themselves(value: f64) {
        let text = js(value);
        prop_assert!(!text.ends_with(".0"), "{text}");
        prop_assert_eq!(text.parse::<f64>().ok(), Some(value).filter(|v| !v.is_infinite()));
    }

    #[test]
    fn fixed_is_within_half_a_unit(value in -1e9..1e9f64, decimals in 0u8..8) {
        let text = to_fixed(value, decimals);
        let places = text.split_once('.').map_or(0, |(_, fraction)| fraction.len());
        prop_assert_eq!(places, usize::from(decimals));
        let unit = 10f64.powi(-i32::from(decimals));
        let read: f64 = text.parse().unwrap_or(f64::NAN);
        prop_assert!((read - value).abs() <= unit * 0.5 + value.abs() * 1e-15, "{value} {text}");
    }

    #[test]
    fn fixed_rounds_every_tie_up(whole in 0u32..1_000_000, decimals in 0u8..7) {
        // (2n + 1) / 2^(d + 1) lies exactly between two numbers of d decimals.
        let tie = f64::from(2 * whole + 1) / 2f64.powi(i32::from(decimals) + 1);
        let up = to_fixed(tie.next_up(), decimals);
        prop_assert_eq!(to_fixed(tie, decimals), up);
    }

    #[test]
    fn a_percentage_is_never_more_than_its_share(passes in 0u32..1_000_000, fails in 1u32..1000) {
        let share = f64::from(passes) / f64::from(passes + fails);
        prop_assert_ne!(percent(share), "100.00%");
    }

    #[test]
    fn no_value_panics(any_value: f64) {
        for contains in [Contains::Default, Contains::Time, Contains::Data] {
            for unit in [None, Some(TimeUnit::Seconds), Some(TimeUnit::Microseconds)] {
                prop_assert!(!value(any_value, contains, unit).is_empty());
            }
        }
        prop_assert!(percent(any_value).ends_with('%'));
    }

    #[test]
    fn below_a_second_a_duration_is_cut_to_its_last_digit(ms in 0.001..1000.0f64) {
        let text = duration(ms);
        let (digits, scale) = match text.strip_suffix("µs") {
            Some(digits) => (digits, 1e3),
            None => (text.trim_end_matches("ms"), 1.0),
        };
        let read = digits.parse::<f64>().unwrap_or(f64::NAN);
        let exact = ms * scale;
        prop_assert!(read <= exact + 1e-9 && exact - read < 0.010_001, "{ms} {text}");
    }
}
