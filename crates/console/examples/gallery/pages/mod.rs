//! The pages of the gallery: every part in every state, with content as it will really be.
mod bare;
mod dashboard;
mod device;
mod grid;
mod integration;
mod parts;
mod policy;

use console::parts::{
    Head, Html, Layout, Organization, OrganizationChoice, Page, Place, Time, Toast, User, navigation,
};
use jiff::tz::TimeZone;

/// 21 November 2026, 09:04 in UTC: the moment at which the gallery is seen.
pub const NOW: i64 = 1_795_251_840_000;

/// Every page: name and markup.
pub fn all() -> Vec<(&'static str, String)> {
    let mut pages = Vec::new();
    pages.extend(dashboard::pages());
    pages.extend(grid::pages());
    pages.extend(device::pages());
    pages.extend(policy::pages());
    pages.extend(integration::pages());
    pages.extend(parts::pages());
    pages.extend(bare::pages());
    pages
}

fn ago(minutes: i64) -> Time {
    Time::relative(NOW - minutes * 60_000, NOW, &TimeZone::UTC)
}

fn page(place: Place, head: Head, body: Vec<Html>) -> Page {
    let detail = |id: &str, name: &str, current| OrganizationChoice {
        id: id.into(),
        name: name.into(),
        detail: format!("{id}.test"),
        current,
    };
    let layout = Layout {
        title: head.title.clone(),
        nav: navigation(Some(place), |_| true, |place| if place == Place::Devices { 2 } else { 0 }),
        organization: Organization {
            name: "Acme Corporation".into(),
            detail: "acme.test".into(),
            switch_action: "/dashboard/organizations/switch".into(),
            choices: vec![
                detail("acme", "Acme Corporation", true),
                detail("globex", "Globex Maschinenbau GmbH & Co. KG", false),
                detail("initech", "Initech", false),
            ],
        },
        user: User {
            name: "Mara Kolk".into(),
            account: "mara.kolk".into(),
            role: "Full administrator".into(),
        },
        csrf: "9f3c1c".into(),
        ..Layout::default()
    };
    Page { layout, head, note: None, body }
}

fn with_toast(mut page: Page, toast: Toast) -> Page {
    page.layout.toasts.push(toast);
    page
}
