//! The one host that a request of HTTP/1.1 must name, so that everybody on its way takes it for
//! a request to the same site (RFC 9112, section 3.2).

use http::{HeaderValue, Request, Version, header};

/// Whether the request names a host, and only one. An empty name is a name.
pub(super) fn is_named<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host),
        // HTTP/1.0 had no such header, and HTTP/2 has another way.
        (None, _) => request.version() != Version::HTTP_11,
        _ => false,
    }
}

/// Whether the value has only what names, addresses and ports are made of (RFC 3986, section 3.2).
fn is_host(value: &HeaderValue) -> bool {
    let others = b"-._~!$&'()*+,;=%:[]";
    value.as_bytes().iter().all(|byte| byte.is_ascii_alphanumeric() || others.contains(byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(version: Version, hosts: &[&'static str]) -> Request<()> {
        let mut request = Request::builder().version(version);
        for host in hosts {
            request = request.header(header::HOST, *host);
        }
        request.body(()).expect("it is a request")
    }

    #[test]
    fn there_is_one_host() {
        let named = |version, hosts: &[&'static str]| is_named(&request(version, hosts));
        for host in ["a", "a.example:80", "127.0.0.1", "[::1]:8080", ""] {
            assert!(named(Version::HTTP_11, &[host]), "{host}");
        }
        for garbage in ["a b", "a/b", "me@a", "a\\b", "a, b"] {
            assert!(!named(Version::HTTP_11, &[garbage]), "{garbage}");
        }
        assert!(!named(Version::HTTP_11, &[]));
        assert!(!named(Version::HTTP_11, &["a", "a"]));
        assert!(named(Version::HTTP_10, &[]));
        assert!(named(Version::HTTP_2, &[]));
        assert!(!named(Version::HTTP_2, &["a", "b"]));
    }
}
