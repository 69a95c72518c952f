//! The context of a request, how handlers end, and the last touch on every response.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{FromRequestParts, Request};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use catalog::SelfService;
use domain::Millis;
use domain::model::{Organization, User};
use door::{Cookies, Face, Refusal, Visitor, cookie};
use engine::sign_in::MailServers;
use engine::{Engine, Error, ErrorKind, Scope, self_service};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use jiff::tz::TimeZone;

use crate::assets;
use crate::words::Tongue;

/// What the pages need from the server around them.
pub trait Host: Send + Sync {
    /// Address under which devices reach this server, without a trailing slash.
    fn base_url(&self) -> String;
    /// The users' mail servers, to prove passwords.
    fn mail_servers(&self) -> &dyn MailServers;
}

/// The host as it travels in a request's extensions.
#[derive(Clone)]
pub struct HostRef(pub Arc<dyn Host>);

/// What a handler gives back.
pub type Answer = Result<Response, Oops>;

/// An error on its way to a page: [`finish`] draws it.
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

impl IntoResponse for Oops {
    fn into_response(self) -> Response {
        let status = match &self {
            Oops::CrossSite => StatusCode::FORBIDDEN,
            Oops::Error(error) => status(error),
        };
        let mut response = status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// The status of a refusal.
pub fn status(error: &Error) -> StatusCode {
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

/// A refusal in the reader's words. The engine's own sentences are for administrators, and in English.
pub fn words(t: Tongue, error: &Error) -> String {
    match error {
        Error::NotFound(_) => t.say("error-not-found"),
        Error::Unauthenticated | Error::SecondFactor(_) => t.say("error-sign-in"),
        Error::Denied(_) => t.say("error-denied"),
        Error::Locked(seconds) => t.with("error-locked", "minutes", seconds.div_ceil(60)),
        Error::Invalid(issues) => {
            let field = issues.first().map_or("", |issue| issue.field.as_str());
            let key = match field {
                "password" => "error-password",
                "provider" => "error-again",
                "new_password" => "error-new-password",
                "name" => "error-name",
                _ => "error-entry",
            };
            t.say(key)
        }
        Error::Conflict(_) => t.say("error-conflict"),
        Error::Held(_) => t.say("error-held"),
        Error::Upstream(_) => t.say("error-upstream"),
        Error::Busy(_) => t.say("error-busy"),
        Error::Internal(reference) => t.with("error-internal", "reference", reference.clone()),
    }
}

/// The language that was chosen, else the one that the browser prefers.
pub fn tongue(headers: &HeaderMap) -> Tongue {
    cookie(headers, "language").and_then(Tongue::from_key).unwrap_or_else(|| Tongue::accepted(headers))
}

/// Everything a handler of a signed-in page needs.
pub struct Cx {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Who acts.
    pub scope: Scope,
    /// The user behind it.
    pub user: Arc<User>,
    /// The user's organization.
    pub organization: Arc<Organization>,
    /// The server around us.
    pub host: Arc<dyn Host>,
    /// The reader's language.
    pub t: Tongue,
    /// Now.
    pub now: Millis,
    /// Something that has just been done, as the key of its text.
    pub done: Option<&'static str>,
    zone: TimeZone,
}

impl FromRequestParts<Face> for Cx {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, face).await?;
        let first = || (face.refuse)(face, Refusal::SignInFirst, parts);
        let (Some(scope), Some(host)) = (visitor.scope, parts.extensions.get::<HostRef>().cloned()) else {
            return Err(first());
        };
        let Ok(user) = scope.user().cloned() else { return Err(first()) };
        let Some(org) = face.engine.directory().organization(scope.organization()) else {
            return Err(first());
        };
        let organization = Arc::clone(&org.read().organization);
        let zone = TimeZone::get(&organization.settings.time_zone).unwrap_or(TimeZone::UTC);
        let said = parts.uri.query().and_then(|query| query.strip_prefix("done=")).unwrap_or_default();
        Ok(Self {
            engine: Arc::clone(&face.engine),
            scope,
            user,
            organization,
            host: host.0,
            t: tongue(&parts.headers),
            now: face.engine.now(),
            done: DONE.iter().find(|(key, _)| *key == said).map(|(_, text)| *text),
            zone,
        })
    }
}

/// What the address of a page can say has been done.
pub const DONE: [(&str, &str); 9] = [
    ("renamed", "done-renamed"),
    ("lost", "done-lost"),
    ("found", "done-found"),
    ("wiping", "done-wiping"),
    ("erasing", "done-erasing"),
    ("removed", "done-removed"),
    ("password", "done-password"),
    ("sessions", "done-sessions"),
    ("terms", "done-terms"),
];

impl Cx {
    /// Whether the organization lets its users do something.
    pub fn may(&self, what: SelfService) -> bool {
        self_service::allowed(&self.engine, &self.scope, what)
    }
    /// The token of the session's forms.
    pub fn csrf(&self) -> &str {
        self.scope.form_token().unwrap_or_default()
    }
    /// A moment as the reader writes it, to the minute.
    pub fn at(&self, at: Millis) -> String {
        let form = match self.t {
            Tongue::En => "%d %b %Y, %H:%M",
            Tongue::De => "%d.%m.%Y, %H:%M",
        };
        jiff::Timestamp::from_millisecond(at)
            .map(|stamp| stamp.to_zoned(self.zone.clone()).strftime(form).to_string())
            .unwrap_or_default()
    }
    /// How long ago a moment was, in words.
    pub fn ago(&self, at: Millis) -> String {
        let minutes = (self.now - at).max(0) / 60_000;
        let (key, count) = match minutes {
            0 => return self.t.say("ago-now"),
            1..60 => ("ago-minutes", minutes),
            60..2880 => ("ago-hours", minutes / 60),
            _ => ("ago-days", minutes / 1440),
        };
        self.t.with(key, "count", count)
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
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/portal"));
    response.headers_mut().insert(header::LOCATION, to);
    response
}

/// A cookie beside an answer.
pub fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// A path of ours to go on to; anything else leads to the list of devices.
pub fn next_of(text: &str) -> &str {
    let ours = ["/portal", "/enroll"].iter().any(|home| {
        text.strip_prefix(home).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', '?']))
    });
    let plain = text.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    if ours && plain && !text.contains("//") { text } else { "/portal" }
}

/// Nothing inline, nothing from elsewhere, in nobody's frame.
const POLICY: &str =
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// How the portal says no before a handler is reached.
pub fn refuse(_: &Face, refusal: Refusal, parts: &Parts) -> Response {
    match refusal {
        Refusal::SignInFirst if parts.method == Method::GET => {
            let wanted = next_of(parts.uri.path());
            see_other(&if wanted == "/portal" {
                "/portal/sign-in".to_owned()
            } else {
                format!("/portal/sign-in?next={wanted}")
            })
        }
        Refusal::SignInFirst | Refusal::Due(_) => see_other("/portal/sign-in?over=1"),
        Refusal::Error(error) => Oops::Error(error).into_response(),
        Refusal::CrossSite => Oops::CrossSite.into_response(),
    }
}

/// Draws errors, sets headers, compresses.
pub async fn finish(request: Request, next: Next) -> Response {
    let t = tongue(request.headers());
    let signed_in = door::session_cookie(request.headers(), Cookies::Users).is_some();
    let packed = look::takes_gzip(request.headers());
    let mut response = next.run(request).await;
    if let Some(oops) = response.extensions_mut().remove::<Oops>() {
        let (status, text) = match &oops {
            Oops::CrossSite => (StatusCode::FORBIDDEN, t.say("error-cross-site")),
            Oops::Error(error) => (status(error), words(t, error)),
        };
        response = html(status, crate::pages::error_page(t, signed_in, &text));
    }
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    let is_page =
        headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page && packed { compress(response).await } else { response }
}

async fn compress(response: Response) -> Response {
    use http_body_util::BodyExt;
    let (mut parts, body) = response.into_parts();
    let Ok(bytes) = body.collect().await.map(http_body_util::Collected::to_bytes) else {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    };
    parts.headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    parts.headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(look::gzip(&bytes)))
}

/// One of the static files.
pub async fn asset(
    axum::extract::Path((version, name)): axum::extract::Path<(String, String)>,
    request: Request,
) -> Response {
    assets::SHELF.serve(&version, &name, request.headers()).map(Body::from)
}
