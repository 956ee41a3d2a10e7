//! What viewers see: the newest report, which takes the place of the one before.
//!
//! There is one state and no queue. A viewer that is slow gets the newest when it is ready for one; the
//! states between are gone for it, and nothing is kept on its behalf but the one that it is given.

use std::{convert::Infallible, sync::Arc, time::Duration};

use bytes::Bytes;
use futures_util::{Stream, stream};
use tokio::{
    sync::{Notify, watch},
    time::sleep,
};

use crate::{control::Control, host::ThreadTime, report::Reporter, summary::html};

/// What all viewers are sent in a second at most, bytes; many of them get a new state less often.
const TRAFFIC: f64 = 20e6;

/// Share of a CPU that making reports may take.
const EFFORT: f64 = 0.1;

/// One state of the run.
#[derive(Debug, Clone)]
struct State {
    /// The whole page.
    page: Arc<str>,
    /// What it shows, as an event.
    event: Bytes,
    /// Whether it is the final one.
    is_last: bool,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Stage {
    state: watch::Sender<Option<State>>,
    /// Somebody came.
    arrival: Notify,
    /// Whether nothing more is shown.
    is_closed: watch::Sender<bool>,
}

impl Stage {
    /// Makes a new report every `period` or less often, while somebody watches and the run goes on.
    pub(super) async fn keep_current(
        self: Arc<Self>,
        control: Control,
        reporter: Reporter,
        period: Duration,
    ) {
        loop {
            while self.viewers() == 0 {
                self.arrival.notified().await;
            }
            let Ok(outcome) = control.outcome().await else { return };
            let before = ThreadTime::so_far();
            // A histogram of our own can be read.
            if let Ok(page) = html::html(&reporter.summary(&outcome)) {
                self.show(page, false);
            }
            let traffic = self.event_size() as f64 * self.viewers() as f64 / TRAFFIC;
            let took = ThreadTime::so_far() - before;
            let effort = took.running.as_secs_f64() / EFFORT;
            sleep(period.max(Duration::from_secs_f64(traffic.max(effort)))).await;
        }
    }

    /// Shows a page, unless the final one is shown already.
    pub(super) fn show(&self, page: String, is_last: bool) {
        let event = event(if is_last { "end" } else { "report" }, html::body(&page));
        let state = State { page: page.into(), event, is_last };
        self.state.send_if_modified(|shown| {
            let is_over = shown.as_ref().is_some_and(|shown| shown.is_last);
            if !is_over {
                *shown = Some(state);
            }
            !is_over
        });
    }

    /// How many watch.
    pub(super) fn viewers(&self) -> usize {
        self.state.receiver_count()
    }

    fn event_size(&self) -> usize {
        self.state.borrow().as_ref().map_or(0, |state| state.event.len())
    }

    /// The newest page; `None` if there is none and none will come.
    pub(super) async fn report(&self) -> Option<Arc<str>> {
        let state = next(&mut self.join()).await?;
        Some(state.page)
    }

    /// The events for one viewer. After the last one they stay open, as in k6: the viewer leaves, or
    /// the stage is [closed](Self::close).
    pub(super) fn events(&self) -> impl Stream<Item = Result<Bytes, Infallible>> + use<> {
        let seats = (self.join(), self.is_closed.subscribe());
        stream::unfold(seats, |(mut viewer, mut closing)| async move {
            let state = tokio::select! {
                // What is there to see is seen first.
                biased;
                state = next(&mut viewer) => state?,
                _ = closing.wait_for(|is_closed| *is_closed) => return None,
            };
            Some((Ok(state.event), (viewer, closing)))
        })
    }

    /// Lets viewers go when they have been given what is shown.
    pub(super) fn close(&self) {
        self.is_closed.send_replace(true);
    }

    fn join(&self) -> watch::Receiver<Option<State>> {
        let is_watched = self.viewers() > 0;
        let mut viewer = self.state.subscribe();
        let is_over = self.state.borrow().as_ref().is_some_and(|state| state.is_last);
        if is_watched || is_over {
            viewer.mark_changed();
        }
        // What nobody watched is out of date, and the next one due at once.
        self.arrival.notify_one();
        viewer
    }
}

/// The next state that a viewer has not seen.
async fn next(viewer: &mut watch::Receiver<Option<State>>) -> Option<State> {
    loop {
        viewer.changed().await.ok()?;
        if let Some(state) = viewer.borrow_and_update().clone() {
            return Some(state);
        }
    }
}

/// A server-sent event. Its data is JSON, which has no line ends of its own.
fn event(name: &str, data: &str) -> Bytes {
    let data = serde_json::to_string(data).expect("a string is JSON");
    format!("event: {name}\ndata: {data}\n\n").into()
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use futures_util::StreamExt as _;

    use super::*;

    fn page(text: &str) -> String {
        format!("<html><body>{text}<script></script></html>")
    }

    async fn read(events: &mut (impl Stream<Item = Result<Bytes, Infallible>> + Unpin)) -> String {
        let event = events.next().await.expect("it goes on").expect("it cannot fail");
        String::from_utf8(event.to_vec()).expect("it is text")
    }

    #[tokio::test]
    async fn a_slow_viewer_skips_states_and_a_late_one_sees_the_last() {
        let stage = Stage::default();
        let mut slow = pin!(stage.events());
        stage.show(page("1"), false);
        stage.show(page("2\r\n<b>"), false);
        let second = "event: report\ndata: \"<body>2\\r\\n<b>\"\n\n";
        assert_eq!(read(&mut slow).await, second);
        stage.show(page("3"), true);
        stage.show(page("4"), false);
        assert_eq!(read(&mut slow).await, "event: end\ndata: \"<body>3\"\n\n");
        let mut late = pin!(stage.events());
        assert_eq!(read(&mut late).await, "event: end\ndata: \"<body>3\"\n\n");
        assert_eq!(stage.report().await.as_deref(), Some(&*page("3")));
        assert_eq!(stage.viewers(), 2);
    }

    #[tokio::test]
    async fn who_closes_gives_viewers_what_is_shown_and_lets_them_go() {
        let stage = Stage::default();
        let mut viewer = pin!(stage.events());
        stage.show(page("1"), true);
        stage.close();
        assert_eq!(read(&mut viewer).await, "event: end\ndata: \"<body>1\"\n\n");
        assert!(viewer.next().await.is_none());
    }

    #[tokio::test]
    async fn all_viewers_are_given_the_same_bytes() {
        let stage = Stage::default();
        let mut viewers: Vec<_> = (0..1_000).map(|_| Box::pin(stage.events())).collect();
        stage.show(page("one"), false);
        let mut places = Vec::new();
        for viewer in &mut viewers {
            places.push(viewer.next().await.expect("it goes on").expect("it cannot fail").as_ptr());
        }
        places.dedup();
        assert_eq!(places.len(), 1);
    }
}
