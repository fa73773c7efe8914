//! Errors as the outside sees them: `application/problem+json` (RFC 9457) in
//! the reader's language, whatever layer raised them.
//!
//! A handler gives a [`Failure`]. It carries no language and no request id; the
//! outermost middleware adds both and writes the body, so that there is one
//! place that does. Internal text goes to the log, never into an answer.

mod codes;

use actix_web::body::BoxBody;
use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

pub use codes::{Code, Pair};

use crate::words::{Language, Text, pick};

/// One bad parameter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The parameter's name.
    pub parameter: String,
    /// What is wrong with it and what is accepted.
    pub detail: Text,
}

/// An error that is told to the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What kind it is.
    pub code: Code,
    /// What was wrong here, and what is accepted.
    pub detail: Text,
    /// The bad parameters.
    pub errors: Vec<FieldError>,
    /// Headers that go with it, such as `Allow` and `Retry-After`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// The problem type, where one is registered that all software knows.
    pub registered: Option<Box<Registered>>,
}

/// A problem type of the registry of RFC 9457, with its extension member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registered {
    /// The registry's address for it; stands in `type` instead of our page's.
    pub r#type: &'static str,
    /// The quotas that were exceeded.
    pub violated_policies: Vec<&'static str>,
}

impl Problem {
    /// A problem with a detail of its own.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Text>) -> Problem {
        let headers = match code {
            Code::MethodNotAllowed => vec![(header::ALLOW, HeaderValue::from_static("GET, HEAD, OPTIONS"))],
            Code::NotReady | Code::Timeout => vec![(header::RETRY_AFTER, HeaderValue::from_static("5"))],
            _ => Vec::new(),
        };
        Problem { code, detail: detail.into(), errors: Vec::new(), headers, registered: None }
    }

    /// A problem about which nothing more is known than its code.
    #[must_use]
    pub fn plain(code: Code) -> Problem {
        Problem::new(code, code.about())
    }

    /// A bad parameter.
    #[must_use]
    pub fn parameter(name: &str, detail: Text) -> Problem {
        Problem::about(Code::InvalidParameter, name, detail)
    }

    /// A parameter that has the right form and names nothing.
    #[must_use]
    pub fn unknown(name: &str, detail: Text) -> Problem {
        Problem::about(Code::UnknownValue, name, detail)
    }

    fn about(code: Code, name: &str, detail: Text) -> Problem {
        let mut problem = Problem::new(code, Text::new(format!("{name}: {}", detail.id), format!("{name}: {}", detail.en)));
        problem.errors.push(FieldError { parameter: name.to_owned(), detail });
        problem
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: HeaderName, value: HeaderValue) -> Problem {
        self.headers.push((name, value));
        self
    }

    /// The answer.
    #[must_use]
    pub fn render(&self, language: Language, request_id: &str) -> HttpResponse {
        let view = ProblemView {
            r#type: self.registered.as_ref().map_or_else(|| self.code.page(), |one| one.r#type.to_owned()),
            code: self.code.as_str().to_owned(),
            title: pick(language, self.code.title()).to_owned(),
            status: self.code.status(),
            detail: self.detail.get(language).to_owned(),
            errors: self
                .errors
                .iter()
                .map(|error| FieldErrorView { parameter: error.parameter.clone(), detail: error.detail.get(language).to_owned() })
                .collect(),
            violated_policies: self.registered.iter().flat_map(|one| &one.violated_policies).map(|&name| name.to_owned()).collect(),
            request_id: request_id.to_owned(),
        };
        let status = StatusCode::from_u16(self.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = HttpResponse::build(status);
        for (name, value) in &self.headers {
            response.insert_header((name.clone(), value.clone()));
        }
        response
            .insert_header((header::CONTENT_TYPE, "application/problem+json"))
            .insert_header((header::CONTENT_LANGUAGE, language.tag()))
            .insert_header((header::VARY, "Accept-Language"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .body(serde_json::to_vec(&view).unwrap_or_default())
    }
}

/// An error in the form of RFC 9457.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "Problem")]
pub struct ProblemView {
    /// Address of the page that explains this kind of error; for a problem type that is registered with IANA, the registry's.
    #[schema(example = "/docs/errors/invalid-parameter")]
    pub r#type: String,
    /// The kind of error, as a word that programs may rely on.
    #[schema(example = "invalid-parameter")]
    pub code: String,
    /// The kind of error in words, in the language asked for.
    #[schema(example = "Invalid parameter")]
    pub title: String,
    /// The HTTP status.
    #[schema(example = 400)]
    pub status: u16,
    /// What was wrong with this request and what is accepted.
    #[schema(example = "area: \"36.7\" is not accepted: expected a Kemendagri code such as 36.71.01")]
    pub detail: String,
    /// The bad parameters, one by one.
    #[schema(example = json!([{"parameter": "area", "detail": "\"36.7\" is not accepted: expected a Kemendagri code such as 36.71.01"}]))]
    pub errors: Vec<FieldErrorView>,
    /// The quotas that were exceeded, by their names at /v1; only in a 429.
    #[serde(rename = "violated-policies", skip_serializing_if = "Vec::is_empty")]
    #[schema(example = json!(["list"]))]
    pub violated_policies: Vec<String>,
    /// The request's id, also in the header X-Request-Id and in the server's log.
    #[schema(example = "6f1b0a529c3de841")]
    pub request_id: String,
}

/// A bad parameter.
#[derive(Debug, Serialize, utoipa::ToSchema)]
#[schema(title = "FieldError")]
pub struct FieldErrorView {
    /// The parameter's name.
    #[schema(example = "area")]
    pub parameter: String,
    /// What is wrong with it and what is accepted.
    #[schema(example = "\"36.7\" is not accepted: expected a Kemendagri code such as 36.71.01")]
    pub detail: String,
}

/// Why a handler gives no answer.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Failure {
    /// The reader is told.
    #[error("{}", .0.code.as_str())]
    Problem(Box<Problem>),
    /// The address has another, lasting spelling.
    #[error("redirect")]
    Redirect(String),
    /// The log is told; the reader gets the code `internal`.
    #[error("{0}")]
    Internal(std::sync::Arc<str>),
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Failure {
        Failure::Problem(Box::new(problem))
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        // A query inside may have found something to tell the reader.
        match error.downcast::<Failure>() {
            Ok(failure) => failure,
            Err(error) if error.chain().any(|cause| cause.is::<catalogue::Unavailable>()) => {
                tracing::error!(error = format!("{error:#}"), "the catalogue does not answer");
                Problem::new(
                    Code::NotReady,
                    Text::new("katalog tidak menjawab; coba lagi sebentar", "the catalogue does not answer; try again shortly"),
                )
                .into()
            }
            Err(error) => Failure::Internal(format!("{error:#}").into()),
        }
    }
}

impl From<actix_web::error::BlockingError> for Failure {
    fn from(error: actix_web::error::BlockingError) -> Failure {
        Failure::Internal(format!("a blocking task ended early: {error}").into())
    }
}

impl From<std::sync::Arc<Failure>> for Failure {
    fn from(failure: std::sync::Arc<Failure>) -> Failure {
        (*failure).clone()
    }
}

/// Internal text on its way to the log.
#[derive(Debug, Clone)]
pub(crate) struct ForTheLog(pub std::sync::Arc<str>);

impl ResponseError for Failure {
    fn status_code(&self) -> StatusCode {
        match self {
            Failure::Problem(problem) => StatusCode::from_u16(problem.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
            Failure::Redirect(_) => StatusCode::PERMANENT_REDIRECT,
            Failure::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// An empty answer with the problem beside it, for the outermost middleware.
    fn error_response(&self) -> HttpResponse<BoxBody> {
        let mut response = HttpResponse::new(self.status_code());
        match self {
            Failure::Problem(problem) => {
                response.extensions_mut().insert((**problem).clone());
            }
            Failure::Redirect(to) => {
                if let Ok(to) = HeaderValue::from_str(to) {
                    response.headers_mut().insert(header::LOCATION, to);
                }
                response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=86400"));
            }
            Failure::Internal(text) => {
                response.extensions_mut().insert(ForTheLog(text.clone()));
                response.extensions_mut().insert(Problem::plain(Code::Internal));
            }
        }
        response
    }
}

/// The result of a handler.
pub type Answer<T = HttpResponse> = Result<T, Failure>;
