//! Sending payloads to a server that may be slow, failing or gone.
//!
//! A [`Delivery`] has a thread and a queue of its own. What fails in a way that may pass is sent
//! again, after 0.5 s at first and twice as long each time, up to 10 s; what the server refuses for
//! good is lost at once. The queue has a limit in bytes: when it is full the oldest payload that
//! waits is lost. So is what has not arrived a [few seconds](GRACE) after the end of the run.
//! Every loss is counted, in the samples that a payload stands for.
//!
//! How a payload is sent once is a [`Post`]. Those that speak HTTP have [`Http`], which uses
//! loadgen's own [`Client`]: that is there, speaks HTTP/1.1, HTTP/2 and TLS (with rustls and the
//! system's certificates), keeps connections, and bounds each call in time.

use std::{
    collections::VecDeque,
    io, mem,
    rc::Rc,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use bytes::Bytes;
use tokio::{
    sync::Notify,
    task::JoinSet,
    time::{Instant, sleep, sleep_until, timeout},
};

pub use super::failure::Failure;

use super::Losses;
use crate::http::{Client, HttpConfig, Network, RequestBuilder};

/// Bytes that wait at most.
const QUEUE: usize = 64 << 20;

/// Time allowed to send a payload once.
const ATTEMPT: Duration = Duration::from_secs(5);

/// How long after the end of a run payloads are still sent.
pub const GRACE: Duration = Duration::from_secs(3);

/// Pauses before a payload is sent again.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(10);

/// Bytes of an answer that are read.
const MOST_OF_ANSWER: usize = 64 * 1024;

/// Something to be sent.
#[derive(Debug, Clone)]
pub struct Payload {
    /// The bytes.
    pub body: Bytes,
    /// How many samples are lost if they do not arrive.
    pub samples: u64,
}

/// How payloads are sent.
pub trait Post: 'static {
    /// Sends a payload once. May be dropped when it takes too long.
    fn post(&self, body: Bytes) -> impl Future<Output = Result<(), Failure>>;
}

/// See the module.
#[derive(Debug)]
pub struct Delivery {
    queue: Arc<Queue>,
    thread: Option<thread::JoinHandle<()>>,
}

impl Delivery {
    /// Starts the thread. `post` makes there what sends; as many payloads as `at_once` are under way
    /// together, and with more than one they may arrive in another order.
    ///
    /// # Errors
    ///
    /// If there is no thread to be had.
    pub fn start<P: Post>(
        post: impl FnOnce() -> P + Send + 'static,
        at_once: usize,
        losses: Losses,
    ) -> io::Result<Self> {
        let queue = Arc::new(Queue { losses, ..Queue::default() });
        let work = queue.clone();
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let thread = thread::Builder::new().name("delivery".into()).spawn(move || {
            match runtime.enable_all().build_local(Default::default()) {
                Ok(runtime) => {
                    runtime.block_on(work.clone().empty(Rc::new(post()), at_once));
                    // A resolver that hangs on a blocking thread must not hold up the end.
                    runtime.shutdown_background();
                }
                Err(error) => work.losses.add(0, error.to_string()),
            }
            work.give_up();
        })?;
        Ok(Self { queue, thread: Some(thread) })
    }

    /// Lets a payload be sent. Returns at once.
    pub fn send(&self, payload: Payload) {
        let mut state = self.queue.state();
        if state.is_over {
            return self.queue.losses.add(payload.samples, OUT_OF_TIME);
        }
        state.bytes += payload.body.len();
        state.waiting.push_back(payload);
        while state.bytes > QUEUE && state.waiting.len() > 1 {
            let oldest = state.pop();
            self.queue.losses.add(oldest.map_or(0, |it| it.samples), "too much was waiting");
        }
        drop(state);
        self.queue.changed.notify_waiters();
    }

    /// Waits until everything is sent, or for as long as [`GRACE`].
    pub fn finish(&mut self) {
        self.queue.state().closed = Some(Instant::now());
        self.queue.changed.notify_waiters();
        if let Some(thread) = self.thread.take() {
            // One that panicked has sent nothing more.
            let _ = thread.join();
            self.queue.give_up();
        }
    }
}

const OUT_OF_TIME: &str = "not sent in time after the end of the run";

/// What waits to be sent.
#[derive(Debug, Default)]
struct Queue {
    state: Mutex<State>,
    /// Something was added, or the queue was closed.
    changed: Notify,
    losses: Losses,
}

#[derive(Debug, Default)]
struct State {
    waiting: VecDeque<Payload>,
    bytes: usize,
    /// When the run ended: nothing more is to come.
    closed: Option<Instant>,
    /// Nothing more is sent.
    is_over: bool,
}

impl State {
    fn pop(&mut self) -> Option<Payload> {
        let payload = self.waiting.pop_front()?;
        self.bytes -= payload.body.len();
        Some(payload)
    }
}

impl Queue {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sends what there is until the queue is closed and empty, or the time for that is over.
    async fn empty<P: Post>(self: Arc<Self>, post: Rc<P>, at_once: usize) {
        let mut lanes = JoinSet::new();
        for _ in 0..at_once.max(1) {
            let (queue, post) = (self.clone(), post.clone());
            lanes.spawn_local(async move {
                while let Some(payload) = queue.next().await {
                    queue.deliver(payload, &*post).await;
                }
            });
        }
        let out_of_time = async {
            let closed = self.closed().await;
            sleep_until(closed + GRACE).await;
        };
        tokio::select! {
            () = async { while lanes.join_next().await.is_some() {} } => {}
            // The payloads under way are dropped with their lanes, and so count as lost.
            () = out_of_time => {}
        }
    }

    /// The oldest payload, once there is one; `None` when there will be none.
    async fn next(&self) -> Option<Payload> {
        self.until(|state| match state.pop() {
            Some(payload) => Some(Some(payload)),
            None => state.closed.map(|_| None),
        })
        .await
    }

    /// When the run ended, once it has.
    async fn closed(&self) -> Instant {
        self.until(|state| state.closed).await
    }

    async fn until<T>(&self, mut look: impl FnMut(&mut State) -> Option<T>) -> T {
        loop {
            // Made first, so that no change between the look and the wait is missed.
            let changed = self.changed.notified();
            if let Some(found) = look(&mut self.state()) {
                return found;
            }
            changed.await;
        }
    }

    /// Sends a payload, again and again if need be.
    async fn deliver<P: Post>(&self, payload: Payload, post: &P) {
        let mut loss =
            Loss { samples: payload.samples, reason: String::new(), losses: &self.losses };
        let mut pause = FIRST_PAUSE;
        loop {
            let failure = match timeout(ATTEMPT, post.post(payload.body.clone())).await {
                Ok(Ok(())) => return loss.averted(),
                Ok(Err(failure)) => failure,
                Err(_) => Failure::passing(format!("no answer within {} s", ATTEMPT.as_secs())),
            };
            loss.reason = failure.reason;
            if failure.is_final {
                return;
            }
            self.losses.delay(&loss.reason);
            tokio::select! {
                () = sleep(pause.max(failure.pause)) => pause = (pause * 2).min(LAST_PAUSE),
                // Time is short.
                _ = self.closed() => sleep(FIRST_PAUSE / 2).await,
            }
        }
    }

    /// Counts what still waits as lost, and what comes later, too.
    fn give_up(&self) {
        let mut state = self.state();
        state.is_over = true;
        let waiting = mem::take(&mut state.waiting);
        state.bytes = 0;
        let samples = waiting.iter().map(|payload| payload.samples).sum();
        if samples > 0 {
            let reason = self.losses.reason();
            self.losses.add(samples, reason.unwrap_or_else(|| OUT_OF_TIME.into()));
        }
    }
}

/// A payload that is under way: lost, unless it arrives.
struct Loss<'a> {
    samples: u64,
    /// Why it did not so far.
    reason: String,
    losses: &'a Losses,
}

impl Loss<'_> {
    fn averted(mut self) {
        self.samples = 0;
    }
}

impl Drop for Loss<'_> {
    fn drop(&mut self) {
        if self.samples > 0 {
            let reason = mem::take(&mut self.reason);
            let reason = if reason.is_empty() { OUT_OF_TIME.into() } else { reason };
            self.losses.add(self.samples, reason);
        }
    }
}

/// Sends requests of which it only matters whether they were accepted.
#[derive(Debug)]
pub struct Http(Client);

impl Http {
    /// Connections are made as `config` says.
    pub fn new(config: HttpConfig) -> Self {
        Self(Client::new(Arc::new(Network::new(config, None))))
    }

    /// Sends a request.
    ///
    /// # Errors
    ///
    /// Unless it is answered with a status from 200 to 299. Another one below 500 is final, but for
    /// 408 and 429.
    pub async fn send(&self, request: RequestBuilder) -> Result<(), Failure> {
        let request = request.keep_body_up_to(MOST_OF_ANSWER).build(self.0.network().config());
        let request = request.map_err(|invalid| Failure::lasting(invalid.to_string()))?;
        let response = self.0.send(&request, &mut |_| {}).await;
        match (response.error, response.status) {
            (None, Some(status)) if status.is_success() => Ok(()),
            (None, Some(status)) => {
                let body = response.body.unwrap_or_default();
                Err(Failure::of_answer(status, &response.headers, &body))
            }
            (error, _) => Err(Failure::passing(error.map_or_else(String::new, |it| it.text))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Answers the n-th attempt as it is told to, and never after that.
    struct Told(std::cell::RefCell<VecDeque<Result<(), Failure>>>, Arc<Mutex<Vec<Bytes>>>);

    impl Post for Told {
        async fn post(&self, body: Bytes) -> Result<(), Failure> {
            self.1.lock().unwrap_or_else(PoisonError::into_inner).push(body);
            let answer = self.0.borrow_mut().pop_front();
            match answer {
                Some(answer) => answer,
                None => std::future::pending().await,
            }
        }
    }

    fn payload(body: impl Into<Bytes>, samples: u64) -> Payload {
        Payload { body: body.into(), samples }
    }

    #[test]
    fn what_may_pass_is_tried_again_and_what_is_final_is_lost() {
        let failure = |is_final| Err(Failure { is_final, ..Failure::passing("no") });
        let answers = [failure(false), Ok(()), failure(true), Ok(())];
        let (losses, seen) = (Losses::default(), Arc::default());
        let log = Arc::clone(&seen);
        let post = move || Told(std::cell::RefCell::new(answers.into()), log);
        let mut delivery = Delivery::start(post, 1, losses.clone()).expect("a thread");
        for (body, samples) in [("a", 1), ("b", 2), ("c", 4)] {
            delivery.send(payload(body, samples));
        }
        delivery.finish();
        assert_eq!(*seen.lock().expect("no panic"), ["a", "a", "b", "c"]);
        assert_eq!((losses.samples(), losses.reason().as_deref()), (2, Some("no")));
        delivery.send(payload("d", 8));
        assert_eq!(losses.samples(), 10);
    }

    #[test]
    fn a_server_is_left_alone_as_long_as_it_asks_for() {
        let busy = Failure { pause: Duration::from_secs(2), ..Failure::passing("busy") };
        let (losses, seen) = (Losses::default(), Arc::default());
        let log = Arc::clone(&seen);
        let post = move || Told(std::cell::RefCell::new([Err(busy), Ok(())].into()), log);
        let mut delivery = Delivery::start(post, 1, losses.clone()).expect("a thread");
        delivery.send(payload("a", 1));
        thread::sleep(Duration::from_millis(1_500));
        assert_eq!(seen.lock().expect("no panic").len(), 1, "not after half a second");
        // At the end there is no time for that.
        delivery.finish();
        assert_eq!(seen.lock().expect("no panic").len(), 2);
        assert_eq!((losses.samples(), losses.trouble()), (0, Some("busy")));
    }

    #[test]
    fn the_oldest_payloads_are_lost_when_too_much_waits_and_all_at_the_end() {
        let losses = Losses::default();
        let post = || Told(Default::default(), Arc::default());
        let mut delivery = Delivery::start(post, 1, losses.clone()).expect("a thread");
        let big = Bytes::from(vec![0; QUEUE / 3]);
        // Whether the first is under way by then or the oldest of those that wait.
        delivery.send(payload("", 0));
        (0..5).for_each(|place| delivery.send(payload(big.clone(), 1 << place)));
        assert_eq!(
            (losses.samples(), losses.reason().as_deref()),
            (3, Some("too much was waiting"))
        );
        let start = Instant::now();
        delivery.finish();
        assert!(start.elapsed() >= GRACE && start.elapsed() < GRACE * 5);
        assert_eq!(losses.samples(), 31);
    }
}
