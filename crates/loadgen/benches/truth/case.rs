//! A delay and a rate: some rows of the table.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsStr,
    fmt,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::{
    bare::Pace,
    load::{self, Load},
    server::Delays,
};

/// The first argument of the process that is the server.
pub(crate) const SERVE: &str = "--serve";

/// Which quantiles are compared, in per cent.
pub(crate) const QUANTILES: [f64; 3] = [50.0, 99.0, 99.9];

/// How far a quantile may be from the truth: so much of it, and so many microseconds.
const TOLERANCE: (f64, f64) = (0.03, 50.0);

/// How often loadgen and the bare client take turns. What is shown is the median.
const ROUNDS: usize = 5;

/// What is compared, in microseconds.
#[derive(Clone, Copy)]
pub(crate) struct Quantiles(pub(crate) [f64; 3]);

impl Quantiles {
    /// By the formula that loadgen has from k6: interpolated between neighbours.
    pub(crate) fn of(mut took: Vec<Duration>) -> Self {
        took.sort();
        let micros = |index: usize| took[index].as_secs_f64() * 1e6;
        Self(QUANTILES.map(|percent| {
            let rank = percent / 100.0 * (took.len() - 1) as f64;
            let (low, high) = (micros(rank as usize), micros(rank.ceil() as usize));
            low + (high - low) * rank.fract()
        }))
    }

    /// As they are displayed.
    pub(crate) fn read(text: &str) -> Self {
        let mut quantiles = text.lines().map(|line| line.parse().expect("a number"));
        Self([(); 3].map(|()| quantiles.next().expect("one for each")))
    }

    fn minus(self, other: Self) -> Self {
        Self(std::array::from_fn(|place| self.0[place] - other.0[place]))
    }

    /// Each by itself.
    fn medians(rounds: &[Self]) -> Self {
        Self(std::array::from_fn(|place| {
            let mut values: Vec<f64> = rounds.iter().map(|round| round.0[place]).collect();
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        }))
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|quantile| writeln!(f, "{quantile}"))
    }
}

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
        let pace =
            Pace { rate: self.rate, connections: self.connections(), duration: load::duration() };
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

/// As an argument: nanoseconds, and of how many answers one takes how many.
fn argument(Delays { usual, rare }: Delays) -> String {
    let (of, rare) = rare.unwrap_or_default();
    format!("{},{of},{}", usual.as_nanos(), rare.as_nanos())
}

/// The other way round.
pub(crate) fn delays(argument: &str) -> Delays {
    let numbers: Vec<u64> =
        argument.split(',').map(|number| number.parse().expect("the parent wrote it")).collect();
    let rare = (numbers[1] > 0).then(|| (numbers[1], Duration::from_nanos(numbers[2])));
    Delays { usual: Duration::from_nanos(numbers[0]), rare }
}

/// A program that has the second core to itself.
pub(crate) fn on_second_core(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("taskset");
    command.args(["-c", "1"]).arg(program);
    command
}

/// The server on the first core.
pub(crate) struct ServerProcess {
    process: Child,
    output: BufReader<ChildStdout>,
    pub(crate) address: String,
}

impl ServerProcess {
    pub(crate) fn start(delays: Delays) -> Self {
        let mut process = Command::new("taskset")
            .args(["-c", "0"])
            .arg(env::current_exe().expect("this program has a name"))
            .args([SERVE, &argument(delays)])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the server starts");
        let mut output = BufReader::new(process.stdout.take().expect("it is piped"));
        let mut address = String::new();
        output.read_line(&mut address).expect("the server says where it is");
        Self { process, output, address: address.trim().to_owned() }
    }

    /// What it really did.
    pub(crate) fn stop(mut self) -> Quantiles {
        drop(self.process.stdin.take());
        let mut text = String::new();
        self.output.read_to_string(&mut text).expect("the server tells");
        self.process.wait().expect("the server ends");
        Quantiles::read(&text)
    }
}
