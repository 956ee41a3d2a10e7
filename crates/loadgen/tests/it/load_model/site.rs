//! A site of which everything is known: how long it takes to answer, and what has arrived.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::oneshot,
    task::{LocalSet, spawn_local},
    time::{Instant, sleep},
};

use crate::peer::{answer, read_request};

/// A running site. It stops when this is dropped.
pub(super) struct Site {
    address: SocketAddr,
    notes: Notes,
    _stop: oneshot::Sender<()>,
}

/// What it has seen.
#[derive(Clone, Default)]
struct Notes {
    arrivals: Arc<Mutex<Vec<Instant>>>,
    connections: Arc<AtomicUsize>,
}

/// How it answers.
#[derive(Clone, Copy)]
struct Manner {
    service_time: Duration,
    /// So many requests have an answer, and the others none.
    answers: usize,
}

impl Site {
    /// A site that takes this long for each answer.
    pub(super) fn start(service_time: Duration) -> Self {
        Self::with(Manner { service_time, answers: usize::MAX })
    }

    /// A site that answers so many requests, and leaves the others without an answer.
    pub(super) fn holding_after(answers: usize) -> Self {
        Self::with(Manner { service_time: Duration::from_millis(20), answers })
    }

    fn with(manner: Manner) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let notes = Notes::default();
        let own = notes.clone();
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            LocalSet::new().block_on(&runtime.unwrap(), async {
                tokio::select! {
                    () = accept(listener, manner, own) => {}
                    _ = stopped => {}
                }
            });
        });
        Self { address, notes, _stop: stop }
    }

    pub(super) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Requests that have arrived.
    pub(super) fn requests(&self) -> usize {
        self.notes.arrivals.lock().unwrap().len()
    }

    /// Connections that were accepted.
    pub(super) fn connections(&self) -> usize {
        self.notes.connections.load(Ordering::Relaxed)
    }

    /// When they arrived, in milliseconds since the first, ascending.
    pub(super) fn offsets(&self) -> Vec<f64> {
        let mut arrivals = self.notes.arrivals.lock().unwrap().clone();
        arrivals.sort_unstable();
        let since_first = |at: &Instant| (*at - arrivals[0]).as_secs_f64() * 1e3;
        arrivals.iter().map(since_first).collect()
    }

    /// Waits until so many requests have arrived.
    pub(super) fn wait_for(&self, requests: usize) {
        wait_until(&format!("{requests} requests"), || self.requests() >= requests);
    }
}

/// Waits until something holds that must come to hold soon.
pub(super) fn wait_until(what: &str, mut holds: impl FnMut() -> bool) {
    let patience = Instant::now() + Duration::from_secs(30);
    while !holds() {
        assert!(Instant::now() < patience, "waited too long for {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

async fn accept(listener: std::net::TcpListener, manner: Manner, notes: Notes) {
    let listener = TcpListener::from_std(listener).unwrap();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        notes.connections.fetch_add(1, Ordering::Relaxed);
        spawn_local(converse(BufReader::new(stream), manner, notes.clone()));
    }
}

async fn converse(mut stream: BufReader<TcpStream>, manner: Manner, notes: Notes) {
    while !read_request(&mut stream).await.is_empty() {
        let arrived = {
            let mut arrivals = notes.arrivals.lock().unwrap();
            arrivals.push(Instant::now());
            arrivals.len()
        };
        if arrived > manner.answers {
            return std::future::pending().await;
        }
        sleep(manner.service_time).await;
        if stream.write_all(answer("200 OK", "", "hello").as_bytes()).await.is_err() {
            return;
        }
    }
}
