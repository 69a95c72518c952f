//! Identity providers: setting them up, leaving for one from the sign-in page, and coming back.

mod account;
mod arrive;
mod form;
mod list;

use catalog::Permission;
use domain::model::IdentityProviderId;
use door::{Access, Routes};
use http::{HeaderMap, Method, header};

use super::frame::HostRef;

pub use account::card;
pub use arrive::buttons;

pub const PATH: &str = "/dashboard/identity-providers";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::AdministratorsView);
    let edit = Access::Needs(Permission::AdministratorsEdit);
    let anybody = Access::Public;
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::POST, "/dashboard/identity-providers/second-factor", edit, list::demand)
        .route(Method::GET, "/dashboard/identity-providers/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/identity-providers/add", edit, form::add)
        .route(Method::GET, "/dashboard/identity-providers/{id}", view, form::show)
        .route(Method::POST, "/dashboard/identity-providers/{id}", edit, form::save)
        .route(Method::POST, "/dashboard/identity-providers/{id}/test", edit, form::test)
        .route(Method::POST, "/dashboard/identity-providers/{id}/remove", edit, form::remove)
        .route(Method::GET, "/dashboard/sign-in/with", anybody, arrive::choose)
        .route(Method::POST, "/dashboard/sign-in/with", anybody, arrive::chosen)
        .route(Method::GET, "/dashboard/sign-in/leave", anybody, arrive::leave)
        .route(Method::GET, "/dashboard/sign-in/oidc/{id}", anybody, arrive::arrive)
        .route(Method::POST, "/dashboard/sign-in/oidc/{id}/logout", anybody, arrive::back_channel)
        .route(Method::GET, "/dashboard/account/identity", Access::SignedIn, account::show)
        .route(Method::POST, "/dashboard/account/identity/link", Access::SignedIn, account::link)
        .route(Method::POST, "/dashboard/account/identity/unlink", Access::SignedIn, account::unlink)
}

/// The address that this page was asked under, if it is this server's name (the console may have a port of its own),
/// else the usual one.
pub fn base(host: &HostRef, headers: &HeaderMap) -> String {
    let usual = host.0.base_url();
    let name = |authority: &str| {
        let authority = authority.to_lowercase();
        match authority.strip_prefix('[') {
            Some(rest) => rest.split(']').next().unwrap_or_default().to_owned(),
            None => authority.split(':').next().unwrap_or_default().to_owned(),
        }
    };
    let asked = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let own = usual.split_once("://").map_or("", |(_, rest)| rest);
    if !asked.is_empty() && name(asked) == name(own) { format!("https://{asked}") } else { usual }
}

/// Where a provider sends browsers back to.
pub fn redirect_uri(host: &HostRef, headers: &HeaderMap, id: IdentityProviderId) -> String {
    format!("{}/dashboard/sign-in/oidc/{id}", base(host, headers))
}
