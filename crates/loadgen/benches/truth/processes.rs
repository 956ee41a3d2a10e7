//! The programs that take part, each on its core.

use std::{
    env,
    ffi::OsStr,
    io::{BufRead, BufReader, Read},
    process::{Child, ChildStdout, Command, Stdio},
    time::Duration,
};

use crate::{quantiles::Quantiles, server::Delays};

/// The first argument of the process that is the server.
pub(crate) const SERVE: &str = "--serve";

/// Left out on all sides: connections are made in it.
pub(crate) const WARM_UP: Duration = Duration::from_secs(1);

/// How long a run takes, warm-up included.
pub(crate) fn duration() -> Duration {
    let seconds = env::var("LOADGEN_BENCH_SECONDS").ok();
    let seconds = seconds.map_or(2, |seconds| seconds.parse().expect("seconds"));
    WARM_UP + Duration::from_secs(seconds)
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
