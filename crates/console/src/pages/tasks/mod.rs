//! Database Task Scheduler: what the server does by itself, and reports by mail.

mod entered;
mod list;
mod report;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/task-scheduler";
/// Where reports by mail are made.
pub const ADD_REPORT: &str = "/dashboard/task-scheduler/reports/add";

/// Registers the pages. Each task asks for the permission of what it does.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::POST, "/dashboard/task-scheduler/run/{task}", view, list::run)
        .route(Method::GET, ADD_REPORT, edit, report::add_show)
        .route(Method::POST, ADD_REPORT, edit, report::add)
        .route(Method::GET, "/dashboard/task-scheduler/reports/{id}", view, report::show)
        .route(Method::POST, "/dashboard/task-scheduler/reports/{id}", edit, report::save)
        .route(Method::POST, "/dashboard/task-scheduler/reports/{id}/remove", edit, report::remove)
}
