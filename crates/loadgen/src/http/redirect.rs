//! Where an answer sends the client next, and what it takes along; Go's rules, as k6 has them.

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use url::{Host, ParseError, Position, Url};

use super::{
    Error, ErrorCode, Request,
    target::{Target, Template, tag},
};

/// Dropped for good when a hop leaves the host and its subdomains.
const SECRETS: [HeaderName; 6] = [
    header::AUTHORIZATION,
    header::COOKIE,
    header::WWW_AUTHENTICATE,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    HeaderName::from_static("proxy-connection"),
];

/// Dropped together with the body.
const OF_BODY: [HeaderName; 4] = [
    header::CONTENT_TYPE,
    header::CONTENT_ENCODING,
    header::CONTENT_LANGUAGE,
    header::CONTENT_LOCATION,
];

/// The hops of one call.
pub(super) struct Redirects<'a> {
    request: &'a Request,
    follow_offsite: bool,
    followed: u32,
    /// What the last redirect led to, and what it left of the request.
    last: Option<(Target, Template)>,
}

impl<'a> Redirects<'a> {
    pub(super) fn new(request: &'a Request, follow_offsite: bool) -> Self {
        Self { request, follow_offsite, followed: 0, last: None }
    }

    /// The hop to make now.
    pub(super) fn target(&self) -> &Target {
        self.last.as_ref().map_or(&self.request.target, |(target, _)| target)
    }

    /// Where the last redirect led.
    pub(super) fn redirected_to(&self) -> Option<String> {
        self.last.as_ref().map(|(target, _)| target.url.as_str().to_owned())
    }

    /// The hop that an answer asks for; none if the answer is the last.
    pub(super) fn next(
        &self,
        status: StatusCode,
        headers: &HeaderMap,
    ) -> Result<Option<(Target, Template)>, Error> {
        let keeps_method = match status {
            StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => false,
            StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => true,
            _ => return Ok(None),
        };
        let location = headers.get(header::LOCATION).filter(|location| !location.is_empty());
        let Some(location) = location.filter(|_| self.followed < self.request.max_redirects) else {
            return Ok(None);
        };
        let location = String::from_utf8_lossy(location.as_bytes());
        let from = &self.target().url;
        let url = from.join(&location).map_err(|error| Error {
            code: ErrorCode::UNCLASSIFIED,
            text: format!("failed to parse Location header \"{location}\": {error}"),
        })?;
        let asked = self.request.target.url.host();
        if url.host() != asked && !self.follow_offsite {
            return Ok(None);
        }

        let mut template = self.template().clone();
        if !keeps_method {
            drop_body(&mut template);
        }
        if !is_within(url.host(), asked) {
            SECRETS.iter().for_each(|name| drop(template.headers.remove(name)));
        }
        let relative = Url::parse(&location) == Err(ParseError::RelativeUrlWithoutBase);
        template.host = self.request.template.host.clone().filter(|_| relative);
        if !self.request.template.headers.contains_key(header::REFERER) {
            set_referer(&mut template.headers, from, &url);
        }
        let tag = tag(url.as_str(), &url);
        let target = template
            .target_of(url, tag)
            .map_err(|text| Error { code: ErrorCode::UNCLASSIFIED, text })?;
        Ok(Some((target, template)))
    }

    /// Goes on to a hop that [`Self::next`] gave.
    pub(super) fn follow(&mut self, next: (Target, Template)) {
        self.last = Some(next);
        self.followed += 1;
    }

    fn template(&self) -> &Template {
        self.last.as_ref().map_or(&self.request.template, |(_, template)| template)
    }
}

fn drop_body(template: &mut Template) {
    if template.method != Method::HEAD {
        template.method = Method::GET;
    }
    template.body.clear();
    OF_BODY.iter().for_each(|name| drop(template.headers.remove(name)));
}

/// Whether `host` is `parent` or below it.
fn is_within(host: Option<Host<&str>>, parent: Option<Host<&str>>) -> bool {
    match (host, parent) {
        (Some(Host::Domain(host)), Some(Host::Domain(parent))) => {
            host.strip_suffix(parent).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        }
        (host, parent) => host == parent,
    }
}

/// Names the page that is left, but not what is behind TLS to what is not.
fn set_referer(headers: &mut HeaderMap, from: &Url, to: &Url) {
    headers.remove(header::REFERER);
    if from.scheme() == "https" && to.scheme() == "http" {
        return;
    }
    let referer =
        format!("{}://{}", from.scheme(), &from[Position::BeforeHost..Position::AfterQuery]);
    if let Ok(referer) = HeaderValue::try_from(referer) {
        headers.insert(header::REFERER, referer);
    }
}
