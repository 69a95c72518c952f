//! Alerts: the list, and under Compliance Manager when they are raised and who hears of them.

mod kind;
mod list;
pub mod people;
mod settings;

use catalog::{Permission, Severity};
use door::{Access, Routes};
use http::Method;

use crate::parts::Tone;

pub use list::newest;

const PATH: &str = "/dashboard/alerts";
const SETTINGS: &str = "/dashboard/alert-settings";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::AlertsView);
    let handle = Access::Needs(Permission::AlertsHandle);
    let see = Access::Needs(Permission::ComplianceView);
    let edit = Access::Needs(Permission::ComplianceEdit);
    routes
        .route(Method::GET, PATH, view, list::show)
        .route(Method::POST, "/dashboard/alerts/acknowledge", handle, list::acknowledge)
        .route(Method::POST, "/dashboard/alerts/close", handle, list::close)
        .route(Method::GET, SETTINGS, see, settings::show)
        .route(Method::POST, SETTINGS, edit, settings::save)
        .route(Method::GET, "/dashboard/alert-settings/kind", see, kind::show)
        .route(Method::POST, "/dashboard/alert-settings/kind", edit, kind::save)
}

fn tone(severity: Severity) -> Tone {
    match severity {
        Severity::Critical => Tone::Bad,
        Severity::Warning => Tone::Warn,
        Severity::Informational => Tone::Info,
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "Critical",
        Severity::Warning => "Warning",
        Severity::Informational => "Informational",
    }
}
