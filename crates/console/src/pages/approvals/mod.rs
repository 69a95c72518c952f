//! Approvals: what is held until a second person says yes, the limit, and the sealed recovery code.

mod change;
mod limits;
mod list;
mod outside;
mod recovery_code;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/approvals";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::DevicesView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let approve = Access::Needs(Permission::DevicesWipeOverride);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::POST, PATH, view, list::decide)
        .route(Method::GET, "/dashboard/approvals/{id}", view, change::show)
        .route(Method::GET, "/dashboard/approvals/limit", edit, limits::show)
        .route(Method::POST, "/dashboard/approvals/limit", edit, limits::save)
        .route(Method::GET, "/dashboard/approvals/outside-approver", approve, outside::show)
        .route(Method::POST, "/dashboard/approvals/outside-approver", approve, outside::save)
        .route(Method::GET, "/dashboard/approvals/recovery-code", approve, recovery_code::show)
        .route(Method::POST, "/dashboard/approvals/recovery-code", approve, recovery_code::make)
}
