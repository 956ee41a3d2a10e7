use super::*;

fn plain(value: f64) -> String {
    value.to_string()
}

fn series(mark: Mark, values: &[Option<f64>]) -> Series {
    Series { name: "series", class: "s", mark, right: false, values: values.to_vec() }
}

fn chart<'a>(xs: &'a [f64], series: &'a [Series], markers: &'a [(f64, String)]) -> Chart<'a> {
    Chart {
        id: "id",
        title: "Title",
        description: "Description",
        x: Axis::time(4.0, plain),
        y: Axis::linear(4.0, plain),
        y2: None,
        xs,
        series,
        markers,
    }
}

#[test]
fn a_line_has_gaps_where_there_are_no_values() {
    let series = [
        series(Mark::Line, &[Some(1.0), Some(3.0), None, Some(2.0)]),
        series(Mark::Area, &[None, Some(1.0), Some(2.0), Some(f64::NAN)]),
    ];
    insta::assert_snapshot!(chart(&[1.0, 2.0, 3.0, 4.0], &series, &[]).svg(), @r"");
}

#[test]
fn bars_reach_from_one_position_to_the_next() {
    let series = [series(Mark::Bars, &[Some(1.0), Some(4.0)])];
    let markers = [(1.0, "a".to_owned()), (3.5, "<b>".to_owned())];
    let chart =
        Chart { y2: Some(Axis::whole(1.0, plain)), ..chart(&[0.0, 2.0, 4.0], &series, &markers) };
    insta::assert_snapshot!(chart.svg(), @r"");
}

#[test]
fn text_is_escaped() {
    let hostile = r#"<b>"'&"#;
    let svg =
        Chart { title: hostile, description: hostile, id: hostile, ..chart(&[], &[], &[]) }.svg();
    let svg = svg.to_string();
    assert!(!svg.contains("<b>") && !svg.contains(r#""'"#), "{svg}");
    assert!(
        svg.contains(
            "<title id=\"&lt;b&gt;&quot;&#39;&amp;-title\">&lt;b&gt;&quot;&#39;&amp;</title>"
        ),
        "{svg}"
    );
}

#[test]
fn many_points_become_few_and_peaks_stay() {
    let xs: Vec<f64> = (0..6000).map(f64::from).collect();
    let mut values = vec![Some(1.0); 6000];
    values[4321] = Some(4.0);
    let series = [series(Mark::Line, &values)];
    let chart = Chart { x: Axis::time(6000.0, plain), ..chart(&xs, &series, &[]) };
    let svg = chart.svg().to_string();
    assert!(svg.len() < 12_000, "{} bytes", svg.len());
    assert!(svg.contains("|1–4|"), "the peak can be read");
    assert!(svg.contains("864 0"), "the peak is drawn: {svg}");
}
