//! HTML forms: fields by name, and the per-session token that every form must carry.

use axum::extract::{FromRequest, Request};
use axum::response::Response;
use engine::Error;
use http_body_util::BodyExt;

use crate::access::{Face, Refusal};
use crate::extract::Visitor;

/// Largest form read, in bytes: several certificate chains, or thousands of ticks.
const LARGEST: usize = 1 << 20;
/// Most fields of a form.
const MOST: usize = 20_000;

/// A posted form whose token was right. (On public pages there is no session, so no token.)
#[derive(Debug)]
pub struct Form(pub FormData);

/// The fields of a form, in order; names may repeat.
#[derive(Debug, Clone, Default)]
pub struct FormData(Vec<(String, String)>);

impl FormData {
    /// From pairs.
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }
    /// The first value of a field, trimmed; empty when it did not come.
    pub fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value.trim())
    }
    /// The first value untouched (passwords).
    pub fn raw(&self, name: &str) -> &str {
        self.0.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
    /// Whether a field came (check boxes).
    pub fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(key, _)| key == name)
    }
    /// A check box: there and not "false".
    pub fn ticked(&self, name: &str) -> bool {
        self.0.iter().any(|(key, value)| key == name && value != "false")
    }
    /// All values of a field.
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value.as_str()).collect()
    }
    /// The non-empty lines of a text area.
    pub fn lines(&self, name: &str) -> Vec<String> {
        self.text(name).lines().map(str::trim).filter(|l| !l.is_empty()).map(str::to_owned).collect()
    }
    /// Every field.
    pub fn pairs(&self) -> &[(String, String)] {
        &self.0
    }
}

impl FromRequest<Face> for Form {
    type Rejection = Response;
    async fn from_request(request: Request, face: &Face) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let refuse = |refusal| Err((face.refuse)(face, refusal, &parts));
        let body = http_body_util::Limited::new(body, LARGEST);
        let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
            return refuse(Refusal::Error(Error::invalid("body", "The form is larger than 1 MiB.")));
        };
        let fields = form_urlencoded::parse(&bytes).into_owned().take(MOST + 1).collect::<Vec<_>>();
        if fields.len() > MOST || !is_form(&parts.headers) {
            return refuse(Refusal::Error(Error::invalid("body", "This is not a form.")));
        }
        let form = FormData(fields);
        let scope = parts.extensions.get::<Visitor>().and_then(|v| v.scope.clone());
        if let Some(token) = scope.as_ref().and_then(engine::Scope::form_token)
            && !same(token.as_bytes(), form.raw("csrf").as_bytes())
        {
            return refuse(Refusal::CrossSite);
        }
        Ok(Form(form))
    }
}

/// What every form of ours is sent as; a body of another kind is not read as if it were one.
fn is_form(headers: &http::HeaderMap) -> bool {
    headers.get(http::header::CONTENT_TYPE).is_none_or(|kind| {
        let kind = kind.as_bytes().split(|b| *b == b';').next().unwrap_or_default();
        kind.trim_ascii().eq_ignore_ascii_case(b"application/x-www-form-urlencoded")
    })
}

/// Compares without telling where the difference is.
pub(crate) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_form_is_read_as_a_form() {
        let kind = |text: &'static str| {
            let mut headers = http::HeaderMap::new();
            headers.insert(http::header::CONTENT_TYPE, http::HeaderValue::from_static(text));
            is_form(&headers)
        };
        assert!(is_form(&http::HeaderMap::new()));
        assert!(kind("application/x-www-form-urlencoded; charset=UTF-8"));
        assert!(kind("Application/X-WWW-Form-Urlencoded"));
        for other in ["text/plain", "application/json", "multipart/form-data; boundary=x", ""] {
            assert!(!kind(other), "{other}");
        }
    }
}
