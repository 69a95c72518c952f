//! What the pages of a suite have in common: heading, tabs, and the suite of the address.

use std::sync::Arc;

use catalog::Permission;
use domain::model::{PolicySuite, PolicySuiteId};
use engine::policy;

use super::super::frame::{Cx, Oops, PostButton};
use super::super::words;
use crate::parts::{Button, ButtonKind, Chip, Head, Html, Icon, Menu, MenuItem, Tab, Tabs, Tone};

/// Tabs of the pages of a suite.
pub fn tabs(suite: &PolicySuite, open: &str) -> Tabs {
    let href = |tail: &str| format!("/dashboard/policy-suites/{}{tail}", suite.id);
    let revision = suite.published.as_ref().map(|r| r.number.to_string()).unwrap_or_default();
    Tabs {
        label: suite.name.clone(),
        tabs: vec![
            Tab::new("Settings", href(""), open == "settings"),
            Tab::new("Review and publish", href("/publish"), open == "publish"),
            Tab::new("Revisions", href("/revisions"), open == "revisions").note(revision),
        ],
        swap: String::new(),
    }
}

/// The heading of the pages of a suite.
pub fn head(cx: &Cx, suite: &PolicySuite, lead: impl Into<Html>) -> Head {
    let differs = policy::diff_with_published(&cx.engine, &cx.scope, suite.id).map_or(0, |d| d.len());
    let chip = match &suite.published {
        None => Chip::new("Never published", Tone::Idle).icon(Icon::Edit),
        Some(_) if differs > 0 => {
            Chip::new(words::count(differs, "unpublished change", "unpublished changes"), Tone::Warn)
                .icon(Icon::Edit)
        }
        Some(revision) => Chip::new(format!("Revision {} in force", revision.number), Tone::Ok),
    };
    let mut head =
        Head::new(suite.name.clone(), lead).under("Policy Suites", "/dashboard/policy-suites").chip(chip);
    let href = |tail: &str| format!("/dashboard/policy-suites/{}/{tail}", suite.id);
    let default = cx.org(|org| org.organization.settings.default_suite == Some(suite.id)).unwrap_or(false);
    if default {
        head = head.chip(Chip::new("Default", Tone::Info).icon(Icon::Building));
    } else if suite.published.is_some() && cx.can(Permission::PolicyPublish) {
        head.actions.push(
            PostButton {
                action: href("default"),
                hidden: cx.hidden(),
                button: Button { label: "Make default".into(), ..Button::default() },
            }
            .into(),
        );
    }
    if cx.can(Permission::PolicyEdit) {
        let items = vec![
            MenuItem {
                label: "Copy".into(),
                icon: Some(Icon::Copy),
                href: href("copy"),
                ..MenuItem::default()
            },
            MenuItem {
                label: "Delete …".into(),
                icon: Some(Icon::Trash),
                href: href("delete"),
                danger: true,
                apart: true,
                ..MenuItem::default()
            },
        ];
        head.actions.push(Menu { id: "more".into(), label: "More".into(), icon_only: false, items }.into());
    }
    if differs > 0 {
        head = head.action(Button::link("Review and publish", href("publish")).kind(ButtonKind::Primary));
    }
    head
}

/// A suite by the id in the address.
pub fn find(cx: &Cx, id: PolicySuiteId) -> Result<Arc<PolicySuite>, Oops> {
    Ok(policy::get(&cx.engine, &cx.scope, id)?)
}
