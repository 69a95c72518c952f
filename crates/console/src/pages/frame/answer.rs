//! Answers of handlers, and what becomes of errors on the way out.

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use engine::{Error, ErrorKind};
use http::{HeaderValue, StatusCode, header};

/// What a handler gives back.
pub type Answer = Result<Response, Oops>;

/// An error on its way to a page: [`super::finish`] draws it, since only there the reader's theme is known.
#[derive(Debug, Clone)]
pub enum Oops {
    /// A use case said no.
    Error(Error),
    /// A form that did not come from our own page.
    CrossSite,
}

impl From<Error> for Oops {
    fn from(error: Error) -> Self {
        Oops::Error(error)
    }
}

impl Oops {
    /// Nothing of this kind exists here.
    pub fn not_found(what: &'static str) -> Self {
        Oops::Error(Error::NotFound(what))
    }

    /// The status of the answer.
    pub fn status(&self) -> StatusCode {
        let Oops::Error(error) = self else { return StatusCode::FORBIDDEN };
        if let Error::Held(_) = error {
            return StatusCode::ACCEPTED;
        }
        match error.kind() {
            ErrorKind::NotFound => StatusCode::NOT_FOUND,
            ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
            ErrorKind::Denied => StatusCode::FORBIDDEN,
            ErrorKind::Locked => StatusCode::TOO_MANY_REQUESTS,
            ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
            ErrorKind::Conflict => StatusCode::CONFLICT,
            ErrorKind::Upstream => StatusCode::BAD_GATEWAY,
            ErrorKind::Busy => StatusCode::SERVICE_UNAVAILABLE,
            ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// A page.
pub fn html(status: StatusCode, markup: String) -> Response {
    let mut response = (status, markup).into_response();
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    response
}

/// 303: a form was taken, here is what it led to. `to` is a path of this host.
pub fn see_other(to: &str) -> Response {
    let mut response = StatusCode::SEE_OTHER.into_response();
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/dashboard"));
    response.headers_mut().insert(header::LOCATION, to);
    response
}

/// A file to be saved under a name.
pub fn download(mime: &'static str, name: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(mime));
    if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{name}\"")) {
        headers.insert(header::CONTENT_DISPOSITION, value);
    }
    response
}
