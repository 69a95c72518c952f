//! The list of groups in their order, and moving one.

use catalog::Permission;
use domain::model::{Group, GroupId, GroupSettings, MemberRule};
use door::{Form, Path};
use engine::approvals::Edit;
use engine::{OrgIndex, groups};

use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, PostButton, Wrong, hidden_value};
use super::super::words;
use super::PATH;
use super::form::review_head;
use crate::parts::{Button, ButtonKind, Card, EmptyState, Head, Html, Icon, Place, Table, cell};

pub async fn show(cx: Cx) -> Answer {
    let all = groups::list(&cx.engine, &cx.scope)?;
    let may = cx.can(Permission::GroupsEdit);
    let add = || Button::link("Add group", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let mut head = Head::new(
        "Groups",
        "Users who get the same policy suite, mail server and liability. Of a user’s groups the topmost one that says something decides.",
    );
    if may {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Users,
            title: "There is no group yet".into(),
            text: "Without groups everybody gets what the organization says, unless a user or device has something of its own."
                .into(),
            actions: if may { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::Groups, head, vec![Card::new("", empty).into()]);
    }
    let given = cx.org(|org| all.iter().map(|(group, _)| given(org, &group.settings)).collect::<Vec<_>>())?;
    let mut columns = vec!["Group", "Place", "Members", "What they get"];
    if may {
        columns.push("Order");
    }
    let mut table = Table::new("Groups, the most important one first", &columns).tall();
    for (at, ((group, members), given)) in all.iter().zip(given).enumerate() {
        let mut cells = vec![
            cell::lines(cell::open(format!("{PATH}/{}", group.id), &group.name), described(group)),
            Html::text((at + 1).to_string()),
            Html::text(words::count(*members, "member", "members")),
            cell::prose(given),
        ];
        if may {
            cells.push(moves(&cx, group, at + 1, all.len()));
        }
        table = table.row(cells);
    }
    cx.page(Place::Groups, head, vec![Card::flush("", table).into()])
}

/// Its note, or where its members come from.
fn described(group: &Group) -> String {
    let by_rule = |what: &str| {
        if group.note.is_empty() { what.to_owned() } else { format!("{what} · {}", group.note) }
    };
    match &group.directory {
        None => match &group.rule {
            None => group.note.clone(),
            Some(MemberRule::Query(_)) => by_rule("Members by rule"),
            Some(MemberRule::Site(_)) => by_rule("Site"),
        },
        Some(link) if link.folder.is_some() => format!("Folder of a directory: {}", link.dn),
        Some(link) => format!("Group of a directory: {}", link.dn),
    }
}

/// What a group gives, in words; a group may say nothing and still carry access restrictions.
pub fn given(org: &OrgIndex, settings: &GroupSettings) -> String {
    let mut words = Vec::new();
    words.extend(settings.suite.and_then(|id| org.suite(id)).map(|suite| format!("suite {}", suite.name)));
    words.extend(settings.schedule.and_then(|id| org.schedule(id)).map(|s| format!("schedule {}", s.name)));
    words.extend(settings.server.and_then(|id| org.server(id)).map(|s| format!("mail from {}", s.name)));
    words.extend(settings.liability.map(|l| format!("{} liability", l.label().to_lowercase())));
    if words.is_empty() { "nothing of its own".into() } else { words.join(", ") }
}

/// Two buttons that move a group by one place.
fn moves(cx: &Cx, group: &Group, place: usize, last: usize) -> Html {
    let button = |label: &str, to: usize, icon: Icon, end: bool| -> Html {
        let mut button = Button { small: true, icon: Some(icon), ..Button::default() };
        button.label = label.into();
        if end {
            return button.disabled(format!("{} is at the end already.", group.name)).into();
        }
        let hidden = [cx.hidden(), vec![hidden_value("place", to.to_string())]].concat();
        PostButton { action: format!("{PATH}/{}/move", group.id), hidden, button }.into()
    };
    Html::join([
        button("Up", place.saturating_sub(1), Icon::SortUp, place == 1),
        Html::text(" "),
        button("Down", place + 1, Icon::SortDown, place == last),
    ])
}

pub async fn place(cx: Cx, Path(id): Path<GroupId>, Form(data): Form) -> Answer {
    let place = data.text("place").parse().unwrap_or(0);
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let ask = Ask {
        place: Place::Groups,
        head: review_head(&group),
        edit: Edit::MoveGroup { group: id, place },
        action: format!("{PATH}/{id}/move"),
        back: PATH.into(),
    };
    if let Some(review) = foretold::review(&cx, ask, &data).await? {
        return Ok(review);
    }
    match groups::move_to(&cx.engine, &cx.scope, id, place).await {
        Ok(()) => cx.done(PATH, format!("{} is in place {place} now.", group.name)),
        Err(error) => cx.failed(PATH, Wrong::of(error)?.rest(&[])),
    }
}
