//! Numbers as Go reads them, since that is how k6 reads thresholds.

/// A text that is no number. The messages are Go's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNumber {
    /// Not written as a number.
    #[error("strconv.ParseFloat: parsing {0:?}: invalid syntax")]
    Syntax(String),
    /// Larger than 64 bits can hold.
    #[error("strconv.ParseFloat: parsing {0:?}: value out of range")]
    Range(String),
}

/// Reads a decimal number: `200`, `-1.5`, `1e3`, `.5`, `1_000`, `inf`.
pub(super) fn parse(text: &str) -> Result<f64, InvalidNumber> {
    let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
    let bytes = text.as_bytes();
    let between_digits = |at: usize| digit(bytes[..at].last()) && digit(bytes.get(at + 1));
    let underscores = || text.match_indices('_').map(|(at, _)| at);
    if !underscores().all(between_digits) {
        return Err(InvalidNumber::Syntax(text.into()));
    }
    let number: f64 =
        text.replace('_', "").parse().map_err(|_| InvalidNumber::Syntax(text.into()))?;
    if number.is_infinite() && bytes.iter().any(u8::is_ascii_digit) {
        return Err(InvalidNumber::Range(text.into()));
    }
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimal_numbers_are_read() {
        for (text, number) in [
            ("200", 200.0),
            ("-1", -1.0),
            ("+.5", 0.5),
            ("5.", 5.0),
            ("1e3", 1000.0),
            ("1_000.5", 1000.5),
            ("inf", f64::INFINITY),
            ("-Infinity", f64::NEG_INFINITY),
        ] {
            assert_eq!(parse(text), Ok(number), "{text}");
        }
        assert!(parse("NaN").is_ok_and(f64::is_nan));
    }

    #[test]
    fn all_else_is_not() {
        let errors = ["", "x", "1 000", "_1", "1_", "1__0", "1_.5", "200ms", "1e400", "-1e999"]
            .map(|text| parse(text).expect_err(text).to_string());
        insta::assert_snapshot!(errors.join("\n"), @r#"
        strconv.ParseFloat: parsing "": invalid syntax
        strconv.ParseFloat: parsing "x": invalid syntax
        strconv.ParseFloat: parsing "1 000": invalid syntax
        strconv.ParseFloat: parsing "_1": invalid syntax
        strconv.ParseFloat: parsing "1_": invalid syntax
        strconv.ParseFloat: parsing "1__0": invalid syntax
        strconv.ParseFloat: parsing "1_.5": invalid syntax
        strconv.ParseFloat: parsing "200ms": invalid syntax
        strconv.ParseFloat: parsing "1e400": value out of range
        strconv.ParseFloat: parsing "-1e999": value out of range
        "#);
    }
}
