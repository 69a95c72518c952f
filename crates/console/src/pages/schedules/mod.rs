//! Device Connection Schedules: when and how often devices check in.

mod ahead;
mod entered;
mod form;
mod life;
mod list;

use catalog::Permission as P;
use door::{Access, Routes};
use http::Method;

/// The list.
const PATH: &str = "/dashboard/connection-schedules";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(P::SchedulesView);
    let edit = Access::Needs(P::SchedulesEdit);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::GET, "/dashboard/connection-schedules/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/connection-schedules/add", edit, form::add)
        .route(Method::GET, "/dashboard/connection-schedules/{id}", view, form::show)
        .route(Method::POST, "/dashboard/connection-schedules/{id}", edit, form::save)
        .route(Method::GET, "/dashboard/connection-schedules/{id}/copy", edit, life::copy_show)
        .route(Method::POST, "/dashboard/connection-schedules/{id}/copy", edit, life::copy)
        .route(Method::GET, "/dashboard/connection-schedules/{id}/delete", edit, life::delete_ask)
        .route(Method::POST, "/dashboard/connection-schedules/{id}/delete", edit, life::delete)
        .route(Method::POST, "/dashboard/connection-schedules/{id}/default", edit, life::make_default)
}
