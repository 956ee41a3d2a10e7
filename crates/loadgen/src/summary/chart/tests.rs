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
    insta::assert_snapshot!(chart(&[1.0, 2.0, 3.0, 4.0], &series, &[]).svg(), @r#"
    <svg class="chart" role="img" aria-labelledby="id-title id-desc" data-places="250|500|750|1000" data-names="1|2|3|4">
    <title id="id-title">Title</title>
    <desc id="id-desc">Description</desc>
    <g class="grid">
    <line x1="0" x2="100%" y1="100.0000%" y2="100.0000%"/>
    <line x1="0" x2="100%" y1="75.0000%" y2="75.0000%"/>
    <line x1="0" x2="100%" y1="50.0000%" y2="50.0000%"/>
    <line x1="0" x2="100%" y1="25.0000%" y2="25.0000%"/>
    <line x1="0" x2="100%" y1="0.0000%" y2="0.0000%"/>
    </g>
    <text class="y" x="-8" y="100.0000%" dy=".32em">0</text>
    <text class="y" x="-8" y="75.0000%" dy=".32em">1</text>
    <text class="y" x="-8" y="50.0000%" dy=".32em">2</text>
    <text class="y" x="-8" y="25.0000%" dy=".32em">3</text>
    <text class="y" x="-8" y="0.0000%" dy=".32em">4</text>
    <text class="x" x="0.0000%" y="100%" dy="18">0</text>
    <text class="x" x="25.0000%" y="100%" dy="18">1</text>
    <text class="x" x="50.0000%" y="100%" dy="18">2</text>
    <text class="x" x="75.0000%" y="100%" dy="18">3</text>
    <text class="x" x="100.0000%" y="100%" dy="18">4</text>
    <svg viewBox="0 0 1200 400" preserveAspectRatio="none" width="100%" height="100%">
    <path class="line s" data-values="1|3|–|2" d="M300 300 600 100M1200 200h0"/>
    <path class="area s" d="M600 300 900 200L900 400H600Z"/>
    <path class="line s" data-values="–|1|2|–" d="M600 300 900 200"/>
    </svg>
    </svg>
    "#);
}

#[test]
fn bars_reach_from_one_position_to_the_next() {
    let series = [series(Mark::Bars, &[Some(1.0), Some(4.0)])];
    let markers = [(1.0, "a".to_owned()), (3.5, "<b>".to_owned())];
    let chart =
        Chart { y2: Some(Axis::whole(1.0, plain)), ..chart(&[0.0, 2.0, 4.0], &series, &markers) };
    insta::assert_snapshot!(chart.svg(), @r#"
    <svg class="chart" role="img" aria-labelledby="id-title id-desc" data-places="250|750" data-names="0–2|2–4">
    <title id="id-title">Title</title>
    <desc id="id-desc">Description</desc>
    <g class="grid">
    <line x1="0" x2="100%" y1="100.0000%" y2="100.0000%"/>
    <line x1="0" x2="100%" y1="75.0000%" y2="75.0000%"/>
    <line x1="0" x2="100%" y1="50.0000%" y2="50.0000%"/>
    <line x1="0" x2="100%" y1="25.0000%" y2="25.0000%"/>
    <line x1="0" x2="100%" y1="0.0000%" y2="0.0000%"/>
    </g>
    <text class="y" x="-8" y="100.0000%" dy=".32em">0</text>
    <text class="y" x="-8" y="75.0000%" dy=".32em">1</text>
    <text class="y" x="-8" y="50.0000%" dy=".32em">2</text>
    <text class="y" x="-8" y="25.0000%" dy=".32em">3</text>
    <text class="y" x="-8" y="0.0000%" dy=".32em">4</text>
    <text class="y2" x="100%" dx="8" y="100.0000%" dy=".32em">0</text>
    <text class="y2" x="100%" dx="8" y="0.0000%" dy=".32em">1</text>
    <text class="x" x="0.0000%" y="100%" dy="18">0</text>
    <text class="x" x="25.0000%" y="100%" dy="18">1</text>
    <text class="x" x="50.0000%" y="100%" dy="18">2</text>
    <text class="x" x="75.0000%" y="100%" dy="18">3</text>
    <text class="x" x="100.0000%" y="100%" dy="18">4</text>
    <svg viewBox="0 0 1200 400" preserveAspectRatio="none" width="100%" height="100%">
    <path class="area s" d="M0 300 600 300 600 0 1200 0L1200 400H0Z"/>
    <path class="line s" data-values="1|4" d="M0 300 600 300 600 0 1200 0"/>
    </svg>
    <g class="marker"><line x1="25.0000%" x2="25.0000%" y1="0" y2="100%"/><text x="25.0000%" dx="5" y="12" text-anchor="start">a</text></g>
    <g class="marker"><line x1="87.5000%" x2="87.5000%" y1="0" y2="100%"/><text x="87.5000%" dx="-5" y="27" text-anchor="end">&lt;b&gt;</text></g>
    </svg>
    "#);
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
