//! The head of an answer: from bytes to what they say of the body and the connection.

use std::mem::MaybeUninit;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use httparse::{Header, ParserConfig, Status};

use super::{
    Malformed,
    body::{Body, chunked::Chunked},
};

/// More bytes than any honest head has; what Chrome takes.
pub(super) const MAX_HEAD: usize = 256 * 1024;

/// Headers for which there is room without asking for memory.
const USUAL_HEADERS: usize = 64;
const MAX_HEADERS: usize = 1000;

/// What a head says.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) status: StatusCode,
    /// `HTTP/1.1` or `HTTP/1.0`.
    pub(super) proto: &'static str,
    /// Empty if nobody needs them.
    pub(super) headers: HeaderMap,
    pub(super) body: Body,
    /// The server is ready for another request after this one.
    pub(super) keep_alive: bool,
}

impl Head {
    /// Whether the answer proper is still to come.
    pub(super) fn is_interim(&self) -> bool {
        self.status.is_informational() && self.status != StatusCode::SWITCHING_PROTOCOLS
    }
}

/// The head that `bytes` begin with, of an answer to `method`, and how long it is; none if there is
/// only a part of it.
pub(super) fn parse(
    bytes: &[u8],
    method: &Method,
    keep_headers: bool,
) -> Result<Option<(Head, usize)>, Malformed> {
    let mut usual = [const { MaybeUninit::uninit() }; USUAL_HEADERS];
    match parse_into(&mut usual, bytes, method, keep_headers) {
        Err(Malformed::Syntax(httparse::Error::TooManyHeaders)) => {
            let mut many = vec![MaybeUninit::uninit(); MAX_HEADERS];
            parse_into(&mut many, bytes, method, keep_headers)
        }
        parsed => parsed,
    }
}

fn parse_into<'b>(
    headers: &mut [MaybeUninit<Header<'b>>],
    bytes: &'b [u8],
    method: &Method,
    keep_headers: bool,
) -> Result<Option<(Head, usize)>, Malformed> {
    let mut parsed = httparse::Response::new(&mut []);
    let parser = ParserConfig::default();
    let length = match parser.parse_response_with_uninit_headers(&mut parsed, bytes, headers)? {
        Status::Complete(length) if length <= MAX_HEAD => length,
        Status::Partial if bytes.len() < MAX_HEAD => return Ok(None),
        _ => return Err(Malformed::LongHead),
    };
    let status = parsed.code.and_then(|code| StatusCode::from_u16(code).ok());
    let status = status.ok_or(Malformed::Syntax(httparse::Error::Status))?;
    let is_http_11 = parsed.version == Some(1);
    let fields = Fields::of(parsed.headers)?;
    let body = fields.body(status, method, is_http_11)?;
    let head = Head {
        status,
        proto: if is_http_11 { "HTTP/1.1" } else { "HTTP/1.0" },
        keep_alive: fields.keep_alive(status, method, is_http_11),
        body,
        // A redirect's say where it leads.
        headers: if keep_headers || status.is_redirection() {
            header_map(parsed.headers)?
        } else {
            HeaderMap::new()
        },
    };
    Ok(Some((head, length)))
}

/// The headers that concern the connection.
#[derive(Default)]
struct Fields {
    length: Option<u64>,
    is_encoded: bool,
    /// The last encoding is `chunked`.
    is_chunked: bool,
    close: bool,
    keep_alive: bool,
}

impl Fields {
    fn of(headers: &[Header<'_>]) -> Result<Self, Malformed> {
        let mut fields = Self::default();
        for Header { name, value } in headers {
            if name.eq_ignore_ascii_case("content-length") {
                for length in tokens(value) {
                    let length = digits(length).ok_or(Malformed::ContentLength)?;
                    if fields.length.replace(length).is_some_and(|before| before != length) {
                        return Err(Malformed::ContentLength);
                    }
                }
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                fields.is_encoded = true;
                fields.is_chunked = tokens(value).last().is_some_and(is("chunked"));
            } else if name.eq_ignore_ascii_case("connection") {
                fields.close |= tokens(value).any(is("close"));
                fields.keep_alive |= tokens(value).any(is("keep-alive"));
            }
        }
        Ok(fields)
    }

    /// RFC 9112, section 6.3.
    fn body(
        &self,
        status: StatusCode,
        method: &Method,
        is_http_11: bool,
    ) -> Result<Body, Malformed> {
        if has_no_body(status, method) {
            return Ok(Body::Length(0));
        }
        match self.length {
            _ if self.is_encoded && !is_http_11 => Err(Malformed::EncodingInHttp10),
            _ if self.is_chunked => Ok(Body::Chunked(Chunked::default())),
            _ if self.is_encoded => Ok(Body::UntilClose),
            Some(length) => Ok(Body::Length(length)),
            None => Ok(Body::UntilClose),
        }
    }

    fn keep_alive(&self, status: StatusCode, method: &Method, is_http_11: bool) -> bool {
        // Who sends both lengths may be smuggling: what follows is not to be trusted.
        let is_ambiguous = self.is_encoded && self.length.is_some();
        let is_tunnel = status == StatusCode::SWITCHING_PROTOCOLS || *method == Method::CONNECT;
        !(self.close || is_ambiguous || is_tunnel) && (is_http_11 || self.keep_alive)
    }
}

fn has_no_body(status: StatusCode, method: &Method) -> bool {
    status.is_informational()
        || status == StatusCode::NO_CONTENT
        || status == StatusCode::NOT_MODIFIED
        || *method == Method::HEAD
        || (*method == Method::CONNECT && status.is_success())
}

/// The members of a list, as in `Connection: close, te`.
pub(super) fn tokens(value: &[u8]) -> impl Iterator<Item = &[u8]> {
    value.split(|byte| *byte == b',').map(<[u8]>::trim_ascii)
}

/// Whether a member of a list is `token`.
pub(super) fn is(token: &str) -> impl Fn(&[u8]) -> bool {
    move |found| found.eq_ignore_ascii_case(token.as_bytes())
}

/// A number in digits and nothing else; a sign is what `parse` would take, too.
fn digits(text: &[u8]) -> Option<u64> {
    let is_number = text.iter().all(u8::is_ascii_digit);
    str::from_utf8(text).ok().filter(|_| is_number)?.parse().ok()
}

fn header_map(headers: &[Header<'_>]) -> Result<HeaderMap, Malformed> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for header in headers {
        let name = HeaderName::from_bytes(header.name.as_bytes())
            .map_err(|_| Malformed::Syntax(httparse::Error::HeaderName))?;
        let value = HeaderValue::from_bytes(header.value)
            .map_err(|_| Malformed::Syntax(httparse::Error::HeaderValue))?;
        map.append(name, value);
    }
    Ok(map)
}
