//! The same requests at the same pace from a client that does nothing else: what any client on this
//! machine measures at best. What it adds to the server's time are two ways through the kernel, the
//! waking of a core, and whatever keeps the machine from running either side.

use std::{
    cell::{Cell, RefCell},
    net::SocketAddr,
    rc::Rc,
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime,
    sync::Notify,
    task::{spawn_local, yield_now},
    time::{Instant, sleep},
};

use crate::{
    alarm::Alarm,
    processes::{WARM_UP, on_second_core},
    quantiles::Quantiles,
    server::ANSWER,
};

/// The first argument of the process that is this client.
pub(crate) const ASK: &str = "--ask";

const REQUEST: &[u8] = b"GET / HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bare\r\n\r\n";

/// What it is told to do.
pub(crate) struct Pace {
    pub(crate) rate: u32,
    pub(crate) connections: u64,
    pub(crate) duration: Duration,
}

impl Pace {
    /// Asks `address`, in a process on the second core.
    pub(crate) fn run(&self, address: &str) -> Quantiles {
        let Self { rate, connections, duration } = self;
        let numbers = [u64::from(*rate), *connections, duration.as_secs()].map(|n| n.to_string());
        let output = on_second_core(std::env::current_exe().expect("this program has a name"))
            .args([ASK, address])
            .args(numbers)
            .output()
            .expect("the client starts");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        Quantiles::read(&String::from_utf8_lossy(&output.stdout))
    }
}

/// Does what `run` asked for, and prints what it measured.
pub(crate) fn ask(arguments: &[String]) {
    let address = arguments[0].parse().expect("an address");
    let number = |place: usize| arguments[place].parse::<u64>().expect("the parent wrote it");
    let pace = Pace {
        rate: number(1) as u32,
        connections: number(2),
        duration: Duration::from_secs(number(3)),
    };
    let runtime =
        runtime::Builder::new_current_thread().enable_all().build_local(Default::default());
    let took = runtime.expect("a runtime").block_on(ask_all(address, pace));
    print!("{}", Quantiles::of(took));
}

/// What all connections share.
#[derive(Default)]
struct Desk {
    /// Connections that wait for something to do.
    idle: RefCell<Vec<Rc<Notify>>>,
    /// The warm-up is over.
    is_warm: Cell<bool>,
    took: RefCell<Vec<Duration>>,
}

async fn ask_all(address: SocketAddr, pace: Pace) -> Vec<Duration> {
    let desk = Rc::new(Desk::default());
    for _ in 0..pace.connections {
        let stream = TcpStream::connect(address).await.expect("the server listens");
        spawn_local(ask_when_told(stream, desk.clone()));
    }
    yield_now().await;
    let mut alarm = Alarm::new().expect("a timer");
    let start = Instant::now();
    for n in 0..u64::from(pace.rate) * pace.duration.as_secs() {
        alarm.until(start + Duration::from_secs(n) / pace.rate).await.expect("a timer");
        desk.is_warm.set(n >= u64::from(pace.rate) * WARM_UP.as_secs());
        // One that finds no connection is left out, as loadgen drops it.
        if let Some(connection) = desk.idle.borrow_mut().pop() {
            connection.notify_one();
        }
        yield_now().await;
    }
    // What is still under way gets as long as the slowest answers take.
    sleep(Duration::from_millis(500)).await;
    desk.took.take()
}

async fn ask_when_told(mut stream: TcpStream, desk: Rc<Desk>) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let told = Rc::new(Notify::new());
    let mut answer = [0; ANSWER.len()];
    loop {
        desk.idle.borrow_mut().push(told.clone());
        told.notified().await;
        let counts = desk.is_warm.get();
        let sent = Instant::now();
        stream.write_all(REQUEST).await?;
        stream.read_exact(&mut answer).await?;
        if counts {
            desk.took.borrow_mut().push(sent.elapsed());
        }
    }
}
