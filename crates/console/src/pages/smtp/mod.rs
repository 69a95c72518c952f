//! SMTP Server: by which server mail leaves, and what went out. For an organization, and for the installation.

mod form;
mod log;

use catalog::Permission;
use door::{Access, Routes};
use engine::Scope;
use http::Method;

use super::frame::{Cx, Oops};

const PATH: &str = "/dashboard/smtp-server";
const SYSTEM_PATH: &str = "/dashboard/organizations/smtp-server";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    let system = Access::System;
    routes
        .route(Method::GET, PATH, view, form::show)
        .route(Method::POST, PATH, edit, form::save)
        .route(Method::POST, "/dashboard/smtp-server/test", edit, form::test)
        .route(Method::POST, "/dashboard/smtp-server/remove", edit, form::remove)
        .route(Method::GET, "/dashboard/smtp-server/log", view, log::show)
        .route(Method::GET, SYSTEM_PATH, system, form::show_system)
        .route(Method::POST, SYSTEM_PATH, system, form::save_system)
        .route(Method::POST, "/dashboard/organizations/smtp-server/test", system, form::test_system)
        .route(Method::POST, "/dashboard/organizations/smtp-server/remove", system, form::remove_system)
}

/// Whose server a page is about.
struct Whose {
    scope: Scope,
    system: bool,
}

impl Whose {
    fn organization(cx: &Cx) -> Result<Self, Oops> {
        if cx.outside() {
            return Err(Oops::not_found("page"));
        }
        Ok(Self { scope: cx.scope.clone(), system: false })
    }

    fn installation(cx: &Cx) -> Result<Self, Oops> {
        Ok(Self { scope: cx.scope.at_installation()?, system: true })
    }

    fn path(&self) -> &'static str {
        if self.system { SYSTEM_PATH } else { PATH }
    }
}
