//! The `servy` command as a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

/// The command without the variables of whoever runs the tests.
pub(crate) fn servy(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_servy"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("SERVY_")) {
        command.env_remove(name);
    }
    command.args(args).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// The command on ports that the system chooses.
pub(crate) fn on_free_ports(args: &[&str]) -> Command {
    servy(&[&["--port", "0", "--metrics-port", "0"], args].concat())
}

/// A child that is killed when a test fails.
pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) log: BufReader<ChildStderr>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Process {
    /// Starts it and reads its log up to the line with its addresses.
    pub(crate) fn start(mut command: Command) -> (Process, Vec<String>, SocketAddr) {
        let mut child = command.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut process = Process { child, log };
        let mut lines = Vec::new();
        loop {
            let mut line = String::new();
            assert!(process.log.read_line(&mut line).unwrap() > 0, "it ended early: {lines:?}");
            lines.push(line.trim_end().to_owned());
            if let Some((_, rest)) = line.split_once("site on http://") {
                let addr = rest.split('/').next().unwrap().parse().unwrap();
                return (process, lines, addr);
            }
        }
    }

    pub(crate) fn signal(&self, name: &str) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// The code with which it ends by itself, within some time.
    pub(crate) async fn code(mut self, within: Duration) -> Option<i32> {
        let ended = tokio::task::spawn_blocking(move || self.child.wait().unwrap().code());
        tokio::time::timeout(within, ended).await.expect("it ends").unwrap()
    }

    /// A fact of `/proc/PID/status` in kilobytes: `VmRSS` is the memory that it has, `VmHWM` the
    /// most that it ever had.
    pub(crate) fn kilobytes(&self, fact: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(fact)).unwrap();
        line.trim_start_matches(':').trim_end_matches("kB").trim().parse().unwrap()
    }
}
