use super::*;
#[test]
fn gallery() {
    let k6: Summary = serde_json::from_str(
        &std::fs::read_to_string("/work/shared/k6/summary-pairs/case0/V2-full.data.json").unwrap(),
    )
    .unwrap();
    let mut named = sample::full(3600);
    let extras = extras_of(&mut named);
    let one = extras.requests[0].clone();
    extras.requests = (0..500)
        .map(|i| {
            let mut r = one.clone();
            r.name = format!("http://127.0.0.1:8080/posts/{i}/index.html");
            r
        })
        .collect();
    for (name, s) in [
        ("a", sample::full(30)),
        ("b", sample::failing()),
        ("c", k6),
        ("d", sample::full(3600)),
        ("e", named),
        ("f", {
            let mut s = sample::k6(3);
            s.metrics.clear();
            s
        }),
    ] {
        let p = page(&s);
        println!("{name} {}", p.len());
        std::fs::write(format!("/tmp/gallery/{name}.html"), p).unwrap();
    }
}
