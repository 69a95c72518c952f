//! Smart Devices and Users: the devices.

mod access;
mod add;
mod assign;
mod bulk;
pub mod choices;
mod commands;
mod detail;
mod edit;
mod exchanges;
mod facts;
mod findings;
mod join;
mod list;
mod order;
mod picked;
mod policy;
pub mod query;
mod recovery;
mod remedies;
mod remove;
mod verdicts;

use catalog::Permission as P;
use door::{Access, Routes};
use http::Method;

pub use commands::waiting;
pub use picked::small_table;

const PATH: &str = "/dashboard/devices";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(P::DevicesView);
    let edit = Access::Needs(P::DevicesEdit);
    routes
        .route(Method::GET, "/dashboard/devices", view, list::show)
        .route(Method::GET, "/dashboard/devices/export", Access::Needs(P::DevicesExport), list::export)
        .route(Method::GET, "/dashboard/devices/add", edit, add::show)
        .route(Method::POST, "/dashboard/devices/add", edit, add::save)
        .route(Method::POST, "/dashboard/devices/bulk", view, bulk::ask)
        .route(Method::POST, "/dashboard/devices/bulk/order", view, bulk::order)
        .route(Method::POST, "/dashboard/devices/assign", view, assign::step)
        .route(Method::GET, "/dashboard/devices/{id}", view, detail::show)
        .route(Method::GET, "/dashboard/devices/{id}/why", view, access::why)
        .route(Method::GET, "/dashboard/devices/{id}/verdicts", view, verdicts::show)
        .route(Method::GET, "/dashboard/devices/{id}/edit", edit, edit::show)
        .route(Method::POST, "/dashboard/devices/{id}/edit", edit, edit::save)
        .route(Method::GET, "/dashboard/devices/{id}/join", edit, join::show)
        .route(Method::POST, "/dashboard/devices/{id}/join", edit, join::join)
        .route(Method::GET, "/dashboard/devices/{id}/order/{command}", view, order::ask)
        .route(Method::POST, "/dashboard/devices/{id}/order/{command}", view, order::order)
        .route(
            Method::GET,
            "/dashboard/devices/{id}/remove",
            Access::Needs(P::DevicesForget),
            remove::remove_ask,
        )
        .route(
            Method::POST,
            "/dashboard/devices/{id}/remove",
            Access::Needs(P::DevicesForget),
            remove::remove,
        )
        .route(
            Method::POST,
            "/dashboard/devices/{id}/trace",
            Access::Needs(P::DevicesTrace),
            exchanges::trace,
        )
        .route(
            Method::POST,
            "/dashboard/devices/{id}/recovery-password",
            Access::Needs(P::DevicesRecoveryPassword),
            recovery::show,
        )
        .route(Method::POST, "/dashboard/commands/{id}/cancel", view, commands::cancel)
}
