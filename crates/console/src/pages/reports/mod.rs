//! Reports: the list, one report with its filters, chart and table, and its export.

mod list;
mod show;

use catalog::Permission;
use door::{Access, Routes};
use http::Method;

const PATH: &str = "/dashboard/reports";

/// Registers the pages. Each report asks for the permission of what it shows.
pub fn routes(routes: Routes) -> Routes {
    routes
        .route(Method::GET, PATH, Access::SignedIn, list::show)
        .route(Method::GET, "/dashboard/reports/{report}", Access::SignedIn, show::show)
        .route(
            Method::GET,
            "/dashboard/reports/{report}/export",
            Access::Needs(Permission::DevicesExport),
            show::export,
        )
}
