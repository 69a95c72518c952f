//! What comes in: the caller, JSON bodies, query parameters and `If-Match`, with errors that name the field.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use door::{Face, In};
use engine::{Engine, OrgLock, Scope};
use http::header::{CONTENT_TYPE, IF_MATCH};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::problem::Problem;

/// Largest body of a request. Policy suites and lists of devices fit many times.
pub(super) const BODY_LIMIT: usize = 1 << 20;

/// The proven caller and what to ask.
pub(super) struct Call {
    /// The engine.
    pub engine: Arc<Engine>,
    /// The caller's right.
    pub scope: Scope,
}

impl FromRequestParts<Face> for Call {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        let In(scope) = In::from_request_parts(parts, face).await?;
        Ok(Call { engine: Arc::clone(&face.engine), scope })
    }
}

impl Call {
    /// The organization in memory.
    pub(super) fn organization(&self) -> Result<Arc<OrgLock>, Problem> {
        let org = self.engine.directory().organization(self.scope.organization());
        Ok(org.ok_or(engine::Error::NotFound("organization"))?)
    }
}

/// A JSON body. Unknown fields are refused by name.
pub(super) struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Face> for Body<T> {
    type Rejection = Response;
    async fn from_request(request: Request, _: &Face) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if !is_json(&parts) {
            return Err(Problem::media_type().into_response());
        }
        let bytes = match Limited::new(body, BODY_LIMIT).collect().await {
            Ok(read) => read.to_bytes(),
            Err(why) if why.is::<LengthLimitError>() => {
                return Err(Problem::too_large(BODY_LIMIT).into_response());
            }
            Err(_) => return Err(Problem::malformed("The body ended too early.").into_response()),
        };
        read(&bytes).map(Body).map_err(IntoResponse::into_response)
    }
}

/// A body of CSV.
pub(super) struct Csv(pub Vec<u8>);

impl FromRequest<Face> for Csv {
    type Rejection = Response;
    async fn from_request(request: Request, _: &Face) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        if !essence(&parts).eq_ignore_ascii_case("text/csv") {
            return Err(Problem::media_type().into_response());
        }
        match Limited::new(body, engine::imports::FILE_MAX).collect().await {
            Ok(read) => Ok(Csv(read.to_bytes().into())),
            Err(why) if why.is::<LengthLimitError>() => {
                Err(Problem::too_large(engine::imports::FILE_MAX).into_response())
            }
            Err(_) => Err(Problem::malformed("The body ended too early.").into_response()),
        }
    }
}

fn essence(parts: &Parts) -> &str {
    let text = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
    text.split(';').next().unwrap_or("").trim()
}

fn is_json(parts: &Parts) -> bool {
    essence(parts).eq_ignore_ascii_case("application/json")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut reader = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|why| {
        let path = why.path().to_string();
        let inner = why.into_inner();
        if inner.is_data() {
            refused(&path, &inner.to_string())
        } else {
            Problem::malformed(format!("The body is not JSON: {inner}."))
        }
    })?;
    reader.end().map_err(|why| Problem::malformed(format!("The body is not JSON: {why}.")))?;
    Ok(value)
}

/// Query parameters; a repeated name is a list. Unknown names are refused.
pub(super) struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Face> for Params<T> {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &Face) -> Result<Self, Response> {
        axum_extra::extract::Query::<T>::try_from_uri(&parts.uri).map(|query| Params(query.0)).map_err(
            |why| {
                let text = why.body_text();
                let words = text.split_once(": ").map_or(text.as_str(), |(_, words)| words);
                // A path before the words, such as "limit: invalid digit found in string".
                let (path, words) = match words.split_once(": ") {
                    Some((path, rest)) if !path.contains(' ') => (path, rest),
                    _ => ("query", words),
                };
                refused(path, words).into_response()
            },
        )
    }
}

/// Turns serde's words into a field and a message for people.
fn refused(path: &str, words: &str) -> Problem {
    let words = words.split(" at line ").next().unwrap_or(words);
    let named = |start: &str| {
        let rest = words.strip_prefix(start)?;
        rest.split('`').next().map(str::to_owned)
    };
    // The path already ends with an unknown field's name, but with a missing one's owner.
    let below = |name: &str| match path {
        "." | "query" => name.to_owned(),
        path if path == name || path.ends_with(&format!(".{name}")) => path.to_owned(),
        path => format!("{path}.{name}"),
    };
    if let Some(name) = named("unknown field `") {
        return Problem::invalid(below(&name), "There is no such field.");
    }
    if let Some(name) = named("missing field `") {
        return Problem::invalid(below(&name), "This field is needed.");
    }
    let field = if path == "." { "body" } else { path };
    Problem::invalid(field, format!("This does not fit: {words}."))
}

/// The version of an object that the author of an edit saw, from `If-Match: "7"`.
pub(super) struct Seen(pub Option<i64>);

impl FromRequestParts<Face> for Seen {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, _: &Face) -> Result<Self, Response> {
        let Some(value) = parts.headers.get(IF_MATCH) else { return Ok(Seen(None)) };
        let text = value.to_str().unwrap_or("").trim();
        if text == "*" {
            return Ok(Seen(None));
        }
        let rev = text.strip_prefix('"').and_then(|t| t.strip_suffix('"')).and_then(|t| t.parse().ok());
        rev.map(|rev| Seen(Some(rev))).ok_or_else(|| {
            Problem::malformed("If-Match takes the ETag of the object as it was read, such as \"7\".")
                .into_response()
        })
    }
}

impl Seen {
    /// Refuses early when the object has another version now. The engine checks again when it writes.
    pub(super) fn expect(&self, rev: i64) -> Result<(), Problem> {
        if self.0.is_none_or(|seen| seen == rev) { Ok(()) } else { Err(Problem::changed()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Inner {
        number: u8,
    }
    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "only read from JSON")]
    struct Outer {
        name: String,
        list: Vec<Inner>,
    }

    fn problem(body: &str) -> serde_json::Value {
        let problem = read::<Outer>(body.as_bytes()).expect_err("refused");
        serde_json::to_value(problem).expect("JSON")
    }

    #[test]
    fn refusals_name_the_field() {
        for (body, field, words) in [
            (r#"{"name":"a","list":[],"colour":1}"#, "colour", "no such field"),
            (r#"{"name":"a","list":[{"number":1,"size":2}]}"#, "list[0].size", "no such field"),
            (r#"{"name":"a"}"#, "list", "needed"),
            (r#"{"name":"a","list":[{}]}"#, "list[0].number", "needed"),
            (r#"{"name":"a","list":[{"number":300}]}"#, "list[0].number", "does not fit"),
            ("[1]", "name", "does not fit"),
        ] {
            let problem = problem(body);
            assert_eq!(problem["status"], 422, "{body}");
            let issue = &problem["errors"][0];
            if body != "[1]" {
                assert_eq!(issue["field"], field, "{body}");
            }
            assert!(issue["message"].as_str().expect("text").contains(words), "{body}: {issue}");
        }
    }

    #[test]
    fn what_is_not_json_is_malformed() {
        for body in ["", "{", r#"{"name":"a","list":[]} more"#, "\u{0}"] {
            assert_eq!(problem(body)["status"], 400, "{body:?}");
        }
    }
}
