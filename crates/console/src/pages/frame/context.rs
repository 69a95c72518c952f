//! The context of a request: who reads, where, in which colours; and how its handler ends.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use catalog::Permission;
use domain::Millis;
use domain::model::Organization;
use door::{Face, Visitor, cookie};
use engine::{Due, Engine, OrgIndex, Scope};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use jiff::tz::TimeZone;

use super::{Answer, flash, html, see_other, wizard};
use crate::Host;
use crate::parts::{Head, Html, Note, Page, Place, Theme, Time, Toast, Tone};

/// The host as it travels in a request's extensions.
#[derive(Clone)]
pub struct HostRef(pub Arc<dyn Host>);

/// Everything a handler of a signed-in page needs.
pub struct Cx {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Who acts, where, with which powers.
    pub scope: Scope,
    /// The server around us.
    pub host: Arc<dyn Host>,
    /// Now.
    pub now: Millis,
    /// The query, decoded.
    pub query: Vec<(String, String)>,
    zone: TimeZone,
    pub(super) theme: Theme,
    pub(super) said: Option<Toast>,
    /// The step of the wizard that is being done.
    pub(super) wizard: Option<catalog::SetUpStep>,
    note: Option<Note>,
}

/// Where that is done which must be done before anything else.
pub fn due_page(due: Due) -> &'static str {
    match due {
        Due::Password => "/dashboard/account/password",
        Due::SecondFactor => "/dashboard/account/second-factor",
    }
}

/// Whether a page stays open to who must do something first: the page for it, and the way out.
fn is_open(due: Due, path: &str) -> bool {
    path.starts_with(due_page(due)) || path == "/dashboard/sign-out"
}

impl FromRequestParts<Face> for Cx {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, face).await?;
        let (Some(scope), Some(host)) = (visitor.scope, parts.extensions.get::<HostRef>().cloned()) else {
            return Err((face.refuse)(face, door::Refusal::SignInFirst, parts));
        };
        if let Some(due) = scope.due().filter(|due| !is_open(*due, parts.uri.path())) {
            return Err(see_other(due_page(due)));
        }
        let query = axum_extra::extract::Query::<Vec<(String, String)>>::try_from_uri(&parts.uri)
            .map(|q| q.0)
            .unwrap_or_default();
        let zone = face
            .engine
            .directory()
            .organization(scope.organization())
            .and_then(|org| TimeZone::get(&org.read().organization.settings.time_zone).ok())
            .unwrap_or(TimeZone::UTC);
        Ok(Self {
            now: face.engine.now(),
            engine: Arc::clone(&face.engine),
            scope,
            host: host.0,
            query,
            zone,
            theme: Theme::from_cookie(cookie(&parts.headers, "theme")),
            said: flash::get(&parts.headers),
            wizard: wizard::get(&parts.headers),
            note: None,
        })
    }
}

/// How handlers end.
#[expect(
    clippy::unnecessary_wraps,
    clippy::unused_self,
    reason = "a handler's last line is one of these, and errors join it by `?`"
)]
impl Cx {
    /// The page.
    pub fn page(&self, place: Place, head: Head, body: Vec<Html>) -> Answer {
        Ok(self.draw(StatusCode::OK, Some(place), head, body))
    }

    /// The page again, because something entered has to be looked at.
    pub fn again(&self, place: Place, head: Head, body: Vec<Html>) -> Answer {
        Ok(self.draw(StatusCode::UNPROCESSABLE_ENTITY, Some(place), head, body))
    }

    /// Off to another page, with a sentence about what has just been done.
    pub fn done(&self, to: &str, said: impl AsRef<str>) -> Answer {
        Ok(Self::say(to, Tone::Ok, said.as_ref()))
    }

    /// The same for what did not work.
    pub fn failed(&self, to: &str, said: impl AsRef<str>) -> Answer {
        Ok(Self::say(to, Tone::Bad, said.as_ref()))
    }
}

impl Cx {
    /// Whether a permission is held.
    pub fn can(&self, permission: Permission) -> bool {
        self.scope.has(permission)
    }

    /// Whether a system administrator is outside every organization.
    pub fn outside(&self) -> bool {
        self.scope.organization() == Organization::SYSTEM
    }

    /// The token of the session's forms.
    pub fn csrf(&self) -> String {
        self.scope.form_token().unwrap_or_default().to_owned()
    }

    /// The hidden values every form has.
    pub fn hidden(&self) -> Vec<(String, String)> {
        vec![("csrf".into(), self.csrf())]
    }

    /// The first value of the query.
    pub fn asked(&self, key: &str) -> &str {
        self.query.iter().find(|(k, _)| k == key).map_or("", |(_, value)| value.as_str())
    }

    /// A moment as the reader sees it.
    pub fn ago(&self, at: Millis) -> Time {
        Time::relative(at, self.now, &self.zone)
    }

    /// A moment to the second.
    pub fn at(&self, at: Millis) -> Time {
        Time::absolute(at, &self.zone)
    }

    /// Beginning and end (exclusive) of a day of the reader's zone, entered as `2026-11-22`.
    pub fn day(&self, text: &str) -> Option<(Millis, Millis)> {
        let day: jiff::civil::Date = text.parse().ok()?;
        let begins =
            |day: jiff::civil::Date| Some(day.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond());
        Some((begins(day)?, begins(day.tomorrow().ok()?)?))
    }

    /// The day of a moment in the reader's zone, as [`Cx::day`] reads it.
    pub fn date(&self, at: Millis) -> String {
        jiff::Timestamp::from_millisecond(at)
            .map(|stamp| stamp.to_zoned(self.zone.clone()).date().to_string())
            .unwrap_or_default()
    }

    /// A moment of the reader's zone, entered as `2026-11-22T14:03`, with seconds or without. Where clocks are set back,
    /// the first of the two.
    pub fn moment(&self, text: &str) -> Option<Millis> {
        let moment: jiff::civil::DateTime = text.parse().ok()?;
        Some(moment.to_zoned(self.zone.clone()).ok()?.timestamp().as_millisecond())
    }

    /// The minute of a moment in the reader's zone, as [`Cx::moment`] reads it.
    pub fn minute(&self, at: Millis) -> String {
        jiff::Timestamp::from_millisecond(at)
            .map(|stamp| stamp.to_zoned(self.zone.clone()).strftime("%Y-%m-%dT%H:%M").to_string())
            .unwrap_or_default()
    }

    /// Day of the week and time of the day, such as `Mon 07:30`.
    pub fn clock(&self, at: Millis) -> String {
        jiff::Timestamp::from_millisecond(at)
            .map(|stamp| stamp.to_zoned(self.zone.clone()).strftime("%a %H:%M").to_string())
            .unwrap_or_default()
    }

    /// The reader's zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The hidden values of a form with a field `code`: where the reader has passkeys, one can stand for the code.
    pub fn hidden_with_passkey(&self) -> Vec<(String, String)> {
        let admin =
            self.scope.administrator().and_then(|admin| self.engine.directory().administrator(admin.id));
        let question = admin.and_then(|admin| engine::passkeys::question(&self.engine, &admin));
        self.hidden().into_iter().chain(question.map(|question| ("passkey".to_owned(), question))).collect()
    }

    /// Reads from the index of the organization.
    ///
    /// # Errors
    /// [`engine::Error::NotFound`] outside every organization.
    pub fn org<T>(&self, read: impl FnOnce(&OrgIndex) -> T) -> engine::Result<T> {
        let org = self
            .engine
            .directory()
            .organization(self.scope.organization())
            .ok_or(engine::Error::NotFound("organization"))?;
        let org = org.read();
        Ok(read(&org))
    }

    /// Something to know, drawn above the page's content.
    pub fn note(&mut self, note: Note) {
        self.note = Some(note);
    }

    fn say(to: &str, tone: Tone, said: &str) -> Response {
        let mut response = see_other(to);
        if let Ok(cookie) = HeaderValue::from_str(&flash::set(tone, said)) {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn draw(&self, status: StatusCode, place: Option<Place>, head: Head, body: Vec<Html>) -> Response {
        let layout = self.layout(place, head.title.clone());
        let wizard = self.wizard.filter(|_| !self.outside()).and_then(|step| wizard::bar(self, step));
        let body = wizard.into_iter().chain(body).collect();
        let page = Page { layout, head, note: self.note.clone(), body };
        let mut response = html(status, page.to_string());
        if self.said.is_some()
            && let Ok(cookie) = HeaderValue::from_str(&flash::clear())
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }
}
