//! An answer as it comes in, in whatever pieces. Knows nothing of sockets.

use std::mem;

use http::Method;

use super::{
    Malformed,
    body::Body,
    head::{self, Head},
};
use crate::http::response::{Answer, Keep};

/// A body this long is put into memory that was asked for in one go; a longer one, or what only
/// claims to be, into memory that grows with what comes.
const MAX_RESERVED: u64 = 1024 * 1024;

/// The reader of one answer.
pub(super) struct Reader<'a> {
    method: &'a Method,
    keep: Keep,
    /// A head of which the end has not come yet.
    partial: Vec<u8>,
    head: Option<Head>,
    kept: Vec<u8>,
    /// More came than the answer.
    surplus: bool,
}

impl<'a> Reader<'a> {
    /// For the answer to a request with `method`.
    pub(super) fn new(method: &'a Method, keep: Keep) -> Self {
        Self { method, keep, partial: Vec::new(), head: None, kept: Vec::new(), surplus: false }
    }

    /// The head, as soon as it is there.
    pub(super) fn head(&self) -> Option<&Head> {
        self.head.as_ref()
    }

    /// Takes what came, and tells whether the answer is whole.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<bool, Malformed> {
        let bytes = if self.head.is_some() { bytes } else { self.take_head(bytes)? };
        let Some(head) = &mut self.head else { return Ok(false) };
        let kept = self.keep.body.then_some(&mut self.kept);
        let rest = head.body.take(bytes, kept)?;
        self.surplus = !rest.is_empty();
        Ok(head.body.is_whole() || self.is_cut())
    }

    /// Takes heads up to the first that is not of an interim answer, and gives back what follows.
    fn take_head<'b>(&mut self, mut bytes: &'b [u8]) -> Result<&'b [u8], Malformed> {
        while !bytes.is_empty() {
            let before = self.partial.len();
            if before > 0 {
                self.partial.extend_from_slice(bytes);
            }
            let all = if before > 0 { &self.partial } else { bytes };
            let Some((head, length)) = head::parse(all, self.method, self.keep.headers)? else {
                if before == 0 {
                    self.partial.extend_from_slice(bytes);
                }
                return Ok(&[]);
            };
            self.partial.clear();
            bytes = &bytes[length - before..];
            if !head.is_interim() {
                if let (Body::Length(length), true) = (&head.body, self.keep.body) {
                    self.kept.reserve_exact((*length).min(MAX_RESERVED) as usize);
                }
                self.head = Some(head);
                break;
            }
        }
        Ok(bytes)
    }

    /// Whether there is more of the body than is wanted.
    fn is_cut(&self) -> bool {
        self.kept.len() > self.keep.max_body
    }

    /// The answer, now that it is whole or cut, or the server closed the connection, and whether the
    /// connection can be used again; none if the answer was cut short.
    pub(super) fn finish(&mut self) -> Option<(Answer, bool)> {
        let head = self.head.take()?;
        let is_whole = head.body.is_whole();
        let is_cut = self.is_cut();
        if !is_whole && !is_cut && !matches!(head.body, Body::UntilClose) {
            return None;
        }
        self.kept.truncate(self.keep.max_body);
        let answer = Answer {
            status: head.status,
            headers: head.headers,
            body: self.keep.body.then(|| mem::take(&mut self.kept).into_boxed_slice().into()),
            is_cut,
        };
        Some((answer, is_whole && !is_cut && head.keep_alive && !self.surplus))
    }
}
