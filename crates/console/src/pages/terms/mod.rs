//! System Management ▸ Acceptable Use: the terms that people accept before their devices are managed.

mod draft;
mod list;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/terms";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::POST, "/dashboard/terms/withdraw", edit, list::withdraw)
        .route(Method::GET, "/dashboard/terms/draft", edit, draft::show)
        .route(Method::POST, "/dashboard/terms/draft", edit, draft::save)
        .route(Method::GET, "/dashboard/terms/draft/publish", edit, draft::review)
        .route(Method::POST, "/dashboard/terms/draft/publish", edit, draft::publish)
        .route(Method::POST, "/dashboard/terms/draft/remove", edit, draft::discard)
        .route(Method::GET, "/dashboard/terms/{id}", view, list::read)
}
