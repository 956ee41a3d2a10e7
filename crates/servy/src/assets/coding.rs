//! Content codings: which of them a client accepts, and a body in each of them.

use std::io::Write as _;

use http::{HeaderMap, HeaderValue, header};

/// A compressed form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Brotli,
    Zstd,
    Gzip,
}

impl Coding {
    /// All codings, the one that compresses the web's files best first.
    pub(crate) const ALL: [Coding; 3] = [Coding::Brotli, Coding::Zstd, Coding::Gzip];

    /// The name of the coding, as headers have it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
            Coding::Gzip => "gzip",
        }
    }

    /// The body in this coding. Levels are the ones at which a page of a few hundred kilobytes
    /// takes milliseconds; it is done once for each file.
    pub(crate) fn compress(self, body: &[u8]) -> std::io::Result<Vec<u8>> {
        let out = Vec::with_capacity(body.len() / 3);
        match self {
            Coding::Brotli => {
                // A window as large as the body finds all that a larger one would, and costs
                // memory accordingly.
                let window = (usize::BITS - body.len().leading_zeros()).clamp(10, 22);
                let mut writer = brotli::CompressorWriter::new(out, 1 << 16, 6, window);
                writer.write_all(body)?;
                Ok(writer.into_inner())
            }
            Coding::Zstd => zstd::bulk::compress(body, 12),
            Coding::Gzip => {
                let mut writer = flate2::write::GzEncoder::new(out, flate2::Compression::new(7));
                writer.write_all(body)?;
                writer.finish()
            }
        }
    }
}

/// The codings that a client accepts and likes at least as much as the plain body, best first.
pub(crate) fn accepted(headers: &HeaderMap) -> impl Iterator<Item = Coding> + use<> {
    let mut weights = [None; Coding::ALL.len()];
    let (mut plain, mut others) = (None, None);
    for (name, weight) in headers.get_all(header::ACCEPT_ENCODING).iter().flat_map(entries) {
        let is = |other: &str| name.eq_ignore_ascii_case(other);
        if let Some(i) = Coding::ALL.iter().position(|coding| is(coding.name())) {
            weights[i] = Some(weight);
        } else if is("x-gzip") {
            // An old name of gzip (RFC 9110, section 8.4.1.3).
            weights[Coding::Gzip as usize] = Some(weight);
        } else if is("identity") {
            plain = Some(weight);
        } else if name == "*" {
            others = Some(weight);
        }
    }
    let floor = plain.unwrap_or(1).max(1);
    let mut order: Vec<(u16, Coding)> = weights
        .into_iter()
        .zip(Coding::ALL)
        .map(|(weight, coding)| (weight.or(others).unwrap_or(0), coding))
        .filter(|(weight, _)| *weight >= floor)
        .collect();
    // Stable: of equally liked codings our favourite stays first.
    order.sort_by_key(|(weight, _)| std::cmp::Reverse(*weight));
    order.into_iter().map(|(_, coding)| coding)
}

/// The names of a list with their weights in thousandths.
fn entries(value: &HeaderValue) -> impl Iterator<Item = (&str, u16)> {
    value.to_str().unwrap_or("").split(',').filter_map(|entry| {
        let mut parameters = entry.split(';').map(str::trim);
        let name = parameters.next().filter(|name| !name.is_empty())?;
        let weight = parameters.find_map(|p| p.strip_prefix("q=").or(p.strip_prefix("Q=")));
        Some((name, weight.map_or(Some(1000), thousandths)?))
    })
}

/// A weight from `0` to `1` with at most three decimals.
fn thousandths(weight: &str) -> Option<u16> {
    let (whole, decimals) = weight.split_once('.').unwrap_or((weight, ""));
    if !matches!(whole, "0" | "1") || decimals.len() > 3 {
        return None;
    }
    if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u16 = format!("{whole}{decimals:0<3}").parse().ok()?;
    (value <= 1000).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(accept: &'static str) -> Vec<&'static str> {
        let headers =
            HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(accept))]);
        accepted(&headers).map(Coding::name).collect()
    }

    #[test]
    fn weights_decide_and_then_our_taste() {
        assert_eq!(names("gzip, deflate, br, zstd"), ["br", "zstd", "gzip"]);
        assert_eq!(names("gzip;q=1.0, br;q=0.8"), ["gzip", "br"]);
        assert_eq!(names("br ; q=0.001"), ["br"]);
        assert_eq!(names("*"), ["br", "zstd", "gzip"]);
        assert_eq!(names("*;q=0.5, gzip, br;q=0"), ["gzip", "zstd"]);
        assert_eq!(names("identity, gzip;q=0.5"), [""; 0]);
        assert_eq!(names("Identity, gzip;q=0.5"), [""; 0]);
        assert_eq!(names("identity;q=0.2, gzip;q=0.5"), ["gzip"]);
        assert_eq!(names("X-GZIP"), ["gzip"]);
        for none in [
            "",
            "identity",
            "gzip;q=0",
            "gzip;q=2",
            "gzip;q=x",
            "compress",
            ";q=1",
            "gzip;q=0.0000",
        ] {
            assert_eq!(names(none), [""; 0], "{none}");
        }
    }

    #[test]
    fn each_coding_can_be_read_again() {
        use std::io::Read as _;
        let body = "the same words again and again, ".repeat(200).into_bytes();
        for coding in Coding::ALL {
            let packed = coding.compress(&body).expect("memory does not fail");
            assert!(packed.len() < body.len() / 10, "{coding:?}");
            let mut plain = Vec::new();
            match coding {
                Coding::Brotli => {
                    brotli::Decompressor::new(&packed[..], 4096).read_to_end(&mut plain)
                }
                Coding::Zstd => {
                    zstd::Decoder::new(&packed[..]).and_then(|mut r| r.read_to_end(&mut plain))
                }
                Coding::Gzip => flate2::read::GzDecoder::new(&packed[..]).read_to_end(&mut plain),
            }
            .expect("it is complete");
            assert_eq!(plain, body, "{coding:?}");
        }
    }
}
