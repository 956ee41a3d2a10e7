//! Values of flags and variables: each reader says what is allowed when it is given something else.

use std::ops::RangeInclusive;
use std::time::Duration;

use tracing_subscriber::filter::LevelFilter;
use url::Url;

use crate::RedirectSource;

/// Reads a whole number.
pub(super) fn number<T: TryFrom<u64>>(
    allowed: RangeInclusive<u64>,
) -> impl Fn(&str) -> Result<T, String> + Clone {
    move |text| {
        let number = text.parse().ok().filter(|number| allowed.contains(number));
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| match allowed.end() {
            &u64::MAX => format!("allowed are whole numbers from {}", allowed.start()),
            end => format!("allowed are whole numbers from {} to {end}", allowed.start()),
        })
    }
}

/// Reads a whole number of seconds.
pub(super) fn seconds(least: u64) -> impl Fn(&str) -> Result<Duration, String> + Clone {
    let seconds = number(least..=u64::MAX);
    move |text| seconds(text).map(Duration::from_secs)
}

/// Reads the least important level that is logged.
pub(super) fn log_level(text: &str) -> Result<LevelFilter, &'static str> {
    text.parse().map_err(|_| "allowed are error, warn, info, debug, trace and off")
}

/// Reads a URL with a scheme that can be fetched, or else the name of a file.
pub(super) fn redirect_source(place: &str) -> Result<RedirectSource, &'static str> {
    match Url::parse(place) {
        Ok(url) if matches!(url.scheme(), "http" | "https") => Ok(RedirectSource::Url(url)),
        _ if place.is_empty() || place.contains("://") => {
            Err("allowed are the name of a file and a URL with http or https")
        }
        _ => Ok(RedirectSource::File(place.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_source_is_a_url_or_a_file() {
        let file = |name: &str| Ok(RedirectSource::File(name.into()));
        assert!(matches!(redirect_source("https://example.com/x"), Ok(RedirectSource::Url(_))));
        assert!(matches!(redirect_source("http://127.0.0.1:9/x"), Ok(RedirectSource::Url(_))));
        assert_eq!(redirect_source("redirects.txt"), file("redirects.txt"));
        assert_eq!(redirect_source("/etc/redirects"), file("/etc/redirects"));
        for neither in ["", "ftp://example.com/x", "http://"] {
            assert!(redirect_source(neither).is_err(), "{neither}");
        }
    }
}
