//! A server that answers after a known delay, on a thread of its own, and notes what it really did:
//! by its own clock, from a request that was read to an answer that was written.
//!
//! The bench of the same name uses it, too.

use std::{
    cell::{Cell, RefCell},
    net::{Ipv4Addr, SocketAddr},
    rc::Rc,
    thread,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    runtime, select,
    sync::oneshot,
    task::{spawn_local, yield_now},
    time::{Instant, sleep},
};

/// What every request is answered with.
pub(crate) const ANSWER: &[u8] =
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nok";

/// tokio's timers tick in milliseconds and round up: the last of a delay is spent looking at the
/// clock, in turns with whatever else there is to do.
const WATCHED: Duration = Duration::from_millis(3);

/// How long answers take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Delays {
    pub(crate) usual: Duration,
    /// Of so many answers the last takes so long.
    pub(crate) rare: Option<(u64, Duration)>,
}

impl Delays {
    fn nth(self, n: u64) -> Duration {
        match self.rare {
            Some((of, delay)) if n % of == of - 1 => delay,
            _ => self.usual,
        }
    }
}

/// A request that was answered.
struct Answered {
    read: Instant,
    /// From then until the answer was written.
    took: Duration,
}

/// See the module.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    stop: oneshot::Sender<()>,
    thread: thread::JoinHandle<Vec<Answered>>,
}

impl Server {
    pub(crate) fn start(delays: Delays) -> Self {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("it is bound");
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            let mut builder = runtime::Builder::new_current_thread();
            let runtime = builder.enable_all().build_local(Default::default()).expect("a runtime");
            runtime.block_on(serve(listener, delays, stopped))
        });
        Self { address, stop, thread }
    }

    /// How long each answer really took, but those to requests of the first `warm_up`.
    pub(crate) fn stop(self, warm_up: Duration) -> Vec<Duration> {
        // A thread that is no more has panicked, and says so at once.
        let _ = self.stop.send(());
        let answered = self.thread.join().expect("the server works");
        let first = answered.iter().map(|each| each.read).min();
        let counted =
            answered.iter().filter(|each| Some(each.read) >= first.map(|at| at + warm_up));
        counted.map(|each| each.took).collect()
    }
}

async fn serve(
    listener: std::net::TcpListener,
    delays: Delays,
    mut stopped: oneshot::Receiver<()>,
) -> Vec<Answered> {
    listener.set_nonblocking(true).expect("a socket");
    let listener = TcpListener::from_std(listener).expect("a socket");
    let log = Rc::new(Log { delays, begun: Cell::new(0), answered: RefCell::default() });
    loop {
        select! {
            accepted = listener.accept() => {
                let (stream, _) = accepted.expect("a connection");
                spawn_local(answer_all(stream, log.clone()));
            }
            _ = &mut stopped => return log.answered.take(),
        }
    }
}

struct Log {
    delays: Delays,
    begun: Cell<u64>,
    answered: RefCell<Vec<Answered>>,
}

/// Requests come one by one, each in one piece.
async fn answer_all(mut stream: TcpStream, log: Rc<Log>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut request = [0; 4096];
    while stream.read(&mut request).await? > 0 {
        let read = Instant::now();
        let due = read + log.delays.nth(log.begun.replace(log.begun.get() + 1));
        if let Some(long) = (due - read).checked_sub(WATCHED) {
            sleep(long).await;
        }
        while Instant::now() < due {
            yield_now().await;
        }
        stream.write_all(ANSWER).await?;
        log.answered.borrow_mut().push(Answered { read, took: read.elapsed() });
    }
    Ok(())
}
