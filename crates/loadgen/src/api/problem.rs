//! What the API answers when it cannot do what was asked.

use http::StatusCode;

use super::resource::{ErrorObject, Errors};
use crate::control::Refused;

/// A refusal, in k6's words.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) status: StatusCode,
    pub(super) title: &'static str,
    pub(super) detail: String,
}

impl Problem {
    pub(super) fn new(status: StatusCode, title: &'static str, detail: impl Into<String>) -> Self {
        Self { status, title, detail: detail.into() }
    }

    pub(super) fn not_found(detail: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "Not Found", detail)
    }

    pub(super) fn errors(self) -> Errors {
        Errors {
            errors: vec![ErrorObject {
                status: self.status.as_u16().to_string(),
                title: self.title.into(),
                detail: self.detail,
            }],
        }
    }
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let (status, title) = match refused {
            Refused::Pause(_) => (StatusCode::INTERNAL_SERVER_ERROR, "Pause error"),
            Refused::NotControllable => {
                (StatusCode::INTERNAL_SERVER_ERROR, "Execution config error")
            }
            Refused::Scale(_) => (StatusCode::BAD_REQUEST, "Config update error"),
            Refused::Gone => (StatusCode::SERVICE_UNAVAILABLE, "Service Unavailable"),
        };
        Self::new(status, title, refused.to_string())
    }
}
