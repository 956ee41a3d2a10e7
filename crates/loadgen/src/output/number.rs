//! Numbers as Go prints them, appended to text.

use std::io::Write as _;

/// As in JSON: the shortest digits that give the same number again, with an exponent below 1e-6 and
/// from 1e21.
pub(super) fn shortest(text: &mut Vec<u8>, value: f64) {
    let size = value.abs();
    if value != 0.0 && !(1e-6..1e21).contains(&size) {
        let start = text.len();
        let _ = write!(text, "{value:e}");
        if size >= 1.0
            && let Some(at) = text[start..].iter().position(|&byte| byte == b'e')
        {
            text.insert(start + at + 1, b'+');
        }
    } else {
        without_exponent(text, value);
    }
}

/// The shortest digits, never with an exponent.
pub(super) fn without_exponent(text: &mut Vec<u8>, value: f64) {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        whole(text, value);
    } else if (1e-4..1e15).contains(&value.abs()) {
        // Several times as fast as std, and the same digits in this range.
        let _ = serde_json::to_writer(text, &value);
    } else {
        let _ = write!(text, "{value}");
    }
}

/// With six decimals, as C's `%f`.
pub(super) fn six_decimals(text: &mut Vec<u8>, value: f64) {
    let millionths = value * 1e6;
    let rounded = millionths.round();
    // What lies near the middle between two is left to std, which knows all its digits.
    if (0.0..1e15).contains(&millionths) && (millionths - rounded).abs() < 0.4 {
        let millionths = rounded as u64;
        let _ = write!(text, "{}.{:06}", millionths / 1_000_000, millionths % 1_000_000);
    } else {
        let _ = write!(text, "{value:.6}");
    }
}

fn whole(text: &mut Vec<u8>, value: f64) {
    // Most samples are one of these.
    match value {
        0.0 => text.push(b'0'),
        1.0 => text.push(b'1'),
        _ => drop(write!(text, "{}", value as i64)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(print: fn(&mut Vec<u8>, f64), value: f64) -> String {
        let mut text = Vec::new();
        print(&mut text, value);
        String::from_utf8(text).expect("digits")
    }

    #[test]
    fn numbers_are_printed_as_go_prints_them() {
        for (value, json) in [
            (0.0, "0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (0.491188, "0.491188"),
            (12.5, "12.5"),
            (1e-6, "0.000001"),
            (1e-7, "1e-7"),
            (1.25e-9, "1.25e-9"),
            (-3e-8, "-3e-8"),
            (0.000012, "0.000012"),
            (123456789.0, "123456789"),
            (1e15, "1000000000000000"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (1.0 / 3.0, "0.3333333333333333"),
        ] {
            assert_eq!(shown(shortest, value), json);
        }
        assert_eq!(shown(without_exponent, 1e-7), "0.0000001");
        assert_eq!(shown(without_exponent, 1e21), "1000000000000000000000");
        assert_eq!(shown(six_decimals, 1e-7), "0.000000");
        assert_eq!(shown(six_decimals, 1e21), "1000000000000000000000.000000");
        assert_eq!(shown(six_decimals, 0.491188), "0.491188");
        assert_eq!(shown(six_decimals, -1.5), "-1.500000");
    }

    proptest! {
        #[test]
        fn shortest_reads_back(value in proptest::num::f64::NORMAL | proptest::num::f64::ZERO) {
            let read: f64 = shown(shortest, value).parse().expect("a number");
            prop_assert_eq!(read, value);
            prop_assert_eq!(shown(without_exponent, value), value.to_string());
        }

        #[test]
        fn times_have_the_digits_of_their_nanoseconds(nanos in 0u64..10_000_000_000_000) {
            let value = nanos as f64 / 1e6;
            prop_assert_eq!(shown(six_decimals, value), format!("{value:.6}"));
            prop_assert_eq!(shown(without_exponent, value), value.to_string());
        }

        #[test]
        fn six_decimals_are_rounded_as_std_rounds(value in -1e9f64..1e9) {
            prop_assert_eq!(shown(six_decimals, value), format!("{value:.6}"));
        }
    }
}
