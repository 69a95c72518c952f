//! What a route demands, and what becomes of those who do not have it.

use std::net::IpAddr;
use std::sync::Arc;

use axum::response::Response;
use catalog::Permission;
use engine::{Engine, Error, Scope, sign_in};
use http::header::{AUTHORIZATION, HOST, ORIGIN};
use http::request::Parts;
use http::{HeaderMap, Method};

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Anybody who is signed in.
    SignedIn,
    /// Signed in, with this permission in the organization acted in.
    Needs(Permission),
    /// A system administrator.
    System,
}

/// Whose session cookie a face accepts. Each kind has a name of its own, so that neither is ever taken for the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cookies {
    /// Nobody's.
    None,
    /// An administrator's: the console.
    Administrators,
    /// A user's: enrolment pages and portal.
    Users,
}

/// A face: how its callers prove themselves, and how it says no.
#[derive(Clone)]
pub struct Face {
    /// The engine.
    pub engine: Arc<Engine>,
    /// Whose session cookie is accepted.
    pub cookies: Cookies,
    /// `Authorization: Bearer nmdm_…` is accepted.
    pub tokens: bool,
    /// Renders a refusal in the face's dialect.
    pub refuse: fn(&Face, Refusal, &Parts) -> Response,
}

/// Why a request does not reach its handler.
#[derive(Debug)]
pub enum Refusal {
    /// Nobody is signed in (or the session is over).
    SignInFirst,
    /// Something must be done before anything else: another password, a second factor.
    Due(engine::Due),
    /// A use case or an access rule said no.
    Error(Error),
    /// A form that did not come from our own page.
    CrossSite,
}

impl Face {
    /// Proves the caller and checks the access. `None` for public routes without valid credentials.
    pub(crate) async fn admit(
        &self,
        access: Access,
        parts: &Parts,
        address: IpAddr,
    ) -> Result<Option<Scope>, Refusal> {
        let scope = self.prove(parts, address).await;
        if access == Access::Public {
            return Ok(scope.ok().flatten());
        }
        let scope = scope?.ok_or(Refusal::SignInFirst)?;
        if let Some(due) = scope.due().filter(|_| access != Access::SignedIn) {
            return Err(Refusal::Due(due));
        }
        match access {
            Access::Needs(permission) => scope.require(permission).map_err(Refusal::Error)?,
            Access::System => scope.require_system().map_err(Refusal::Error)?,
            Access::Public | Access::SignedIn => {}
        }
        Ok(Some(scope))
    }

    async fn prove(&self, parts: &Parts, address: IpAddr) -> Result<Option<Scope>, Refusal> {
        if self.tokens
            && let Some(token) = bearer(&parts.headers)
        {
            return match sign_in::scope_of_token(&self.engine, token, address).await {
                Ok(scope) => Ok(Some(scope)),
                Err(Error::Unauthenticated) => Err(Refusal::SignInFirst),
                Err(error) => Err(Refusal::Error(error)),
            };
        }
        let proved = match (self.cookies, crate::cookie::session_cookie(&parts.headers, self.cookies)) {
            (Cookies::Administrators, Some(token)) => {
                sign_in::scope_of_session(&self.engine, &token, address).await
            }
            (Cookies::Users, Some(token)) => {
                sign_in::scope_of_user_session(&self.engine, &token, address).await
            }
            _ => return Ok(None),
        };
        match proved {
            Ok(_) if !same_site(parts) => Err(Refusal::CrossSite),
            Ok(scope) => Ok(Some(scope)),
            Err(Error::Unauthenticated) => Ok(None),
            Err(error) => Err(Refusal::Error(error)),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// A cookie alone may not change anything on behalf of a foreign page (also before the form's token is read).
fn same_site(parts: &Parts) -> bool {
    if matches!(parts.method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return true;
    }
    let text = |name: &str| parts.headers.get(name).and_then(|v| v.to_str().ok());
    if let Some(site) = text("sec-fetch-site") {
        return matches!(site, "same-origin" | "none");
    }
    match (text(ORIGIN.as_str()), text(HOST.as_str())) {
        (Some(origin), Some(host)) => {
            origin.split_once("://").is_some_and(|(_, rest)| rest.eq_ignore_ascii_case(host))
        }
        // Clients that send neither are not browsers; the form's token still protects.
        _ => true,
    }
}
