//! Administrative LDAP servers: setting one up, testing it, browsing it, linking folders and groups, refreshing.

mod browse;
mod detail;
mod form;
mod link;
mod list;
mod staff;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/ldap-servers";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::ServersView);
    let edit = Access::Needs(Permission::ServersEdit);
    let users = Access::Needs(Permission::UsersEdit);
    let staff = Access::Needs(Permission::AdministratorsEdit);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::GET, "/dashboard/ldap-servers/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/ldap-servers/add", edit, form::add)
        .route(Method::GET, "/dashboard/ldap-servers/{id}", view, detail::show)
        .route(Method::GET, "/dashboard/ldap-servers/{id}/edit", edit, form::edit_show)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/edit", edit, form::save)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/remove", edit, form::remove)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/test", edit, detail::test)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/refresh", users, detail::refresh)
        .route(Method::GET, "/dashboard/ldap-servers/{id}/browse", edit, browse::show)
        .route(Method::GET, "/dashboard/ldap-servers/{id}/link", edit, link::show)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/link", edit, link::save)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/import", users, link::import)
        .route(Method::GET, "/dashboard/ldap-servers/{id}/administrators", staff, staff::show)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/administrators", staff, staff::add)
        .route(Method::POST, "/dashboard/ldap-servers/{id}/administrators/remove", staff, staff::remove)
}
