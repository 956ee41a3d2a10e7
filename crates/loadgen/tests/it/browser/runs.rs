//! Runs whose reports are worth a look: real ones, and one that is an hour long because a short one
//! was repeated.

use std::time::Duration;

use loadgen::{
    LoadTest, Vu,
    summary::{
        Summary,
        model::{Call, HotFunction, Profile, RequestCount, Row},
    },
};

/// A name that would like to be markup, a script, another line, and too long for any cell.
pub(super) fn hostile() -> String {
    let start = "</script><script>window.pwned=1</script><img src=x onerror=window.pwned=1>\"'&🦀 ";
    start.chars().chain("long-".chars().cycle()).take(300).collect()
}

/// Requests over three seconds, thresholds that hold and one that does not, and groups.
pub(super) async fn usual() -> Summary {
    let test = LoadTest::new()
        .vus(3)
        .duration(Duration::from_secs(3))
        .threshold("http_req_duration", "p(99.5)<0.001")
        .threshold("http_req_failed", "rate<0.9");
    let iteration = async |vu: &mut Vu| {
        vu.group("pages", async |vu| {
            for path in ["/", "/about/", "/archive/", "/nowhere"] {
                let status = vu.get(path).await.status_code();
                vu.check("status is 200", status == 200);
            }
        })
        .await;
        vu.sleep(Duration::from_millis(5)).await;
    };
    run(test, iteration).await
}

/// An iteration that asks for nothing.
pub(super) async fn without_requests() -> Summary {
    run(LoadTest::new().vus(1).iterations(1), async |_: &mut Vu| {}).await
}

/// Nobody listens.
pub(super) async fn all_failed() -> Summary {
    let test = LoadTest::new().vus(2).iterations(20).batch_get(["/", "/about/"]);
    test.run_at("http://127.0.0.1:1").await.unwrap().summary().clone()
}

/// Requests, groups, checks, tags and errors with such names.
pub(super) async fn with_hostile_names() -> Summary {
    run(LoadTest::new().vus(1).iterations(5), async |vu: &mut Vu| {
        vu.group(&hostile(), async |vu| {
            vu.check(&hostile(), false);
            vu.get("/?<script>window.pwned=1</script>\"'").await;
        })
        .await;
        vu.tag("name", &hostile());
        vu.get("/").await;
    })
    .await
}

/// The same run over and over, and 500 names.
pub(super) fn an_hour_of(summary: &Summary) -> Summary {
    let mut hour = summary.clone();
    let extras = hour.loadgen.as_mut().unwrap();
    let rows = std::mem::take(&mut extras.rows);
    for (second, row) in (1..=3600_u32).zip(rows.iter().cycle()) {
        let at = f64::from(second);
        extras.rows.push(Row { at, seconds: 1.0, ..row.clone() });
    }
    hour.state.test_run_duration_ms = 3_600_000.0;
    let kind = extras.requests[0].clone();
    let name = |n: usize| format!("https://shop.example.com/products/{n:03}/a-name-of-some-length");
    extras.requests = (0..500).map(|n| RequestCount { name: name(n), ..kind.clone() }).collect();
    hour
}

/// The same with a profile of the target: half of the time a narrow function, half of it one with a
/// hostile name.
pub(super) fn profiled(summary: &Summary) -> Summary {
    let call = |depth, name: String, value| Call { depth, name, value };
    let hot = |name: String| HotFunction { name, itself: 50, total: 50 };
    let mut profiled = summary.clone();
    profiled.loadgen.as_mut().unwrap().profile = Some(Profile {
        url: "http://127.0.0.1:8081/debug/pprof/profile?seconds=1".into(),
        start: 1.0,
        end: 2.0,
        kind: "cpu".into(),
        unit: "nanoseconds".into(),
        total: 100,
        samples: Some(100),
        hottest: vec![hot(hostile()), hot("narrow".into())],
        calls: vec![
            call(0, "main".into(), 100),
            call(1, hostile(), 50),
            call(1, "narrow".into(), 50),
        ],
    });
    profiled
}

async fn run(test: LoadTest, iteration: impl AsyncFn(&mut Vu) + Send + Sync + 'static) -> Summary {
    let service = servy::router(servy::Config::default()).await.unwrap();
    test.iteration(iteration).run(service).await.unwrap().summary().clone()
}
