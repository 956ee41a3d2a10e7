//! One row of the table: a delay and a rate.

use std::{
    env, fmt,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::{load::Load, server::Delays};

/// The first argument of the process that is the server.
pub(crate) const SERVE: &str = "--serve";

/// Which quantiles are compared, in per cent.
pub(crate) const QUANTILES: [f64; 3] = [50.0, 99.0, 99.9];

/// How far a quantile may be from the truth: so much of it, and so many microseconds.
const TOLERANCE: (f64, f64) = (0.03, 50.0);

/// What is compared, in microseconds.
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

impl Case {
    /// Prints a line for each quantile.
    pub(crate) fn run(self) {
        let server = ServerProcess::start(self.delays);
        let load = Load::at_rate(self.rate, self.delays).run(&server.address);
        let truth = server.stop();
        for ((percent, truth), ours) in QUANTILES.iter().zip(truth.0).zip(load.quantiles.0) {
            let (difference, allowed) = (ours - truth, truth * TOLERANCE.0 + TOLERANCE.1);
            let mark = if difference.abs() <= allowed { "" } else { " **missed**" };
            println!(
                "| {} | {} | p({percent}) | {truth:.0} µs | {ours:.0} µs | {difference:+.0} µs | {allowed:.0} µs{mark} |",
                name(self.delays),
                self.rate,
            );
        }
        for warning in load.warnings {
            println!("| | | warning: {warning} | | | | |");
        }
    }
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
        let mut quantiles = text.lines().map(|line| line.parse().expect("a number"));
        Quantiles([(); 3].map(|()| quantiles.next().expect("one for each")))
    }
}
