//! One visit: a path is asked for, and what it holds is looked through for links.

use http::{StatusCode, header};
use url::Url;

use super::{
    content::{self, Kind},
    css, html,
    site::Site,
};
use crate::http::{Client, Request, Response};

/// No page has more bytes, packed or not; what else is longer is not read to its end.
const MAX_BODY: usize = 8 << 20;

/// What is at a path.
#[derive(Debug)]
pub(super) enum Visit {
    /// A page.
    Page(Links),
    /// What pages are made of.
    Asset(Links),
    /// What is asked for is elsewhere.
    Redirect(Url),
    /// Nothing, for this reason.
    Failure(String),
}

/// Where a file leads.
#[derive(Debug)]
pub(super) struct Links {
    /// What relative ones are relative to.
    pub(super) base: Url,
    /// As written, in their order.
    pub(super) written: Vec<String>,
    /// Why there may be more.
    pub(super) problem: Option<&'static str>,
}

/// Asks for `path` and reads what comes.
pub(super) async fn visit(client: &Client, site: &Site, path: &str) -> Visit {
    let url = site.url(path);
    // The parser has made it.
    let Ok(base) = Url::parse(&url) else { return Visit::Failure("is no URL".into()) };
    let response = match get(client, &url, MAX_BODY, 0).await {
        Ok(response) => response,
        Err(problem) => return Visit::Failure(problem),
    };
    match response.status {
        Some(status) if status.is_success() => {
            links(&response, base).unwrap_or_else(Visit::Failure)
        }
        Some(status) if status.is_redirection() => redirect(&response, &base, status),
        Some(status) => Visit::Failure(status.to_string()),
        None => Visit::Failure("no answer".into()),
    }
}

/// The answer to a GET; the error says why there is none.
pub(super) async fn get(
    client: &Client,
    url: &str,
    max_body: usize,
    max_redirects: u32,
) -> Result<Response, String> {
    let request = Request::get(url)
        .keep_body_up_to(max_body)
        .max_redirects(max_redirects)
        .build(client.network().config())
        .map_err(|error| error.to_string())?;
    let response = client.send(&request, &mut |_| {}).await;
    match response.error {
        Some(error) => Err(error.text),
        None => Ok(response),
    }
}

fn redirect(response: &Response, base: &Url, status: StatusCode) -> Visit {
    let location = response.headers.get(header::LOCATION);
    match location.map(|location| base.join(&String::from_utf8_lossy(location.as_bytes()))) {
        Some(Ok(url)) => Visit::Redirect(url),
        Some(Err(error)) => Visit::Failure(format!("{status} to what is no URL: {error}")),
        None => Visit::Failure(format!("{status} without a location")),
    }
}

/// Looks a file through that came whole, or its beginning.
fn links(response: &Response, mut base: Url) -> Result<Visit, String> {
    let body = response.body.as_deref().unwrap_or_default();
    let (kind, encoding) = content::kind(&response.headers, body);
    if kind == Kind::Other {
        return Ok(Visit::Asset(Links { base, written: Vec::new(), problem: None }));
    }
    let (body, is_cut) = content::unpack(&response.headers, body, MAX_BODY)?;
    let (written, is_unread) = if kind == Kind::Css {
        (css::links(&content::text(&body, encoding)), false)
    } else {
        let page = html::read(&body, encoding);
        if let Some(own) = page.base.and_then(|own| base.join(&own).ok()) {
            base = own;
        }
        (page.links, page.is_cut)
    };
    let problem = if response.is_cut || is_cut {
        Some("is longer than 8 MiB; what follows was not looked through")
    } else if is_unread {
        Some("takes more than 16 MiB to parse; what follows was not looked through")
    } else {
        None
    };
    let links = Links { base, written, problem };
    Ok(if kind == Kind::Html { Visit::Page(links) } else { Visit::Asset(links) })
}
