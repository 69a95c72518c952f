//! Removing a group.

use domain::model::{Group, GroupId};
use door::{Form, Path};
use engine::approvals::Edit;
use engine::groups;

use super::super::frame::{Answer, Cx, Wrong};
use super::super::{foretold, words};
use super::PATH;
use crate::parts::{Columns, Danger, Head, Html, Loss, Place, Widths};

pub async fn ask(cx: Cx, Path(id): Path<GroupId>) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    page(&cx, &group, String::new()).await
}

async fn page(cx: &Cx, group: &Group, error: String) -> Answer {
    let href = format!("{PATH}/{}", group.id);
    let members = cx.org(|org| org.member_count(group.id))?;
    let failed = !error.is_empty();
    let loss = |text: String, kept| Loss { text: Html::text(text), kept };
    let danger = Danger {
        id: "remove".into(),
        title: format!("Remove {}?", group.name),
        lead: "What its members have from it they get from their next group instead, or from the organization: their devices fetch that policy at once."
            .into(),
        losses: vec![
            loss(format!("The group with {}", words::count(members, "membership", "memberships")), false),
            loss("Its access restrictions and its exception".into(), false),
            loss("The users and their devices".into(), true),
            loss("Entries of the journal".into(), true),
        ],
        name: group.name.clone(),
        action: format!("{href}/remove"),
        hidden: cx.hidden(),
        verb: "Remove the group".into(),
        cancel: href.clone(),
        standalone: true,
        error,
        ..Danger::default()
    };
    let head = Head::new("Remove group", "").under("Groups", PATH).under(group.name.clone(), href);
    let mut body = foretold::of(cx, &Edit::RemoveGroup(group.id)).await;
    body.push(Columns::new(Widths::Two, [danger.into()]).into());
    if failed { cx.again(Place::Groups, head, body) } else { cx.page(Place::Groups, head, body) }
}

pub async fn remove(cx: Cx, Path(id): Path<GroupId>, Form(data): Form) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    if data.text("confirm") != group.name {
        return page(&cx, &group, "The typed name is not this group’s name. Nothing was removed.".into())
            .await;
    }
    match groups::remove(&cx.engine, &cx.scope, id).await {
        Ok(()) => cx.done(PATH, format!("{} was removed.", group.name)),
        Err(error) => page(&cx, &group, Wrong::of(error)?.rest(&[])).await,
    }
}
