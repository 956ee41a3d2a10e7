//! A page's own script and style, and the policy that lets nothing else run.

use std::{fmt, sync::LazyLock};

use aws_lc_rs::digest::{SHA256, digest};
use base64::{Engine as _, prelude::BASE64_STANDARD};

/// Script or style: text that belongs into the page as it stands.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Code(&'static str);

pub(super) const STYLE: Code = Code(concat!(
    "\n",
    include_str!("../../../templates/report/style.css"),
    include_str!("../../../templates/report/charts.css"),
    include_str!("../../../templates/report/tables.css"),
    include_str!("../../../templates/report/print.css"),
));

pub(super) const SCRIPT: Code = Code(concat!(
    "\n",
    include_str!("../../../templates/report/script.js"),
    include_str!("../../../templates/report/theme.js"),
    include_str!("../../../templates/report/hover.js"),
    include_str!("../../../templates/report/tables.js"),
    include_str!("../../../templates/report/start.js"),
));

pub(super) const LIVE_STYLE: Code = Code(concat!(
    "\n",
    include_str!("../../../templates/report/style.css"),
    include_str!("../../../templates/report/charts.css"),
    include_str!("../../../templates/report/tables.css"),
    include_str!("../../../templates/report/print.css"),
    include_str!("../../../templates/report/live.css"),
));

pub(super) const LIVE_SCRIPT: Code = Code(concat!(
    "\n",
    include_str!("../../../templates/report/script.js"),
    include_str!("../../../templates/report/theme.js"),
    include_str!("../../../templates/report/hover.js"),
    include_str!("../../../templates/report/tables.js"),
    include_str!("../../../templates/report/live.js"),
));

/// What a browser may do with the page: show it, with this script and this style.
pub(super) static POLICY: LazyLock<String> = LazyLock::new(|| policy(SCRIPT, STYLE));

/// The same for the live page, which also hears from where it came.
pub(super) static LIVE_POLICY: LazyLock<String> =
    LazyLock::new(|| policy(LIVE_SCRIPT, LIVE_STYLE) + "; connect-src 'self'");

/// What a browser may do with a page of this script and this style.
pub(crate) fn policy(script: Code, style: Code) -> String {
    format!(
        "default-src 'none'; script-src {}; style-src {}; img-src data:; base-uri 'none'; \
         form-action 'none'",
        script.hash(),
        style.hash(),
    )
}

impl Code {
    /// Code of ours, never a summary's text.
    pub(crate) const fn new(text: &'static str) -> Self {
        Self(text)
    }

    /// The code as a policy names it.
    fn hash(self) -> String {
        format!("'sha256-{}'", BASE64_STANDARD.encode(digest(&SHA256, self.0.as_bytes())))
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

/// It is no summary's text but ours.
impl askama::filters::HtmlSafe for Code {}
