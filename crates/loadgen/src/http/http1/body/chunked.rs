//! The chunked transfer encoding, RFC 9112, section 7.1.

use super::{super::Malformed, keep, split};

/// Bytes of the lines before all chunks of a body, beyond what the sizes themselves take.
const MAX_EXTENSIONS: usize = 16 * 1024;

const MAX_TRAILERS: usize = 16 * 1024;
const MAX_TRAILER_FIELDS: usize = 100;

/// How far a chunked body was read.
#[derive(Debug, Default)]
pub(in super::super) struct Chunked {
    at: Place,
    /// What is left of the chunk, or its size as far as it was read.
    size: u64,
    /// Bytes of chunk extensions so far.
    extensions: usize,
    /// The lines after the last chunk.
    trailers: Vec<u8>,
}

/// What comes next.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// The first digit of a size.
    #[default]
    Start,
    /// Another digit, or what ends the size.
    Size,
    /// What ends a size after which there was a space.
    Space,
    Extension,
    SizeLf,
    Content,
    ContentCr,
    ContentLf,
    /// The beginning of a trailer line, or the end.
    Line,
    /// More of a trailer line.
    Trailer,
    TrailerLf,
    EndLf,
    End,
}

impl Chunked {
    pub(super) fn is_whole(&self) -> bool {
        self.at == Place::End
    }

    /// See [`Body::take`](super::Body::take).
    pub(super) fn take<'b>(
        &mut self,
        mut bytes: &'b [u8],
        mut kept: Option<&mut Vec<u8>>,
    ) -> Result<&'b [u8], Malformed> {
        while !self.is_whole()
            && let Some((&byte, after)) = bytes.split_first()
        {
            bytes = if self.at == Place::Content {
                let (content, rest) = split(bytes, self.size);
                keep(kept.as_deref_mut(), content);
                self.size -= content.len() as u64;
                if self.size == 0 {
                    self.at = Place::ContentCr;
                }
                rest
            } else {
                self.at = self.step(byte)?;
                after
            };
        }
        Ok(bytes)
    }

    /// Takes one byte that is no content.
    fn step(&mut self, byte: u8) -> Result<Place, Malformed> {
        match (self.at, byte) {
            (Place::Start | Place::Size, _) if byte.is_ascii_hexdigit() => self.digit(byte),
            (Place::Size | Place::Space | Place::Extension, b'\r') => Ok(Place::SizeLf),
            (Place::Size | Place::Space, b'\t' | b' ') => Ok(Place::Space),
            (Place::Size | Place::Space, b';') => Ok(Place::Extension),
            (Place::Extension, b'\n') => Err(Malformed::ChunkSize),
            (Place::Extension, _) => {
                self.extensions += 1;
                let fits = self.extensions < MAX_EXTENSIONS;
                if fits { Ok(Place::Extension) } else { Err(Malformed::LongChunkExtensions) }
            }
            (Place::SizeLf, b'\n') if self.size == 0 => Ok(Place::Line),
            (Place::SizeLf, b'\n') => Ok(Place::Content),
            (Place::ContentCr, b'\r') => Ok(Place::ContentLf),
            (Place::ContentLf, b'\n') => Ok(Place::Start),
            (Place::ContentCr | Place::ContentLf, _) => Err(Malformed::ChunkEnd),
            (Place::Line | Place::Trailer | Place::TrailerLf | Place::EndLf, _) => {
                self.trailer(byte)
            }
            _ => Err(Malformed::ChunkSize),
        }
    }

    fn digit(&mut self, byte: u8) -> Result<Place, Malformed> {
        let digit = char::from(byte).to_digit(16).map_or(0, u64::from);
        let size = self.size.checked_mul(16).and_then(|size| size.checked_add(digit));
        self.size = size.ok_or(Malformed::ChunkSize)?;
        Ok(Place::Size)
    }

    /// Trailers are checked, and of no use to anyone.
    fn trailer(&mut self, byte: u8) -> Result<Place, Malformed> {
        match (self.at, byte) {
            (Place::Line, b'\r') => return Ok(Place::EndLf),
            (Place::EndLf, b'\n') if self.trailers.is_empty() => return Ok(Place::End),
            (Place::EndLf, b'\n') => return self.check_trailers(),
            (Place::EndLf, _) | (Place::Line | Place::Trailer, b'\n') => {
                return Err(Malformed::Trailers);
            }
            _ => self.trailers.push(byte),
        }
        match (self.at, byte) {
            _ if self.trailers.len() > MAX_TRAILERS => Err(Malformed::Trailers),
            (Place::Trailer, b'\r') => Ok(Place::TrailerLf),
            (Place::TrailerLf, b'\n') => Ok(Place::Line),
            (Place::TrailerLf, _) => Err(Malformed::Trailers),
            _ => Ok(Place::Trailer),
        }
    }

    fn check_trailers(&mut self) -> Result<Place, Malformed> {
        self.trailers.extend_from_slice(b"\r\n");
        let mut fields = [httparse::EMPTY_HEADER; MAX_TRAILER_FIELDS];
        match httparse::parse_headers(&self.trailers, &mut fields) {
            Ok(parsed) if parsed.is_complete() => Ok(Place::End),
            _ => Err(Malformed::Trailers),
        }
    }
}
