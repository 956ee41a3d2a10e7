//! A delay and a rate: some rows of the table.

use std::collections::BTreeMap;

use crate::{
    bare::Pace,
    load::Load,
    processes::{ServerProcess, duration},
    quantiles::{QUANTILES, Quantiles},
    server::Delays,
};

/// How far a quantile may be from the truth: so much of it, and so many microseconds.
const TOLERANCE: (f64, f64) = (0.03, 50.0);

/// How often loadgen and the bare client take turns. What is shown is the median.
const ROUNDS: usize = 5;

#[derive(Clone, Copy)]
pub(crate) struct Case {
    pub(crate) delays: Delays,
    pub(crate) rate: u32,
}

/// What came of a round.
struct Round {
    truth: Quantiles,
    /// What loadgen reports, and how far that is from what the server did.
    reported: Quantiles,
    difference: Quantiles,
    /// How far the bare client is from it.
    bare: Quantiles,
}

impl Case {
    /// Prints a line for each quantile, and each warning.
    pub(crate) fn run(self) {
        let mut warnings = BTreeMap::new();
        let rounds: Vec<Round> = (0..ROUNDS).map(|_| self.round(&mut warnings)).collect();
        let median = |of: fn(&Round) -> Quantiles| {
            Quantiles::medians(&rounds.iter().map(of).collect::<Vec<_>>()).0
        };
        let (truth, reported) = (median(|round| round.truth), median(|round| round.reported));
        let (difference, bare) = (median(|round| round.difference), median(|round| round.bare));
        for (place, percent) in QUANTILES.iter().enumerate() {
            let (truth, difference, bare) = (truth[place], difference[place], bare[place]);
            let allowed = truth * TOLERANCE.0 + TOLERANCE.1;
            let verdict = match (difference.abs() <= allowed, (difference - bare).abs() <= allowed)
            {
                (true, _) => "within",
                (false, true) => "as a bare client",
                (false, false) => "**missed**",
            };
            println!(
                "| {} | {} | p({percent}) | {truth:.0} µs | {:.0} µs | {difference:+.0} µs | \
                 {bare:+.0} µs | {allowed:.0} µs | {verdict} |",
                name(self.delays),
                self.rate,
                reported[place],
            );
        }
        for (warning, times) in warnings {
            println!("| | | {times} of {ROUNDS} rounds: {warning} | | | | | | |");
        }
    }

    /// loadgen and the bare client, each with a server of its own.
    fn round(self, warnings: &mut BTreeMap<String, usize>) -> Round {
        let server = ServerProcess::start(self.delays);
        let load = Load::at_rate(self.rate, self.connections()).run(&server.address);
        let truth = server.stop();
        let server = ServerProcess::start(self.delays);
        let pace = Pace { rate: self.rate, connections: self.connections(), duration: duration() };
        let bare = pace.run(&server.address).minus(server.stop());
        for warning in load.warnings {
            *warnings.entry(without_figures(&warning)).or_default() += 1;
        }
        let difference = load.quantiles.minus(truth);
        Round { truth, reported: load.quantiles, difference, bare }
    }

    /// Enough for what is under way twice over, and for what comes at once after the machine stood
    /// still for 50 ms.
    fn connections(self) -> u64 {
        let Delays { usual, rare } = self.delays;
        let rare = rare.map_or(0.0, |(of, delay)| delay.as_secs_f64() / of as f64);
        let seconds = 2.0 * (usual.as_secs_f64() + rare) + 0.05;
        (f64::from(self.rate) * seconds) as u64 + 20
    }
}

/// The same warning with other figures is the same.
fn without_figures(warning: &str) -> String {
    let is_figure = |word: &&str| word.starts_with(|first: char| first.is_ascii_digit());
    let words = warning.split(' ').map(|word| if is_figure(&word) { "…" } else { word });
    words.collect::<Vec<_>>().join(" ")
}

fn name(Delays { usual, rare }: Delays) -> String {
    match rare {
        None => format!("{usual:?}"),
        Some((of, delay)) => format!("{usual:?}, every {of}th {delay:?}"),
    }
}
