//! Cisco ISE: what to enter there, the root certificate, a self-test, the last calls, unknown addresses, polling.

mod link;
mod page;
mod radius;
mod settings;
mod test;
use catalog::Permission;
use door::{Access, Routes};
use http::Method;

use super::frame::{Answer, Cx, download};

const PATH: &str = "/dashboard/cisco-ise";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::IseView);
    let edit = Access::Needs(Permission::IseEdit);
    routes
        .route(Method::GET, PATH, view, page::show)
        .route(Method::GET, "/dashboard/cisco-ise/root.pem", view, root_pem)
        .route(Method::GET, "/dashboard/cisco-ise/root.der", view, root_der)
        .route(Method::POST, "/dashboard/cisco-ise/self-test", edit, test::self_test)
        .route(Method::POST, "/dashboard/cisco-ise/settings", edit, settings::save)
        .route(Method::GET, "/dashboard/cisco-ise/link", edit, link::link_show)
        .route(Method::POST, "/dashboard/cisco-ise/link", edit, link::link)
        .route(Method::GET, "/dashboard/cisco-ise/radius/add", edit, radius::add_show)
        .route(Method::POST, "/dashboard/cisco-ise/radius/add", edit, radius::add)
        .route(Method::GET, "/dashboard/cisco-ise/radius/{id}", view, radius::show)
        .route(Method::POST, "/dashboard/cisco-ise/radius/{id}", edit, radius::save)
        .route(Method::POST, "/dashboard/cisco-ise/radius/{id}/remove", edit, radius::remove)
        .route(Method::POST, "/dashboard/cisco-ise/radius/{id}/test", edit, radius::test)
}

async fn root_pem(cx: Cx) -> Answer {
    Ok(download("application/x-pem-file", "notifymdm-root.pem", cx.host.root_pem()))
}

async fn root_der(cx: Cx) -> Answer {
    Ok(download("application/x-x509-ca-cert", "notifymdm-root.der", cx.host.root_der()))
}
