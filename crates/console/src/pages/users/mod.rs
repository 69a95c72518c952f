//! Smart Devices and Users: the users.

mod bulk;
mod detail;
mod enrollment;
mod form;
mod identity;
mod list;
pub mod query;
mod remove;

use catalog::Permission;
use domain::model::{User, UserState};
use door::{Access, Routes};
use http::Method;

use crate::parts::{Chip, Icon, Tone};

const PATH: &str = "/dashboard/users";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::DevicesView);
    let edit = Access::Needs(Permission::UsersEdit);
    let invite = Access::Needs(Permission::UsersInvite);
    routes
        .route(Method::GET, "/dashboard/users", view, list::list)
        .route(Method::GET, "/dashboard/users/export", Access::Needs(Permission::DevicesExport), list::export)
        .route(Method::POST, "/dashboard/users/bulk", view, bulk::bulk)
        .route(Method::GET, "/dashboard/users/add", edit, form::add_show)
        .route(Method::POST, "/dashboard/users/add", edit, form::add)
        .route(Method::GET, "/dashboard/users/{id}", view, detail::show)
        .route(Method::GET, "/dashboard/users/{id}/edit", edit, form::edit_show)
        .route(Method::POST, "/dashboard/users/{id}/edit", edit, form::save)
        .route(Method::GET, "/dashboard/users/{id}/enrollment-code", invite, enrollment::show)
        .route(Method::POST, "/dashboard/users/{id}/enrollment-code", invite, enrollment::issue)
        .route(Method::POST, "/dashboard/users/{id}/enrollment-code/revoke", invite, enrollment::revoke)
        .route(Method::POST, "/dashboard/users/{id}/unlink", edit, identity::unlink)
        .route(Method::GET, "/dashboard/users/{id}/remove", edit, remove::remove_ask)
        .route(Method::POST, "/dashboard/users/{id}/remove", edit, remove::remove)
}

fn state_chip(user: &User) -> Chip {
    match user.state {
        UserState::Active => Chip::new("Active", Tone::Ok),
        UserState::Disabled => Chip::new("Disabled", Tone::Bad).icon(Icon::Ban),
    }
}
