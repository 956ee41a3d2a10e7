//! The sample stream: every single sample of a run, for whoever wants each of them.
//!
//! The [recorders](crate::metrics::Recorder) add samples up and forget them. Who wants them one by
//! one [subscribes](Stream::subscribe). Each thread that measures has a [`Tap`]: it puts a compact
//! record into a buffer of its own (for a whole request one record, not nine) and hands the buffer
//! over as a [`Batch`] when it is full, and once a second. A subscriber that has no room for a batch
//! loses it, and its [`Losses`] count that: nobody who measures ever waits.
//!
//! Knows metrics and their tags, and nothing of requests but the names of their metrics, nor of what
//! becomes of a batch.

mod batch;
mod losses;
mod tags;
mod tap;

pub use batch::{Batch, Origin, RequestTimes, Sample, SeriesKey};
pub use losses::Losses;
pub use tags::TagsId;
pub use tap::{Stream, Tap};
