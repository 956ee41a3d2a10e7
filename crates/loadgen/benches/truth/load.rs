//! loadgen on the second core, and what it reports.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    processes::{ServerProcess, WARM_UP, duration, on_second_core},
    quantiles::{QUANTILES, Quantiles},
    server::Delays,
};

/// What loadgen is told to do.
pub(crate) struct Load(Value);

/// What it says.
pub(crate) struct Reported {
    pub(crate) quantiles: Quantiles,
    pub(crate) warnings: Vec<String>,
}

impl Load {
    /// So many requests a second, evenly, from so many users.
    pub(crate) fn at_rate(rate: u32, vus: u64) -> Self {
        Self(json!({
            "executor": "constant-arrival-rate",
            "rate": rate,
            "duration": seconds(),
            "preAllocatedVUs": vus,
        }))
    }

    /// As many requests as two users get answered.
    fn as_fast_as_possible() -> Self {
        Self(json!({ "executor": "constant-vus", "vus": 2, "duration": seconds() }))
    }

    pub(crate) fn run(self, address: &str) -> Reported {
        let folder = TempDir::new().expect("a temporary folder");
        let file = |name: &str, content: Value| {
            let file = folder.path().join(name);
            std::fs::write(&file, content.to_string()).expect("a file");
            file
        };
        let stats = QUANTILES.map(|percent| format!("p({percent})"));
        let output = on_second_core(env!("CARGO_BIN_EXE_loadgen"))
            .args(["--quiet", "--warmup", &format!("{}s", WARM_UP.as_secs()), "--config"])
            .arg(file("options.json", json!({ "scenarios": { "load": self.0 } })))
            .arg("--paths")
            .arg(file("paths.json", json!(["/"])))
            .args(["--host", &format!("http://{address}")])
            .args(["--summary-trend-stats", &stats.join(",")])
            .arg("--report-dir")
            .arg(folder.path())
            .output()
            .expect("loadgen starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = std::fs::read_to_string(folder.path().join("summary.json")).expect("a summary");
        let summary: Value = serde_json::from_str(&text).expect("JSON");
        let values = &summary["metrics"]["http_req_duration"]["values"];
        let micros = |stat: String| values[stat].as_f64().expect("it was asked for") * 1e3;
        let warnings = summary["loadgen"]["warnings"].as_array().expect("a list").iter();
        Reported {
            quantiles: Quantiles(stats.map(micros)),
            warnings: warnings.map(|it| it.as_str().expect("a text").to_owned()).collect(),
        }
    }
}

fn seconds() -> String {
    format!("{}s", duration().as_secs())
}

/// Takes half of loadgen's core from it, and prints what it says to that.
pub(crate) fn beside_a_busy_loop(delays: Delays) {
    let delays = Delays { usual: delays.usual / 100, ..delays };
    let server = ServerProcess::start(delays);
    let mut busy =
        on_second_core("sh").args(["-c", "while :; do :; done"]).spawn().expect("a shell");
    let load = Load::as_fast_as_possible().run(&server.address);
    // It does not end by itself.
    busy.kill().and_then(|()| busy.wait()).expect("the busy loop ends");
    let truth = server.stop();
    println!("\nBeside a busy loop on its core, the truth in µs and what loadgen reports:\n");
    for ((percent, truth), ours) in QUANTILES.iter().zip(truth.0).zip(load.quantiles.0) {
        println!("- p({percent}): {truth:.0}, {ours:.0}");
    }
    for warning in load.warnings {
        println!("- warning: {warning}");
    }
}
