//! Policy Suites: what is asked of devices.

mod form;
mod head;
mod life;
mod list;
mod publish;
mod setting;

use catalog::Permission as P;
use door::{Access, Routes};
use http::Method;

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(P::PolicyView);
    let edit = Access::Needs(P::PolicyEdit);
    let publish = Access::Needs(P::PolicyPublish);
    routes
        .route(Method::GET, "/dashboard/policy-suites", view, list::show)
        .route(Method::GET, "/dashboard/policy-suites/add", edit, list::add_show)
        .route(Method::POST, "/dashboard/policy-suites/add", edit, list::add)
        .route(Method::GET, "/dashboard/policy-suites/{id}", view, form::show)
        .route(Method::POST, "/dashboard/policy-suites/{id}", edit, form::save)
        .route(Method::GET, "/dashboard/policy-suites/{id}/publish", view, publish::show)
        .route(Method::POST, "/dashboard/policy-suites/{id}/publish", publish, publish::publish)
        .route(Method::GET, "/dashboard/policy-suites/{id}/revisions", view, publish::revisions)
        .route(Method::POST, "/dashboard/policy-suites/{id}/roll-back", publish, publish::roll_back)
        .route(Method::GET, "/dashboard/policy-suites/{id}/copy", edit, life::copy_show)
        .route(Method::POST, "/dashboard/policy-suites/{id}/copy", edit, life::copy)
        .route(Method::GET, "/dashboard/policy-suites/{id}/delete", edit, life::delete_ask)
        .route(Method::POST, "/dashboard/policy-suites/{id}/delete", edit, life::delete)
        .route(Method::POST, "/dashboard/policy-suites/{id}/default", publish, life::make_default)
}
