//! The rule by which a group finds its members: by hand, by conditions, or as a site.

use domain::membership::compared;
use domain::model::{
    CONDITIONS_MAX, Comparison, Group, GroupId, MemberCondition, MemberQuery, MemberRule, Site, User,
};
use door::{Form, FormData, Path};
use engine::approvals::Edit;
use engine::groups::{self, Foreseen, Offered};

use super::super::foretold::{self, Ask};
use super::super::frame::{Answer, Cx, Entered, FormAround, Oops, Wrong};
use super::super::words;
use super::PATH;
use super::form::review_head;
use crate::parts::{
    Button, Card, Choice, Control, Head, Html, Icon, Input, Note, Place, SaveBar, Table, Tone,
};

/// Rows drawn at least; an empty one says nothing.
const ROWS: usize = 3;
/// People named in a preview, of those who join and of those who leave.
const NAMED: usize = 20;

/// What the form says.
enum Wanted {
    ByHand,
    Rule(MemberRule),
}

fn stored(cx: &Cx, group: &Group) -> Result<FormData, Oops> {
    let offered = cx.org(|org| groups::fields(&org.organization.columns))?;
    let mut pairs = vec![("mode".to_owned(), mode(group.rule.as_ref()).to_owned())];
    match &group.rule {
        Some(MemberRule::Query(query)) => {
            for (at, condition) in query.conditions.iter().enumerate() {
                let field = offered.iter().find(|one| one.field == condition.field);
                pairs.push((format!("field.{at}"), field.map(|one| one.name.clone()).unwrap_or_default()));
                pairs.push((format!("is.{at}"), condition.is.key().to_owned()));
                pairs.push((format!("value.{at}"), condition.value.clone()));
            }
            pairs.push(("rows".to_owned(), query.conditions.len().to_string()));
        }
        Some(MemberRule::Site(site)) => {
            let lines: Vec<String> = site.networks.iter().map(ToString::to_string).collect();
            pairs.push(("networks".to_owned(), lines.join("\n")));
        }
        None => {}
    }
    Ok(FormData::new(pairs))
}

fn mode(rule: Option<&MemberRule>) -> &'static str {
    match rule {
        None => "by_hand",
        Some(MemberRule::Query(query)) if query.any => "any",
        Some(MemberRule::Query(_)) => "all",
        Some(MemberRule::Site(_)) => "site",
    }
}

fn rows(data: &FormData) -> usize {
    let told = data.text("rows").parse().unwrap_or(0);
    let more = usize::from(data.text("do") == "more") * 2;
    (told + more).clamp(ROWS, CONDITIONS_MAX)
}

/// What was entered.
fn read(offered: &[Offered], data: &FormData) -> engine::Result<Wanted> {
    let query = |any| {
        let mut conditions = Vec::new();
        for at in 0..rows(data) {
            let name = data.text(&format!("field.{at}"));
            if name.is_empty() {
                continue;
            }
            let field = offered.iter().find(|one| one.name == name).map(|one| one.field.clone());
            let field = field.ok_or_else(|| {
                engine::Error::invalid("conditions", format!("There is nothing called “{name}” to look at."))
            })?;
            let is = groups::comparison("conditions", data.text(&format!("is.{at}")))?;
            conditions.push(MemberCondition {
                field,
                is,
                value: data.text(&format!("value.{at}")).to_owned(),
            });
        }
        Ok(Wanted::Rule(MemberRule::Query(MemberQuery { any, conditions })))
    };
    match data.text("mode") {
        "all" => query(false),
        "any" => query(true),
        "site" => {
            let networks = groups::networks(data.lines("networks").iter().map(String::as_str))?;
            Ok(Wanted::Rule(MemberRule::Site(Site { networks })))
        }
        _ => Ok(Wanted::ByHand),
    }
}

fn page(
    cx: &Cx,
    group: &Group,
    data: &FormData,
    wrong: &Wrong,
    more: Vec<Html>,
) -> Result<(Head, Vec<Html>), Oops> {
    let offered = cx.org(|org| groups::fields(&org.organization.columns))?;
    let entered = Entered { data, wrong };
    let mode = |value: &str, label: &str, help: &str| (value.to_owned(), label.to_owned(), help.to_owned());
    let modes = entered.radio(
        "mode",
        "Who is in this group?",
        &[
            mode("by_hand", "Chosen by hand", "Who is in it now stays in it."),
            mode("all", "Whoever meets all conditions", "Those on devices must be met by the same device."),
            mode("any", "Whoever meets one of the conditions", ""),
            mode(
                "site",
                "A site: whoever has a device that was last seen there",
                "By the network it called from. Only the site is kept, never the address; a device belongs to the site until \
                 it is seen at another one.",
            ),
        ],
    );
    let networks = entered
        .area("networks", "Networks of the site")
        .help("One a line, such as 192.0.2.0/24: as this server sees them, for a company behind NAT its public ones.")
        .optional();
    let mut body: Vec<Html> = more;
    let said = wrong.rest(&[modes.clone(), networks.clone()]);
    if !said.is_empty() {
        body.push(Note::new(Tone::Bad, "It was not saved", said).into());
    }
    let shown = rows(data);
    let mut table = Table::new("Conditions", &["What", "Compared", "With"]).tall();
    for at in 0..shown {
        table = table.row(condition(&offered, data, at));
    }
    let add = (shown < CONDITIONS_MAX).then(|| send("More conditions", "more").icon(Icon::Plus));
    body.push(Card::new("", Html::from(modes)).into());
    let conditions = Card::flush("Conditions", table);
    body.push(match add {
        Some(add) => conditions.footer(Html::from(add)).into(),
        None => conditions.into(),
    });
    body.push(Card::new("Site", Html::from(networks)).into());
    let back = format!("{PATH}/{}", group.id);
    body.push(
        SaveBar {
            text: "Users and devices that change join and leave by themselves.".into(),
            buttons: vec![
                Button::link("Cancel", back.clone()),
                send("Who would be in it?", "look"),
                Button::submit("Save"),
            ],
        }
        .into(),
    );
    let mut hidden = cx.hidden();
    hidden.push(("rows".to_owned(), shown.to_string()));
    let form = FormAround { id: "rule".into(), action: format!("{back}/rule"), hidden, body };
    let head = Head::new("Members by rule", "A group that finds its members by itself, or a site.")
        .under("Groups", PATH)
        .under(group.name.clone(), back);
    Ok((head, vec![form.into()]))
}

fn send(label: &str, what: &str) -> Button {
    Button { label: label.into(), send: Some(("do".into(), what.into())), ..Button::default() }
}

fn condition(offered: &[Offered], data: &FormData, at: usize) -> [Html; 3] {
    let of = |key: &str| data.text(&format!("{key}.{at}")).to_owned();
    let (field, is) = (of("field"), of("is"));
    let mut fields = vec![Choice::new("", "—", field.is_empty())];
    fields.extend(offered.iter().map(|one| {
        let label = match one.of {
            domain::model::CustomScope::User => one.label.clone(),
            domain::model::CustomScope::Device => format!("Device: {}", one.label),
        };
        Choice::new(one.name.clone(), label, one.name == field)
    }));
    let compare =
        Comparison::ALL.iter().map(|one| Choice::new(one.key(), one.label(), one.key() == is)).collect();
    let input = |key: &str, label: &str, control| -> Html {
        Input::new(format!("{key}.{at}"), format!("{label} {}", at + 1), control).into()
    };
    [
        input("field", "What", Control::Select(fields)),
        input("is", "Compared", Control::Select(compare)),
        input("value", "With", Control::Text(of("value"), "text")),
    ]
}

/// Who would join and who would leave.
fn foreseen(found: &Foreseen) -> Html {
    let named = |users: &[std::sync::Arc<User>]| {
        let mut names: Vec<String> = users.iter().take(NAMED).map(|user| user.display_name.clone()).collect();
        names.extend((users.len() > NAMED).then(|| format!("{} more", users.len() - NAMED)));
        if names.is_empty() { "nobody".to_owned() } else { names.join(", ") }
    };
    let text = Html::rich(
        "It would have {}. **Would join:** {}. **Would leave:** {}.",
        &[&words::count(found.members, "member", "members"), &named(&found.join), &named(&found.leave)],
    );
    Note::new(Tone::Info, "Nothing was changed yet", text).into()
}

pub async fn show(cx: Cx, Path(id): Path<GroupId>) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    let data = stored(&cx, &group)?;
    let (head, body) = page(&cx, &group, &data, &Wrong::default(), Vec::new())?;
    cx.page(Place::Groups, head, body)
}

pub async fn save(cx: Cx, Path(id): Path<GroupId>, Form(data): Form) -> Answer {
    let group = groups::get(&cx.engine, &cx.scope, id)?;
    match carry_on(&cx, &group, &data).await? {
        Ok(answer) => Ok(answer),
        Err(error) => {
            let (head, body) = page(&cx, &group, &data, &Wrong::of(error)?, Vec::new())?;
            cx.again(Place::Groups, head, body)
        }
    }
}

/// What the button says; an error is one of what was entered.
async fn carry_on(
    cx: &Cx,
    group: &Group,
    data: &FormData,
) -> Result<engine::Result<axum::response::Response>, Oops> {
    let again = |more| {
        let (head, body) = page(cx, group, data, &Wrong::default(), more)?;
        cx.page(Place::Groups, head, body)
    };
    if data.text("do") == "more" {
        return again(Vec::new()).map(Ok);
    }
    let offered = cx.org(|org| groups::fields(&org.organization.columns))?;
    let rule = match read(&offered, data) {
        Ok(Wanted::Rule(rule)) => Some(rule),
        Ok(Wanted::ByHand) => None,
        Err(error) => return Ok(Err(error)),
    };
    if data.text("do") == "look" {
        let Some(rule) = rule else { return again(Vec::new()).map(Ok) };
        return match groups::foresee(&cx.engine, &cx.scope, group.id, rule).await {
            Ok(found) => again(vec![foreseen(&found)]).map(Ok),
            Err(error) => Ok(Err(error)),
        };
    }
    let back = format!("{PATH}/{}", group.id);
    let ask = Ask {
        place: Place::Groups,
        head: review_head(group),
        edit: Edit::GroupRule { group: group.id, rule: rule.clone().map(Box::new) },
        action: format!("{back}/rule"),
        back: back.clone(),
    };
    if let Some(review) = foretold::review(cx, ask, data).await? {
        return Ok(Ok(review));
    }
    match groups::set_rule(&cx.engine, &cx.scope, group.id, rule).await {
        Ok(()) => cx.done(&back, "Saved. The members are those that the rule finds.").map(Ok),
        Err(error) => Ok(Err(error)),
    }
}

/// The rule of a group in words, with what it cannot see any more.
pub fn note(cx: &Cx, group: &Group) -> Result<Option<Html>, Oops> {
    let Some(rule) = &group.rule else { return Ok(None) };
    let (said, broken) = cx.org(|org| {
        let columns = &org.organization.columns;
        let broken = match rule {
            MemberRule::Query(query) => {
                query.conditions.iter().any(|one| compared(&one.field, columns).is_none())
            }
            MemberRule::Site(_) => false,
        };
        (groups::words(rule, columns), broken)
    })?;
    if broken {
        let text = "A condition looks at something that is gone: it holds for nobody. Edit the rule.";
        return Ok(Some(Note::new(Tone::Warn, "The rule is broken", text).into()));
    }
    let text =
        Html::rich("Whoever fits is in it: **{}**. Changes of users and devices count at once.", &[&said]);
    Ok(Some(Note::new(Tone::Info, "Its members are found by a rule", text).into()))
}
