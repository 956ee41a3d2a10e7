use std::time::Duration;

use proptest::prelude::*;

use crate::thresholds::{Expression, InvalidExpression, Operator, Statistic};

fn parse(text: &str) -> Result<Expression, InvalidExpression> {
    text.parse()
}

#[test]
fn a_threshold_is_a_statistic_an_operator_and_a_number() {
    for (text, statistic, operator, bound) in [
        ("count>5", Statistic::Count, Operator::Greater, 5.0),
        (" rate <= 0.01 ", Statistic::Rate, Operator::LessOrEqual, 0.01),
        ("value>=-1", Statistic::Value, Operator::GreaterOrEqual, -1.0),
        ("avg<1e3", Statistic::Avg, Operator::Less, 1000.0),
        ("min!=0", Statistic::Min, Operator::NotEqual, 0.0),
        ("max<inf", Statistic::Max, Operator::Less, f64::INFINITY),
        ("med==2", Statistic::Med, Operator::Equal, 2.0),
        ("p(99.90)===2", Statistic::Percentile(99.9), Operator::Equal, 2.0),
        ("p<1", Statistic::Percentile(0.0), Operator::Less, 1.0),
    ] {
        assert_eq!(parse(text), Ok(Expression { statistic, operator, bound, window: None }));
    }
}

#[test]
fn a_window_is_whole_seconds_up_to_ten_minutes() {
    let window = |text: &str| parse(text).expect("a threshold").window;
    assert_eq!(window("p(95)<200 last 30s"), Some(Duration::from_secs(30)));
    assert_eq!(window("rate<0.1   last  10m "), Some(Duration::from_secs(600)));
    let errors =
        ["last 0s", "last 500ms", "last 1.5s", "last 601s", "last 30", "last", "last soon"]
            .map(|window| parse(&format!("rate<1 {window}")).expect_err(window).to_string());
    insta::assert_snapshot!(errors.join("\n"), @r#"
    failed parsing threshold expresion's "rate<1 last 0s" right hand side; reason: window of 0s is not allowed; allowed are whole seconds from 1s to 10m
    failed parsing threshold expresion's "rate<1 last 500ms" right hand side; reason: window of 500ms is not allowed; allowed are whole seconds from 1s to 10m
    failed parsing threshold expresion's "rate<1 last 1.5s" right hand side; reason: window of 1.5s is not allowed; allowed are whole seconds from 1s to 10m
    failed parsing threshold expresion's "rate<1 last 601s" right hand side; reason: window of 10m1s is not allowed; allowed are whole seconds from 1s to 10m
    failed parsing threshold expresion's "rate<1 last 30" right hand side; reason: missing unit in duration "30"; allowed are ns, us, ms, s, m and h, as in 30s or 1m30s
    failed parsing threshold expresion's "rate<1 last" right hand side; reason: strconv.ParseFloat: parsing "1 last": invalid syntax
    failed parsing threshold expresion's "rate<1 last soon" right hand side; reason: invalid duration "soon"; allowed are numbers with units, as in 30s, 1m30s or 1.5h
    "#);
}

/// Trap 20: `<=` is searched for before `<`.
#[test]
fn operators_are_searched_for_in_k6s_order() {
    assert_eq!(parse("avg<=1").expect("read").operator, Operator::LessOrEqual);
    // With nothing behind `<=`, what is left is `<` and a number that is none.
    let error = parse("avg<=").expect_err("no number");
    assert!(error.to_string().ends_with(r#"parsing "=": invalid syntax"#), "{error}");
    // `<=` anywhere comes before `<` anywhere.
    assert!(parse("avg<1<=2").is_err_and(|error| error.to_string().contains("left hand side")));
}

#[test]
fn what_is_wrong_is_said_as_k6_says_it() {
    let texts = [
        "",
        "count",
        "count>",
        "count=5",
        "foo>5",
        "p(abc)<5",
        "p(101)<5",
        "p(nan)<5",
        "p(95<5",
        "count>x",
        "count> ",
        "count>1 && count<5",
        "rate<1 since 5s",
        "a\"b>1",
    ];
    let errors = texts.map(|text| parse(text).expect_err(text).to_string());
    insta::assert_snapshot!(errors.join("\n"), @r#"
    failed parsing threshold expression ""; reason: malformed threshold expression
    failed parsing threshold expression "count"; reason: malformed threshold expression
    failed parsing threshold expression "count>"; reason: malformed threshold expression
    failed parsing threshold expression "count=5"; reason: malformed threshold expression
    failed parsing threshold expression's "foo>5" left hand side; reason: failed parsing method from expression
    failed parsing threshold expression's "p(abc)<5" left hand side; reason: malformed percentile value; reason: strconv.ParseFloat: parsing "abc": invalid syntax
    failed parsing threshold expression's "p(101)<5" left hand side; reason: malformed percentile value, provide a number between 0 and 100
    failed parsing threshold expression's "p(nan)<5" left hand side; reason: malformed percentile value, provide a number between 0 and 100
    failed parsing threshold expression's "p(95<5" left hand side; reason: failed parsing method from expression
    failed parsing threshold expresion's "count>x" right hand side; reason: strconv.ParseFloat: parsing "x": invalid syntax
    failed parsing threshold expresion's "count> " right hand side; reason: strconv.ParseFloat: parsing "": invalid syntax
    failed parsing threshold expression's "count>1 && count<5" left hand side; reason: failed parsing method from expression
    failed parsing threshold expresion's "rate<1 since 5s" right hand side; reason: strconv.ParseFloat: parsing "1 since 5s": invalid syntax
    failed parsing threshold expression's "a\"b>1" left hand side; reason: failed parsing method from expression
    "#);
}

fn expressions() -> impl Strategy<Value = Expression> {
    let statistic = prop_oneof![
        Just(Statistic::Value),
        Just(Statistic::Count),
        Just(Statistic::Rate),
        Just(Statistic::Avg),
        Just(Statistic::Min),
        Just(Statistic::Med),
        Just(Statistic::Max),
        (0.0..=100.0).prop_map(Statistic::Percentile),
    ];
    let operator = prop_oneof![
        Just(Operator::LessOrEqual),
        Just(Operator::Less),
        Just(Operator::GreaterOrEqual),
        Just(Operator::Greater),
        Just(Operator::Equal),
        Just(Operator::NotEqual),
    ];
    let bound = any::<f64>().prop_filter("equal to itself", |bound| !bound.is_nan());
    let window = prop::option::of((1..=600_u64).prop_map(Duration::from_secs));
    (statistic, operator, bound, window).prop_map(|(statistic, operator, bound, window)| {
        Expression { statistic, operator, bound, window }
    })
}

proptest! {
    #[test]
    fn what_is_printed_reads_back(expression in expressions()) {
        prop_assert_eq!(parse(&expression.to_string()), Ok(expression));
    }

    #[test]
    fn no_text_panics(
        text in "\\PC*",
        like_one in "(p|avg|rate|count)?\\(?[0-9.]{0,4}\\)?[<>=! ]{0,4}[-+_.e0-9]{0,6}( last [0-9.]{0,22}(ns|s|m|h)?)?",
    ) {
        for text in [text, like_one] {
            if let Err(error) = parse(&text) {
                prop_assert!(!error.to_string().contains('\n'));
            }
        }
    }
}
