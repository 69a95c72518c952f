//! What handlers have in common: the caller in the organization of the address, JSON bodies, versions, pages.

use std::sync::Arc;

use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::response::{IntoResponse, Response};
use door::{Face, In};
use engine::{Engine, OrgLock, Scope};
use http::StatusCode;
use http::header::{CONTENT_TYPE, IF_MATCH, IF_NONE_MATCH};
use http::request::Parts;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde_json::{Value, json};

use super::error::{Answer, Result, ScimError};
use super::filter::{self, Filter};
use super::{BODY_LIMIT, path};

/// Resources of a page, unless fewer are asked for.
pub(super) const COUNT_MAX: usize = 500;

/// The proven caller in the organization that the address names.
pub(super) struct Call {
    pub engine: Arc<Engine>,
    pub scope: Scope,
    pub org: Arc<OrgLock>,
    /// `/scim/v2/acme`, with scheme and host as the caller named them.
    pub base: String,
    /// Id in the address; empty for none.
    pub id: String,
    query: Vec<(String, String)>,
    if_match: Option<String>,
    if_none_match: Option<String>,
}

impl FromRequestParts<Face> for Call {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> std::result::Result<Self, Response> {
        let In(scope) = In::from_request_parts(parts, face).await?;
        let params = RawPathParams::from_request_parts(parts, face).await;
        let params =
            params.map_err(|_| ScimError::not_found("There is nothing at this address.").into_response())?;
        let param = |name: &str| {
            params.iter().find(|(key, _)| *key == name).map_or(String::new(), |(_, value)| value.to_owned())
        };
        let engine = Arc::clone(&face.engine);
        // A token of another organization learns nothing about whether there is one of this name.
        let nothing = || {
            ScimError::not_found("There is no such organization, or the token is not of it.").into_response()
        };
        let org = engine.directory().organization(scope.organization()).ok_or_else(nothing)?;
        let slug = org.read().organization.slug.clone();
        if slug != param("org") {
            return Err(nothing());
        }
        let header = |name| {
            parts.headers.get(name).and_then(|v: &http::HeaderValue| v.to_str().ok()).map(str::to_owned)
        };
        let host = header(http::header::HOST).unwrap_or_else(|| "localhost".into());
        let query = axum_extra::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri);
        Ok(Self {
            engine,
            scope,
            org,
            base: format!("https://{host}/scim/v2/{slug}"),
            id: param("id"),
            query: query.map(|q| q.0).unwrap_or_default(),
            if_match: header(IF_MATCH),
            if_none_match: header(IF_NONE_MATCH),
        })
    }
}

impl Call {
    fn asked(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// What a list is asked for.
    ///
    /// # Errors
    /// `invalidFilter`, `invalidValue`.
    pub(super) fn wanted(&self) -> Result<Wanted> {
        let number = |name: &str| {
            self.asked(name)
                .map(|text| {
                    text.trim()
                        .parse::<i64>()
                        .map_err(|_| ScimError::value(format!("{name}: Send a number.")))
                })
                .transpose()
        };
        Wanted::new(
            self.asked("filter").unwrap_or_default(),
            number("startIndex")?,
            number("count")?,
            self.asked("attributes").unwrap_or_default(),
            self.asked("excludedAttributes").unwrap_or_default(),
        )
    }

    /// Refuses a change of something that is not any more what its author saw.
    pub(super) fn unchanged(&self, rev: i64) -> Result<()> {
        match self.if_match.as_deref().map(str::trim) {
            None | Some("*") => Ok(()),
            Some(seen) if seen.trim_start_matches("W/") == format!("\"{rev}\"") => Ok(()),
            Some(_) => Err(ScimError::changed()),
        }
    }

    /// A resource, or that it is still what the caller has.
    pub(super) fn shown(&self, resource: Value) -> Response {
        let version = resource["meta"]["version"].as_str().unwrap_or_default();
        let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
        let has = self.if_none_match.as_ref().is_some_and(|seen| bare(seen) == bare(version));
        if has {
            return StatusCode::NOT_MODIFIED.into_response();
        }
        match self.wanted() {
            Ok(wanted) => Answer(StatusCode::OK, wanted.cut(resource)).into_response(),
            Err(why) => why.into_response(),
        }
    }
}

/// A JSON body.
pub(super) struct Body(pub Value);

impl FromRequest<Face> for Body {
    type Rejection = ScimError;
    async fn from_request(request: Request, _: &Face) -> Result<Self> {
        let (parts, body) = request.into_parts();
        let kind = parts.headers.get(CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or("");
        let kind = kind.split(';').next().unwrap_or("").trim().to_lowercase();
        if !["application/scim+json", "application/json", ""].contains(&kind.as_str()) {
            let detail = "Send the body as application/scim+json.";
            return Err(ScimError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "", detail));
        }
        let bytes = match Limited::new(body, BODY_LIMIT).collect().await {
            Ok(read) => read.to_bytes(),
            Err(why) if why.is::<LengthLimitError>() => {
                let detail = format!("A body may have at most {BODY_LIMIT} bytes.");
                return Err(ScimError::new(StatusCode::PAYLOAD_TOO_LARGE, "tooMany", detail));
            }
            Err(_) => return Err(ScimError::syntax("The body ended too early.")),
        };
        let value: Value = serde_json::from_slice(&bytes)
            .map_err(|why| ScimError::syntax(format!("The body is not JSON: {why}.")))?;
        if value.is_object() { Ok(Body(value)) } else { Err(ScimError::syntax("The body is a JSON object.")) }
    }
}

/// What a list is asked for.
pub(super) struct Wanted {
    pub filter: Option<Filter>,
    /// From 1.
    pub start: usize,
    pub count: usize,
    attributes: Vec<String>,
    excluded: Vec<String>,
}

impl Wanted {
    fn new(
        filter: &str,
        start: Option<i64>,
        count: Option<i64>,
        attributes: &str,
        excluded: &str,
    ) -> Result<Self> {
        let filter = match filter.trim() {
            "" => None,
            text => Some(
                filter::parse(text)
                    .map_err(|why| ScimError::new(StatusCode::BAD_REQUEST, "invalidFilter", why))?,
            ),
        };
        // RFC 7644, 3.4.2.4: too small is read as the smallest.
        let start = usize::try_from(start.unwrap_or(1)).unwrap_or(1).max(1);
        let count = usize::try_from(count.unwrap_or(100)).unwrap_or(0).min(COUNT_MAX);
        let names = |text: &str| {
            let all = text.split(',').map(|name| path::split(name).swap_remove(0));
            all.filter(|name| !name.is_empty()).collect()
        };
        Ok(Self { filter, start, count, attributes: names(attributes), excluded: names(excluded) })
    }

    /// The same from the body of a search.
    ///
    /// # Errors
    /// As [`Call::wanted`].
    pub(super) fn of(body: &Value) -> Result<Self> {
        let text = |name| path::get(body, name).and_then(Value::as_str).unwrap_or_default();
        let number = |name| path::get(body, name).and_then(Value::as_i64);
        let list = |name| {
            let all = path::get(body, name).map(path::elements).unwrap_or_default();
            all.into_iter().filter_map(Value::as_str).collect::<Vec<_>>().join(",")
        };
        let (attributes, excluded) = (list("attributes"), list("excludedAttributes"));
        Self::new(text("filter"), number("startIndex"), number("count"), &attributes, &excluded)
    }

    /// Whether an attribute is to be sent.
    pub(super) fn wants(&self, name: &str) -> bool {
        let among = |list: &[String]| list.iter().any(|wanted| wanted.eq_ignore_ascii_case(name));
        !among(&self.excluded) && (self.attributes.is_empty() || among(&self.attributes))
    }

    /// Only the attributes that are wanted; id and schemas always are.
    pub(super) fn cut(&self, mut resource: Value) -> Value {
        if let Some(object) = resource.as_object_mut() {
            object.retain(|name, _| ["id", "schemas", "meta"].contains(&name.as_str()) || self.wants(name));
        }
        resource
    }

    /// A page of resources that are made one by one, in their order.
    pub(super) fn page(&self, resources: impl Iterator<Item = Value>) -> Answer {
        let (mut total, mut items) = (0, Vec::new());
        for resource in resources {
            if self.filter.as_ref().is_some_and(|filter| !filter.fits(&resource)) {
                continue;
            }
            total += 1;
            if total >= self.start && items.len() < self.count {
                items.push(self.cut(resource));
            }
        }
        list(total, self.start, items)
    }
}

/// A list of resources.
pub(super) fn list(total: usize, start: usize, items: Vec<Value>) -> Answer {
    let body = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": total, "startIndex": start, "itemsPerPage": items.len(), "Resources": items,
    });
    Answer(StatusCode::OK, body)
}
