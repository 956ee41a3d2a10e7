//! Unpacking within a limit: a few bytes can stand for gigabytes.

use std::io::{self, Read};

use flate2::read::MultiGzDecoder;

/// What every gzip file begins with.
pub(crate) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// The first `limit` bytes of what is packed in `bytes`, and whether there are more.
///
/// # Errors
///
/// If it is no gzip, or ends too early.
pub(crate) fn unpack(bytes: &[u8], limit: usize) -> io::Result<(Vec<u8>, bool)> {
    let mut unpacked = Vec::new();
    let one_more = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
    MultiGzDecoder::new(bytes).take(one_more).read_to_end(&mut unpacked)?;
    let is_cut = unpacked.len() > limit;
    unpacked.truncate(limit);
    Ok((unpacked, is_cut))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn pack(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).expect("memory takes it");
        encoder.finish().expect("memory takes it")
    }

    #[test]
    fn no_more_than_the_limit_is_unpacked() {
        let packed = pack(&vec![0; 32 << 20]);
        assert!(packed.len() < 100_000);
        let (unpacked, is_cut) = unpack(&packed, 1000).expect("it is gzip");
        assert_eq!((unpacked.len(), is_cut), (1000, true));
        let exact = unpack(&pack(b"abc"), 3).expect("it is gzip");
        assert_eq!(exact, (b"abc".to_vec(), false));
        let two = [pack(b"ab"), pack(b"c")].concat();
        assert_eq!(unpack(&two, 9).expect("it is gzip").0, b"abc");
    }

    #[test]
    fn what_is_none_is_refused() {
        let packed = pack(b"abcdefgh");
        for bytes in [&b""[..], b"abc", &packed[..packed.len() / 2], &packed[2..]] {
            unpack(bytes, 100).expect_err("it is none");
        }
    }
}
