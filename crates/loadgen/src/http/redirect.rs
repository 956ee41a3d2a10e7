//! Where an answer sends the client next, and what it takes along; Go's rules, as k6 has them.

use std::borrow::Cow;

use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use percent_encoding::{CONTROLS, percent_encode};
use url::{Host, ParseError, Position, Url};

use super::{
    Error, ErrorCode, Request,
    response::Answer,
    target::{Target, Template, tag},
};

/// Dropped for good when a hop leaves the host and its subdomains.
const SECRETS: [HeaderName; 5] = [
    header::AUTHORIZATION,
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

    /// The hop that an answer asks for; none if the answer is the last, as it also is if it leads
    /// to what is not HTTP.
    pub(super) fn next(&self, answer: &Answer) -> Result<Option<(Target, Template)>, Error> {
        let location = answer.headers.get(header::LOCATION).filter(|location| !location.is_empty());
        let (Some(keeps_body), Some(location)) = (keeps_body(answer.status), location) else {
            return Ok(None);
        };
        if self.followed >= self.request.max_redirects {
            return Ok(None);
        }
        let location = location.as_bytes();
        let location: Cow<'_, str> = match str::from_utf8(location) {
            Ok(text) => text.into(),
            Err(_) => percent_encode(location, CONTROLS).into(),
        };
        // Without the location: texts of errors become tags, which must not be all different.
        let url = (self.target().url.join(&location))
            .map_err(|error| failed(format!("failed to parse Location header: {error}")))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Ok(None);
        }
        if url.host() != self.request.target.url.host() && !self.follow_offsite {
            return Ok(None);
        }
        let template = self.carried_over(&location, &url, keeps_body);
        let tag = tag(url.as_str(), &url);
        let target = template.target_of(url, tag, None).map_err(failed)?;
        Ok(Some((target, template)))
    }

    /// What the hop to `url` has of the one before.
    fn carried_over(&self, location: &str, url: &Url, keeps_body: bool) -> Template {
        let first = &self.request.template;
        let mut template = self.last.as_ref().map_or(first, |(_, template)| template).clone();
        if !keeps_body {
            drop_body(&mut template);
        }
        // Like k6, which has a jar to make another.
        template.headers.remove(header::COOKIE);
        if !is_within(url.host(), self.request.target.url.host()) {
            SECRETS.iter().for_each(|name| drop(template.headers.remove(name)));
        }
        let relative = Url::parse(location) == Err(ParseError::RelativeUrlWithoutBase);
        template.host = first.host.clone().filter(|_| relative);
        if !first.headers.contains_key(header::REFERER) {
            set_referer(&mut template.headers, &self.target().url, url);
        }
        template
    }

    /// Goes on to a hop that [`Self::next`] gave.
    pub(super) fn follow(&mut self, next: (Target, Template)) {
        self.last = Some(next);
        self.followed += 1;
    }
}

/// Whether a redirect is followed with the same method and body; none if `status` is none.
fn keeps_body(status: StatusCode) -> Option<bool> {
    match status {
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND | StatusCode::SEE_OTHER => Some(false),
        StatusCode::TEMPORARY_REDIRECT | StatusCode::PERMANENT_REDIRECT => Some(true),
        _ => None,
    }
}

fn failed(text: String) -> Error {
    Error { code: ErrorCode::UNCLASSIFIED, text }
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
