use super::*;

fn plain(value: f64) -> String {
    value.to_string()
}

fn series(mark: Mark, values: &[Option<f64>]) -> Series {
    Series { name: "series", class: "s", mark, right: false, values: values.to_vec() }
}

fn chart<'a>(xs: &'a [f64], series: &'a [Series], markers: &'a [(f64, String)]) -> Chart<'a> {
    Chart { frame: frame(4.0, None), xs, series, markers }
}

fn frame<'a>(end: f64, y2: Option<Axis>) -> Frame<'a> {
    Frame {
        id: "id",
        title: "Title",
        description: "Description",
        x: Axis::time(end, plain),
        y: Axis::linear(4.0, plain),
        y2,
        bands: &[],
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
    <line x1="0" x2="100%" y1="100.00%" y2="100.00%"/>
    <line x1="0" x2="100%" y1="75.00%" y2="75.00%"/>
    <line x1="0" x2="100%" y1="50.00%" y2="50.00%"/>
    <line x1="0" x2="100%" y1="25.00%" y2="25.00%"/>
    <line x1="0" x2="100%" y1="0.00%" y2="0.00%"/>
    </g>
    <text class="y" x="-8" y="100.00%" dy=".32em">0</text>
    <text class="y" x="-8" y="75.00%" dy=".32em">1</text>
    <text class="y" x="-8" y="50.00%" dy=".32em">2</text>
    <text class="y" x="-8" y="25.00%" dy=".32em">3</text>
    <text class="y" x="-8" y="0.00%" dy=".32em">4</text>
    <text class="x" x="0.00%" y="100%" dy="18">0</text>
    <text class="x" x="25.00%" y="100%" dy="18">1</text>
    <text class="x" x="50.00%" y="100%" dy="18">2</text>
    <text class="x" x="75.00%" y="100%" dy="18">3</text>
    <text class="x" x="100.00%" y="100%" dy="18">4</text>
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
    let chart = Chart {
        frame: frame(4.0, Some(Axis::whole(1.0, plain))),
        ..chart(&[0.0, 2.0, 4.0], &series, &markers)
    };
    insta::assert_snapshot!(chart.svg(), @r#"
    <svg class="chart" role="img" aria-labelledby="id-title id-desc" data-places="250|750" data-names="0–2|2–4">
    <title id="id-title">Title</title>
    <desc id="id-desc">Description</desc>
    <g class="grid">
    <line x1="0" x2="100%" y1="100.00%" y2="100.00%"/>
    <line x1="0" x2="100%" y1="75.00%" y2="75.00%"/>
    <line x1="0" x2="100%" y1="50.00%" y2="50.00%"/>
    <line x1="0" x2="100%" y1="25.00%" y2="25.00%"/>
    <line x1="0" x2="100%" y1="0.00%" y2="0.00%"/>
    </g>
    <text class="y" x="-8" y="100.00%" dy=".32em">0</text>
    <text class="y" x="-8" y="75.00%" dy=".32em">1</text>
    <text class="y" x="-8" y="50.00%" dy=".32em">2</text>
    <text class="y" x="-8" y="25.00%" dy=".32em">3</text>
    <text class="y" x="-8" y="0.00%" dy=".32em">4</text>
    <text class="y2" x="100%" dx="8" y="100.00%" dy=".32em">0</text>
    <text class="y2" x="100%" dx="8" y="0.00%" dy=".32em">1</text>
    <text class="x" x="0.00%" y="100%" dy="18">0</text>
    <text class="x" x="25.00%" y="100%" dy="18">1</text>
    <text class="x" x="50.00%" y="100%" dy="18">2</text>
    <text class="x" x="75.00%" y="100%" dy="18">3</text>
    <text class="x" x="100.00%" y="100%" dy="18">4</text>
    <svg viewBox="0 0 1200 400" preserveAspectRatio="none" width="100%" height="100%">
    <path class="area s" d="M0 300 600 300 600 0 1200 0L1200 400H0Z"/>
    <path class="line s" data-values="1|4" d="M0 300 600 300 600 0 1200 0"/>
    </svg>
    <g class="marker"><line x1="25.00%" x2="25.00%" y1="0" y2="100%"/><text x="25.00%" dx="5" y="12" text-anchor="start">a</text></g>
    <g class="marker"><line x1="87.50%" x2="87.50%" y1="0" y2="100%"/><text x="87.50%" dx="-5" y="27" text-anchor="end">&lt;b&gt;</text></g>
    </svg>
    "#);
}

#[test]
fn text_is_escaped() {
    let hostile = r#"<b>"'&"#;
    let bands = [Band { name: hostile.into(), start: 0.0, end: 1.0 }];
    let frame = frame(4.0, None);
    let frame = Frame { title: hostile, description: hostile, id: hostile, bands: &bands, ..frame };
    let svg = Chart { frame, ..chart(&[], &[], &[]) }.svg();
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
    let chart = Chart { frame: frame(6000.0, None), ..chart(&xs, &series, &[]) };
    let svg = chart.svg().to_string();
    assert!(svg.len() < 9_000, "{} bytes", svg.len());
    assert!(svg.contains("|1–4|"), "the peak can be read");
    assert!(svg.contains("864 0"), "the peak is drawn: {svg}");
}

#[test]
fn a_band_lies_behind_and_its_name_above() {
    let band = |name: &str, start, end| Band { name: name.into(), start, end };
    let bands = [band("ramp", 0.0, 3.0), band("other", 1.0, 4.0)];
    let chart =
        Chart { frame: Frame { bands: &bands, ..frame(4.0, None) }, ..chart(&[], &[], &[]) };
    let svg = chart.svg().to_string();
    let bands: Vec<_> = svg.lines().filter(|line| line.contains("class=\"band")).collect();
    insta::assert_snapshot!(bands.join("\n"), @r#"
    <g class="band tint0"><rect x="0.00%" width="75.00%" height="100%"/><svg x="0.00%" y="-16" width="75.00%" height="16"><text x="3" y="12">ramp</text></svg></g>
    <g class="band tint1"><rect x="25.00%" width="75.00%" height="100%"/><svg x="25.00%" y="-2" width="75.00%" height="16"><text x="3" y="12">other</text></svg></g>
    "#);
}

#[test]
fn cells_of_one_shade_are_one_piece_and_every_amount_can_be_read() {
    let column =
        |start, amounts: [f64; 3]| Column { start, end: start + 1.0, amounts: amounts.into() };
    let columns = [
        column(0.0, [0.0, 1000.0, 0.0]),
        column(1.0, [1.0, 1000.0, 0.0]),
        column(2.0, [0.0, 0.0, 0.0]),
        column(3.0, [0.0, 1000.0, 2.0]),
    ];
    let map = HeatMap { frame: frame(4.0, None), columns: &columns, edges: &[1.0, 2.0, 3.0, 4.0] };
    let svg = map.svg().to_string();
    let told: Vec<_> = svg.lines().filter(|line| line.contains("data-cells")).collect();
    let drawn: Vec<_> = svg.lines().filter(|line| line.contains("d=\"M")).collect();
    insta::assert_snapshot!([told, drawn].concat().join("\n"), @r#"
    <svg class="chart" role="img" aria-labelledby="id-title id-desc" data-places="125|375|625|875" data-names="0–1|1–2|2–3|3–4" data-cells="1:1000|0:1,1000||1:1000,2" data-rows="1–2|2–3|3–4" data-edges="750|500|250|0">
    <path class="heat heat1" d="M300 200H600V300H300zM900 0H1200V100H900z"/>
    <path class="heat heat8" d="M0 100H600V200H0zM900 100H1200V200H900z"/>
    "#);
}

#[test]
fn a_call_stands_on_the_one_that_made_it() {
    let call = |depth, name, value, is_rest| Flame {
        depth,
        name,
        detail: format!("{value}"),
        value,
        is_rest,
    };
    let calls = [
        call(0, "main", 90.0, false),
        call(1, "Vec<T>::push", 60.0, false),
        call(1, "a long name in a narrow place", 2.5, false),
        call(1, "read", 1.0, false),
        call(2, "(other)", 0.5, true),
        call(0, "(other)", 10.0, true),
    ];
    let (id, title, description) = ("id", "Title", "Description");
    let graph = FlameGraph { id, title, description, total: 100.0, calls: &calls };
    insta::assert_snapshot!(graph.svg(), @r#"
    <svg class="flames" height="51" role="img" aria-labelledby="id-title id-desc">
    <title id="id-title">Title</title>
    <desc id="id-desc">Description</desc>
    <svg x="0.00%" y="34" width="90.00%"><rect class="f0"><title>main 90</title></rect><text>main</text></svg>
    <svg x="0.00%" y="17" width="60.00%"><rect class="f3"><title>Vec&lt;T&gt;::push 60</title></rect><text>Vec&lt;T&gt;::push</text></svg>
    <svg x="60.00%" y="17" width="2.50%"><rect class="f3"><title>a long name in a narrow place 2.5</title></rect><text>a lon</text></svg>
    <rect class="f3" x="62.50%" y="17" width="1.00%"><title>read 1</title></rect>
    <rect class="rest" x="62.50%" y="0" width="0.50%"><title>(other) 0.5</title></rect>
    <svg x="90.00%" y="34" width="10.00%"><rect class="rest"><title>(other) 10</title></rect><text>(other)</text></svg>
    </svg>

    "#);
    let graph = FlameGraph { calls: &[], ..graph };
    assert!(graph.svg().to_string().contains("height=\"0\""));
}
