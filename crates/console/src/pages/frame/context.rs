//! The context of a request: who reads, where, in which colours; and the frame of the page that answers.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::response::Response;
use catalog::Permission;
use domain::Millis;
use domain::model::{CommandState, Organization, RoleRef};
use door::{Face, Visitor, cookie};
use engine::{Engine, OrgIndex, Principal, Scope};
use http::request::Parts;
use http::{HeaderValue, StatusCode, header};
use jiff::tz::TimeZone;

use super::{Answer, flash, html, see_other};
use crate::Host;
use crate::parts::{
    Head, Html, Layout, Note, Organization as OrganizationView, OrganizationChoice, Page, Place, Theme, Time,
    Toast, Tone, User, navigation,
};

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
    theme: Theme,
    said: Option<Toast>,
    note: Option<Note>,
}

/// Where a password of one's own is chosen.
pub const PASSWORD_PAGE: &str = "/dashboard/account/password";

impl FromRequestParts<Face> for Cx {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, face: &Face) -> Result<Self, Response> {
        let visitor = Visitor::from_request_parts(parts, face).await?;
        let (Some(scope), Some(host)) = (visitor.scope, parts.extensions.get::<HostRef>().cloned()) else {
            return Err((face.refuse)(face, door::Refusal::SignInFirst, parts));
        };
        if scope.password_due() && ![PASSWORD_PAGE, "/dashboard/sign-out"].contains(&parts.uri.path()) {
            return Err(see_other(PASSWORD_PAGE));
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
        match self.scope.principal() {
            Principal::Session(_, session) => session.csrf.clone(),
            _ => String::new(),
        }
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

    /// The reader's zone.
    pub fn zone(&self) -> &TimeZone {
        &self.zone
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
        let page = Page { layout, head, note: self.note.clone(), body };
        let mut response = html(status, page.to_string());
        if self.said.is_some()
            && let Ok(cookie) = HeaderValue::from_str(&flash::clear())
        {
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn layout(&self, place: Option<Place>, title: String) -> Layout {
        let waiting = self.org(|org| {
            org.live_commands().iter().filter(|c| c.state == CommandState::AwaitingApproval).count()
        });
        let waiting = u32::try_from(waiting.unwrap_or(0)).unwrap_or(u32::MAX);
        Layout {
            title,
            nav: navigation(
                place,
                |place| self.shows(place),
                |place| if place == Place::Dashboard { waiting } else { 0 },
            ),
            organization: self.organization(),
            user: self.user(),
            csrf: self.csrf(),
            theme: self.theme,
            toasts: self.said.clone().into_iter().collect(),
            acting: (self.scope.is_system_administrator() && !self.outside()).then(|| {
                Html::rich(
                    "You act inside **{}** as a system administrator. [Leave](/dashboard/organizations)",
                    &[&self.organization().name],
                )
            }),
        }
    }

    /// Whether the rail shows a place to this reader.
    pub fn shows(&self, place: Place) -> bool {
        let inside = !self.outside();
        match place {
            Place::Dashboard | Place::Devices => inside && self.can(Permission::DevicesView),
            Place::PolicySuites => inside && self.can(Permission::PolicyView),
            Place::AccessRestrictions => inside && self.can(Permission::ComplianceView),
            Place::ActiveSyncServers => inside && self.can(Permission::ServersView),
            Place::Journal => self.can(Permission::JournalView),
            Place::Organization => inside && self.can(Permission::OrganizationView),
            Place::Administrators => self.can(Permission::AdministratorsView),
            Place::Roles => inside && self.can(Permission::AdministratorsView),
            Place::CiscoIse => inside && self.can(Permission::IseView),
            Place::Organizations => self.scope.is_system_administrator(),
            Place::Account => true,
        }
    }

    fn organization(&self) -> OrganizationView {
        let system = self.scope.is_system_administrator();
        let current = self.scope.organization();
        let choice = |o: &Arc<Organization>| OrganizationChoice {
            id: o.id.to_string(),
            name: o.name.clone(),
            detail: detail(o),
            current: o.id == current,
        };
        let all = self.engine.directory().organizations();
        let here = all.iter().find(|o| o.id == current);
        let mut choices: Vec<_> = if system { all.iter().take(50).map(choice).collect() } else { Vec::new() };
        if system {
            choices.insert(
                0,
                OrganizationChoice {
                    id: String::new(),
                    name: "System".into(),
                    detail: "the installation itself".into(),
                    current: self.outside(),
                },
            );
        }
        OrganizationView {
            name: here.map_or_else(|| "System".into(), |o| o.name.clone()),
            detail: here.map_or_else(|| "the installation".into(), detail),
            switch_action: "/dashboard/organizations/switch".into(),
            choices,
        }
    }

    fn user(&self) -> User {
        let Some(admin) = self.scope.administrator() else { return User::default() };
        let role = match &admin.role {
            _ if self.scope.is_system_administrator() => "System administrator".to_owned(),
            Some(RoleRef::Predefined(key)) => catalog::PREDEFINED_ROLES
                .iter()
                .find(|r| r.key == key)
                .map_or_else(|| key.clone(), |r| r.name.to_owned()),
            Some(RoleRef::Custom(id)) => {
                self.org(|org| org.role(*id).map(|r| r.name.clone())).ok().flatten().unwrap_or_default()
            }
            None => String::new(),
        };
        User { name: admin.display_name.clone(), account: admin.username.clone(), role }
    }
}

fn detail(organization: &Arc<Organization>) -> String {
    organization.mail_domains.first().unwrap_or(&organization.slug).clone()
}
