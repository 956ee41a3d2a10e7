//! A test that is made up: it answers what a [`Control`] asks as an engine would.

use std::{
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

use loadgen::{
    control::{Ask, Control, Phase, Refused, Snapshot, Status},
    metrics::{
        CheckCount, CheckKey, Contains, MetricKind, Part, Registry, Sink, SinkKey, Tally, builtin,
    },
};

pub(super) struct Engine {
    pub(super) control: Control,
    obeyed: Arc<Mutex<Vec<String>>>,
    asked: mpsc::Receiver<()>,
}

/// How one differs from another.
#[derive(Clone, Copy, Default)]
struct Nature {
    /// Can neither be paused nor scaled.
    fixed: bool,
    /// Is gone as soon as it was told to stop.
    mortal: bool,
    /// Before each answer.
    delay: Duration,
}

impl Engine {
    /// Two of ten VUs work, controlled from outside.
    pub(super) fn start() -> Self {
        Self::with(Nature::default())
    }

    pub(super) fn uncontrollable() -> Self {
        Self::with(Nature { fixed: true, ..Nature::default() })
    }

    pub(super) fn gone_when_stopped() -> Self {
        Self::with(Nature { mortal: true, ..Nature::default() })
    }

    pub(super) fn slow(delay: Duration) -> Self {
        Self::with(Nature { delay, ..Nature::default() })
    }

    fn with(nature: Nature) -> Self {
        let (control, mut asks) = Control::new();
        let (ring, asked) = mpsc::channel();
        let obeyed = Arc::default();
        let mut test = Test { nature, status: STATUS, obeyed: Arc::clone(&obeyed) };
        thread::spawn(move || {
            while let Some(ask) = asks.blocking_recv() {
                let _ = ring.send(());
                thread::sleep(nature.delay);
                test.answer(ask);
                if nature.mortal && test.status.stopped {
                    break;
                }
            }
        });
        Self { control, obeyed, asked }
    }

    /// What changed it.
    pub(super) fn obeyed(&self) -> Vec<String> {
        self.obeyed.lock().unwrap().clone()
    }

    pub(super) fn wait_until_asked(&self) {
        self.asked.recv().unwrap();
    }
}

/// A handle to a test that is over.
pub(super) fn over() -> Control {
    Control::new().0
}

const STATUS: Status = Status {
    phase: Phase::Running,
    paused: false,
    vus: 2,
    vus_max: 10,
    stopped: false,
    running: true,
    tainted: false,
};

struct Test {
    nature: Nature,
    status: Status,
    obeyed: Arc<Mutex<Vec<String>>>,
}

impl Test {
    /// Whoever asked may be gone, so that sending may fail.
    fn answer(&mut self, ask: Ask) {
        match ask {
            Ask::Status(answer) => drop(answer.send(self.status)),
            Ask::Outcome(answer) => drop(answer),
            Ask::Snapshot(answer) => drop(answer.send(snapshot())),
            Ask::Pause(paused, answer) => drop(answer.send(self.pause(paused))),
            Ask::Scale { vus, max_vus, answer } => drop(answer.send(self.scale(vus, max_vus))),
            Ask::Stop(answer) => {
                self.status.stopped = true;
                self.note("stop".into());
                let _ = answer.send(());
            }
        }
    }

    fn pause(&mut self, paused: bool) -> Result<(), Refused> {
        if self.nature.fixed {
            return Err(Refused::Pause(
                "constant-vus executor 'default' doesn't support pause and resume operations \
                 after its start"
                    .into(),
            ));
        }
        self.status.paused = paused;
        self.note(format!("pause {paused}"));
        Ok(())
    }

    fn scale(&mut self, vus: Option<i64>, max_vus: Option<i64>) -> Result<(), Refused> {
        if self.nature.fixed {
            return Err(Refused::NotControllable);
        }
        let vus = vus.map_or(self.status.vus, |vus| vus.try_into().unwrap());
        let vus_max = max_vus.map_or(self.status.vus_max, |max| max.try_into().unwrap());
        if vus > vus_max {
            return Err(Refused::Scale(format!("{vus} VUs are more than {vus_max}")));
        }
        (self.status.vus, self.status.vus_max) = (vus, vus_max);
        self.note(format!("scale {vus} {vus_max}"));
        Ok(())
    }

    fn note(&self, what: String) {
        self.obeyed.lock().unwrap().push(what);
    }
}

/// Metrics of each kind, one of them without a sample, a submetric, groups and checks; measured in
/// four seconds.
fn snapshot() -> Snapshot {
    let mut registry = Registry::default();
    let orders = registry.declare("orders", MetricKind::Gauge, Contains::Data).unwrap();
    let (expected, _) = registry.submetrics().next().unwrap();
    let part = Part { scenario: "".into(), group: "::cart::pay".into() };
    let cart_pay = SinkKey::Part(builtin::GROUP_DURATION, part);
    let mut total = Tally::default();
    for (key, kind, samples) in [
        (SinkKey::Metric(builtin::VUS), MetricKind::Gauge, &[1.0, 2.0][..]),
        (SinkKey::Metric(builtin::ITERATIONS), MetricKind::Counter, &[1.0; 9]),
        (SinkKey::Metric(builtin::CHECKS), MetricKind::Rate, &[1.0, 1.0, 0.0]),
        (SinkKey::Metric(builtin::HTTP_REQ_DURATION), MetricKind::Trend, &[0.25, 1.5, 0.1]),
        (SinkKey::Metric(builtin::HTTP_REQ_FAILED), MetricKind::Rate, &[]),
        (SinkKey::Metric(orders), MetricKind::Gauge, &[200.74520750000002]),
        (SinkKey::Submetric(expected), MetricKind::Trend, &[0.25]),
        (cart_pay, MetricKind::Trend, &[5.0]),
    ] {
        let place = total.sinks.place(&key, || Sink::new(kind));
        samples.iter().for_each(|&sample| total.sinks[place].add(sample));
    }
    let check = |group: &str, name: &str| CheckKey {
        scenario: "".into(),
        group: group.into(),
        name: name.into(),
    };
    total.checks.merge([
        (&check("", "status"), &CheckCount { passes: 2, fails: 1 }),
        (&check("::cart::pay", "paid"), &CheckCount { passes: 7, fails: 0 }),
    ]);
    Snapshot {
        registry: Arc::new(registry),
        total,
        elapsed: Duration::from_secs(4),
        tainted: vec![("http_req_duration".into(), true), ("iterations".into(), false)],
    }
}
