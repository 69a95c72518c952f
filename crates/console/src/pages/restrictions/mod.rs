//! Access Restrictions: what a device loses while something is wrong with it.

mod edits;
mod exceptions;
mod listed;
mod page;
mod platforms;
mod review;
mod row;
mod rule;
mod standing;

use catalog::Permission as P;
use door::{Access, Routes};
use http::Method;

pub use standing::{address, summary};

const PATH: &str = "/dashboard/access-restrictions";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(P::ComplianceView);
    let edit = Access::Needs(P::ComplianceEdit);
    routes
        .route(Method::GET, "/dashboard/access-restrictions", view, page::show)
        .route(Method::POST, "/dashboard/access-restrictions", edit, review::save)
        .route(Method::GET, "/dashboard/access-restrictions/rules/{rule}", view, rule::show)
        .route(Method::POST, "/dashboard/access-restrictions/rules/{rule}", edit, rule::save)
        .route(Method::GET, "/dashboard/platform-restrictions", view, platforms::show)
        .route(Method::GET, "/dashboard/exceptions", view, listed::show)
        .route(Method::GET, "/dashboard/access-restrictions/exceptions/add", edit, exceptions::add_show)
        .route(Method::POST, "/dashboard/access-restrictions/exceptions/add", edit, exceptions::add)
        .route(Method::POST, "/dashboard/access-restrictions/exceptions/end", edit, exceptions::end)
}
