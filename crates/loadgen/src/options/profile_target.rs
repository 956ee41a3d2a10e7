//! Where the CPU profile of the target is to be had, as `--profile-target` says it.

use std::{fmt, str::FromStr};

use url::Url;

use crate::target::http_url;

/// Where servy and Go's `net/http/pprof` have it.
const USUAL_PATH: &str = "/debug/pprof/profile";

/// A URL that answers with a CPU profile in pprof's format. One without a path gets the usual one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProfileTarget {
    url: Url,
    seconds: Option<u32>,
}

/// Text that is no [`ProfileTarget`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProfileTarget {
    /// It is no URL of HTTP.
    #[error("it {0}; allowed is a URL such as http://127.0.0.1:8081/debug/pprof/profile")]
    Url(String),
    /// Its query asks for a profile of no length.
    #[error("its seconds are '{0}'; allowed are whole numbers from 1")]
    Seconds(String),
}

impl ProfileTarget {
    /// How long the profile is to be, if the URL says so.
    pub fn seconds(&self) -> Option<u32> {
        self.seconds
    }

    /// The URL that asks for a profile of so many seconds, unless it asks for others already.
    pub(crate) fn asking_for(&self, seconds: u32) -> Url {
        let mut url = self.url.clone();
        if self.seconds.is_none() {
            url.query_pairs_mut().append_pair("seconds", &seconds.to_string());
        }
        url
    }
}

impl FromStr for ProfileTarget {
    type Err = InvalidProfileTarget;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut url = http_url(text).map_err(InvalidProfileTarget::Url)?;
        url.set_fragment(None);
        if url.path() == "/" {
            url.set_path(USUAL_PATH);
        }
        let asked = url.query_pairs().find(|(name, _)| name == "seconds");
        let seconds = asked.map(|(_, value)| match value.parse() {
            Ok(seconds @ 1..) => Ok(seconds),
            _ => Err(InvalidProfileTarget::Seconds(value.into())),
        });
        let seconds = seconds.transpose()?;
        Ok(Self { url, seconds })
    }
}

impl fmt::Display for ProfileTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.url.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What is asked for when seven seconds are wanted, or what is wrong.
    fn asked(text: &str) -> String {
        match text.parse::<ProfileTarget>() {
            Ok(target) => target.asking_for(7).into(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn what_is_asked_for() {
        let texts = [
            "http://127.0.0.1:8081",
            "https://host/",
            "http://host/?seconds=5",
            "http://host/cpu",
            "http://user:word@host/cpu?seconds=5&x=1#top",
            "http://host/cpu?x=a%20b",
            "http://host/cpu?seconds=0",
            "http://host/cpu?seconds=1.5",
            "http://host/cpu?seconds=",
            "127.0.0.1:8081",
            "ftp://host/",
            "http://",
            "",
        ];
        insta::assert_snapshot!(texts.map(asked).join("\n"), @r"
        http://127.0.0.1:8081/debug/pprof/profile?seconds=7
        https://host/debug/pprof/profile?seconds=7
        http://host/debug/pprof/profile?seconds=5
        http://host/cpu?seconds=7
        http://user:word@host/cpu?seconds=5&x=1
        http://host/cpu?x=a%20b&seconds=7
        its seconds are '0'; allowed are whole numbers from 1
        its seconds are '1.5'; allowed are whole numbers from 1
        its seconds are ''; allowed are whole numbers from 1
        it has no scheme; allowed is a URL such as http://127.0.0.1:8081/debug/pprof/profile
        it has the scheme ftp, not http or https; allowed is a URL such as http://127.0.0.1:8081/debug/pprof/profile
        it is no URL: empty host; allowed is a URL such as http://127.0.0.1:8081/debug/pprof/profile
        it has no scheme; allowed is a URL such as http://127.0.0.1:8081/debug/pprof/profile
        ");
    }

    proptest! {
        #[test]
        fn no_text_panics_and_what_is_shown_reads_the_same(text in "http://\\PC{0,20}([?]\\PC{0,9})?") {
            if let Ok(target) = text.parse::<ProfileTarget>() {
                prop_assert_eq!(target.to_string().parse(), Ok(target));
            }
        }
    }
}
