//! ActiveSync Servers: the mail servers that the gateway stands in front of.

mod form;
mod list;
mod test;
mod values;
use catalog::Permission;
use door::{Access, Routes};
use http::Method;

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::ServersView);
    let edit = Access::Needs(Permission::ServersEdit);
    routes
        .route(Method::GET, "/dashboard/activesync-servers", view, list::list)
        .route(Method::GET, "/dashboard/activesync-servers/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/activesync-servers/add", edit, form::add)
        .route(Method::GET, "/dashboard/activesync-servers/{id}", view, form::show)
        .route(Method::POST, "/dashboard/activesync-servers/{id}", edit, form::save)
        .route(Method::POST, "/dashboard/activesync-servers/{id}/test", edit, test::test)
        .route(Method::POST, "/dashboard/activesync-servers/{id}/remove", edit, form::remove)
}
