//! The body of an answer: which bytes belong to it, and where it ends.

pub(super) mod chunked;

use super::Malformed;
use chunked::Chunked;

/// What is still to come of a body, by the way in which its end is marked.
#[derive(Debug)]
pub(super) enum Body {
    /// So many bytes.
    Length(u64),
    Chunked(Chunked),
    /// All until the server closes the connection.
    UntilClose,
}

impl Body {
    /// Takes from the front of `bytes` what belongs to the body, adds its content to `kept`, and
    /// gives back the rest.
    pub(super) fn take<'b>(
        &mut self,
        bytes: &'b [u8],
        kept: Option<&mut Vec<u8>>,
    ) -> Result<&'b [u8], Malformed> {
        match self {
            Self::Length(left) => {
                let (content, rest) = split(bytes, *left);
                *left -= content.len() as u64;
                keep(kept, content);
                Ok(rest)
            }
            Self::Chunked(chunked) => chunked.take(bytes, kept),
            Self::UntilClose => {
                keep(kept, bytes);
                Ok(&[])
            }
        }
    }

    /// Whether nothing more is to come.
    pub(super) fn is_whole(&self) -> bool {
        match self {
            Self::Length(left) => *left == 0,
            Self::Chunked(chunked) => chunked.is_whole(),
            Self::UntilClose => false,
        }
    }
}

/// The first `length` bytes, or as many as there are, and the others.
fn split(bytes: &[u8], length: u64) -> (&[u8], &[u8]) {
    let length = usize::try_from(length).unwrap_or(usize::MAX).min(bytes.len());
    bytes.split_at(length)
}

fn keep(kept: Option<&mut Vec<u8>>, content: &[u8]) {
    if let Some(kept) = kept {
        kept.extend_from_slice(content);
    }
}
