//! The matrix at a level, with the exception of a user or device.

use std::sync::Arc;

use catalog::{PLATFORMS, Permission, TARGETS};
use domain::model::{AccessConfig, Level};
use engine::compliance;

use super::super::frame::{Answer, Cx, FormAround, Oops, hidden_value};
use super::{PATH, edits, listed, row, standing};
use crate::parts::{
    Button, ButtonKind, Card, Head, Html, Icon, Level as LevelView, Matrix, Place, SaveBar, Table, cell,
};

pub async fn show(cx: Cx) -> Answer {
    let access = compliance::access(&cx.engine, &cx.scope)?;
    let level = edits::parse(&cx, cx.asked("level"))?;
    let body = page(&cx, &access, &level)?;
    cx.page(Place::AccessRestrictions, head(&cx, &level), body)
}

fn head(cx: &Cx, level: &Level) -> Head {
    let lead: Html = match level {
        Level::Organization => {
            "What a device loses while something is wrong with it. A platform, group, user or device can decide otherwise."
                .into()
        }
        other => Html::rich(
            "What **{}** loses while something is wrong. Boxes that are left as they are follow the level above.",
            &[&edits::name(cx, other)],
        ),
    };
    let mut head = Head::new("Access Restrictions", lead);
    head = head.action(Button::link("Exceptions", listed::PATH).icon(Icon::Users));
    head
}

fn page(cx: &Cx, access: &Arc<AccessConfig>, level: &Level) -> Result<Vec<Html>, Oops> {
    let may = cx.can(Permission::ComplianceEdit);
    let matrix = Matrix {
        levels: levels(cx, access, level),
        targets: row::heads(),
        rows: row::rows(cx, access, level, None)?,
        read_only: !may,
    };
    let mut body: Vec<Html> = standing::cards(cx, access, level);
    if may {
        let bar = SaveBar {
            text: "You see who would lose what before anything is saved.".into(),
            buttons: vec![Button {
                label: "Review and save".into(),
                kind: ButtonKind::Primary,
                send: Some(("step".into(), "review".into())),
                ..Button::default()
            }],
        };
        let hidden = [cx.hidden(), vec![hidden_value("level", edits::text(level))]].concat();
        body.push(
            FormAround {
                id: "restrictions".into(),
                action: PATH.into(),
                hidden,
                body: vec![matrix.into(), bar.into()],
            }
            .into(),
        );
    } else {
        body.push(matrix.into());
    }
    if *level == Level::Organization {
        body.push(targets());
    }
    Ok(body)
}

fn targets() -> Html {
    let mut table = Table::new("Targets", &["Target", "What restricting it does"]).tall();
    for target in TARGETS {
        let waits = if target.carried { "" } else { " Nothing that is enrolled today can have it yet." };
        table = table.row([Html::text(target.label), cell::prose(format!("{}{waits}", target.help))]);
    }
    Card::flush("What can be taken away", table).into()
}

fn levels(cx: &Cx, access: &AccessConfig, current: &Level) -> Vec<LevelView> {
    let view = |level: Level, label: String| LevelView {
        label,
        href: format!("{PATH}?level={}", edits::text(&level)),
        current: level == *current,
    };
    let mut all = vec![view(Level::Organization, "Organization".into())];
    for platform in PLATFORMS {
        let level = Level::Platform(platform.platform);
        let mark = if access.level(&level).is_some() { " (differs)" } else { "" };
        all.push(view(level, format!("{}{mark}", platform.label)));
    }
    let specific = access.levels.iter().map(|(level, _)| level);
    for level in specific.filter(|l| !matches!(l, Level::Organization | Level::Platform(_))).take(20) {
        let label = match level {
            Level::Group(_) => format!("Group {}", edits::name(cx, level)),
            _ => edits::name(cx, level),
        };
        all.push(view(level.clone(), label));
    }
    if !all.iter().any(|l| l.current) {
        all.push(view(current.clone(), edits::name(cx, current)));
    }
    all
}
