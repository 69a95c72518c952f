//! The search over everything: users, groups, devices, settings, pages.

use catalog::Permission;
use door::{Access, Routes};
use engine::devices::{self, Hit};
use http::Method;

use super::frame::{Answer, Cx, Oops};
use super::words;
use crate::parts::{
    Card, Control, FieldView, Head, Hit as HitView, HitGroup, Html, Icon, Place, SearchResults,
};

/// Hits of a kind on the page; the overlay shows the same, since the server cannot tell them apart without being told.
const LIMIT: usize = 8;

/// Registers the page.
pub fn routes(routes: Routes) -> Routes {
    routes.route(Method::GET, "/dashboard/search", Access::SignedIn, show)
}

async fn show(cx: Cx) -> Answer {
    let text = cx.asked("q").trim().chars().take(200).collect::<String>();
    let groups = groups(&cx, &text)?;
    let results = SearchResults { query: text.clone(), groups };
    let head = Head::new(
        "Search",
        "Devices, users, groups, settings and pages. From anywhere: Ctrl K, or the key /.",
    );
    let mut field = FieldView::new("q", "Search for", Control::Text(text, "search"));
    field.input.id = "search-for".into();
    let form = super::frame::SearchForm {
        action: "/dashboard/search".into(),
        field: field.into(),
        button: "Search",
    };
    let body: Vec<Html> = vec![Card::new("", form).into(), Card::new("", results).into()];
    cx.page(Place::Dashboard, head, body)
}

fn groups(cx: &Cx, text: &str) -> Result<Vec<HitGroup>, Oops> {
    let mut groups = Vec::new();
    let mut add = |title: &str, hits: Vec<HitView>| {
        if !hits.is_empty() {
            groups.push(HitGroup { title: title.into(), hits });
        }
    };
    if !cx.outside() && cx.can(Permission::DevicesView) && !text.is_empty() {
        let found = devices::search(&cx.engine, &cx.scope, text, LIMIT)?;
        let of = |fits: fn(&&Hit) -> bool| found.iter().filter(fits).map(view).collect();
        add("Devices", of(|hit| matches!(hit, Hit::Device(..))));
        add("Users", of(|hit| matches!(hit, Hit::User(..))));
        add("Groups", of(|hit| matches!(hit, Hit::Group(..))));
    }
    if cx.can(Permission::PolicyView) && text.len() >= 3 && !cx.outside() {
        add("Settings", settings(cx, text));
    }
    add("Pages", pages(cx, text));
    Ok(groups)
}

fn view(hit: &Hit) -> HitView {
    match hit {
        Hit::Device(id, name, owner, posture) => HitView {
            icon: Icon::Phone,
            title: name.clone(),
            detail: owner.clone(),
            chip: Some(words::status(*posture).chip()),
            href: format!("/dashboard/devices/{id}"),
        },
        Hit::User(id, name, address, count) => HitView {
            icon: Icon::User,
            title: name.clone(),
            detail: format!("{address} · {}", words::count(*count, "device", "devices")),
            chip: None,
            href: format!("/dashboard/users/{id}"),
        },
        Hit::Group(id, name, members) => HitView {
            icon: Icon::Users,
            title: name.clone(),
            detail: words::count(*members, "member", "members"),
            chip: None,
            href: format!("/dashboard/groups/{id}"),
        },
    }
}

/// Settings of the default suite, where one is likely to be looking for them.
fn settings(cx: &Cx, text: &str) -> Vec<HitView> {
    let wanted = text.to_lowercase();
    let suite = cx
        .org(|org| {
            let default = org.organization.settings.default_suite.and_then(|id| org.suite(id).cloned());
            default.or_else(|| org.suites().first().cloned())
        })
        .ok()
        .flatten();
    let Some(suite) = suite else { return Vec::new() };
    let hit = |setting: &catalog::Setting| HitView {
        icon: Icon::Shield,
        title: setting.label.into(),
        detail: format!("{}, in “{}”", setting.category.label(), suite.name),
        chip: None,
        href: format!("/dashboard/policy-suites/{}#s-{}", suite.id, setting.key.replace('.', "-")),
    };
    let fits = |s: &&catalog::Setting| s.label.to_lowercase().contains(&wanted) || s.key.contains(&wanted);
    catalog::settings().filter(fits).take(LIMIT).map(hit).collect()
}

fn pages(cx: &Cx, text: &str) -> Vec<HitView> {
    let wanted = text.to_lowercase();
    let hit = |place: Place| HitView {
        icon: place.icon(),
        title: place.label().into(),
        detail: String::new(),
        chip: None,
        href: place.path().into(),
    };
    let shown = Place::ALL.iter().copied().filter(|p| cx.shows(*p));
    shown.filter(|p| p.label().to_lowercase().contains(&wanted)).map(hit).collect()
}
