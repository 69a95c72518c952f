//! What is held, and deciding on it.

use catalog::Permission;
use domain::model::DeviceId;
use door::{Form, FormData};
use engine::approvals::{self, Held, HeldId, Limits, Witness};

use super::super::frame::{Answer, Cx, Entered, FormAround, Tick, Wrong};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, Fact, Facts, FieldView, Head, Html, Icon, Note, Place, Table,
    Tone, cell,
};

/// Lines of the page; who has more decides on these first, or on all at once.
const SHOWN: usize = 200;

pub async fn show(cx: Cx) -> Answer {
    let (head, body) = page(&cx, &FormData::default(), &Wrong::default())?;
    cx.page(Place::Approvals, head, body)
}

fn page(cx: &Cx, data: &FormData, wrong: &Wrong) -> Result<(Head, Vec<Html>), engine::Error> {
    let (held, total) = approvals::list(&cx.engine, &cx.scope, SHOWN)?;
    let limits = approvals::limits(&cx.engine, &cx.scope)?;
    let lead = "What would destroy or withdraw much at once waits here for a second person.";
    let mut head = Head::new(Place::Approvals.label(), lead);
    if total > 0 {
        head = head.chip(Chip::new(words::count(total, "is held", "are held"), Tone::Bad));
    }
    let mut body = Vec::new();
    if held.is_empty() {
        let empty = EmptyState {
            icon: Icon::Ok,
            title: "Nothing is held".into(),
            text: "Destructive commands above the limit wait here, and so do changes that would take mail or network \
                   from more devices than that."
                .into(),
            actions: Vec::new(),
        };
        body.push(Card::new("", empty).into());
    } else {
        body.push(form(cx, data, wrong, &held, total));
    }
    body.extend(alone(cx, &limits));
    body.push(limit_card(cx, &limits));
    body.extend(super::super::devices::waiting(cx)?);
    Ok((head, body))
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong, held: &[Held], total: usize) -> Html {
    let chosen = data.all("item");
    let columns = &["", "What", "Ordered", "Expires", "You"];
    let mut table = Table::new("Held", columns).tall();
    for one in held {
        let id = one.id.to_string();
        let checked = chosen.contains(&id.as_str());
        let tick = Tick { name: "item", label: format!("Choose: {}", one.what), value: id, checked };
        let may = match &one.refusal {
            None => Chip::new("May approve", Tone::Ok).into(),
            Some(why) => cell::prose(cell::lines(Chip::new("May not approve", Tone::Idle), why.clone())),
        };
        table = table.row([
            tick.into(),
            what(cx, one),
            cell::lines(cx.ago(one.since), words::actor(&one.ordered_by)),
            one.expires_at.map_or_else(cell::none, |at| cx.ago(at).into()),
            may,
        ]);
    }
    let (mut fields, buttons) = deciding(cx, data, wrong);
    let help = format!("{total} in all, whether it is listed or not.");
    fields.insert(0, Entered { data, wrong }.switch("all", "All that is held").help(help));
    let rest = wrong.rest(&fields);
    let mut parts: Vec<Html> = Vec::new();
    if !rest.is_empty() {
        parts.push(Note::new(Tone::Bad, "Nothing was decided", rest).into());
    }
    parts.push(Card::flush("Held", table).aside(words::count(total, "order", "orders")).into());
    let decide = fields.into_iter().map(Html::from).chain([buttons]);
    parts.push(Card::new("Decide on what is ticked", Html::stack(decide)).into());
    FormAround { id: "approvals".into(), action: PATH.into(), hidden: cx.hidden_with_passkey(), body: parts }
        .into()
}

/// What an approver shows, and the buttons.
pub fn deciding(cx: &Cx, data: &FormData, wrong: &Wrong) -> (Vec<FieldView>, Html) {
    let entered = Entered { data, wrong };
    let mut fields = Vec::new();
    let mut buttons = vec![deed("recall", "Recall", ButtonKind::Plain)];
    if cx.can(Permission::DevicesWipeOverride) {
        fields.push(
            entered
                .code("code", "Code of your second factor")
                .help("Needed to approve. Recalling needs none.")
                .optional(),
        );
        fields.push(
            entered
                .code("recovery_code", "Sealed recovery code")
                .help("Only where you are the only administrator: it stands for the second person.")
                .optional(),
        );
        buttons.insert(0, deed("approve", "Approve", ButtonKind::Destroy));
    }
    (fields, Html::actions(buttons.into_iter().map(Html::from)))
}

fn deed(value: &str, label: &str, kind: ButtonKind) -> Button {
    Button { send: Some(("do".into(), value.into())), ..Button::submit(label) }.kind(kind)
}

fn what(cx: &Cx, held: &Held) -> Html {
    let name = |id: DeviceId| {
        let name = cx.org(|org| org.devices.get(id).map(|d| d.name.clone())).ok().flatten();
        name.unwrap_or_else(|| "a device that is gone".into())
    };
    if let Some(device) = held.device {
        let link = cell::open(format!("/dashboard/devices/{device}?tab=commands"), name(device));
        let note =
            if held.note.is_empty() { held.what.clone() } else { format!("{}: {}", held.what, held.note) };
        return cell::prose(cell::lines(link, note));
    }
    let named: Vec<String> = held.devices.iter().take(5).map(|id| name(*id)).collect();
    let more = held.withdraws.unwrap_or(0) as usize;
    let text = match named.as_slice() {
        [] => String::new(),
        some if more > some.len() => format!("{} and {} more", some.join(", "), more - some.len()),
        some => some.join(", "),
    };
    cell::prose(cell::lines(cell::open(format!("{PATH}/{}", held.id), &held.what), text))
}

fn limit_card(cx: &Cx, limits: &Limits) -> Html {
    let limit = format!("{} an hour", limits.limit);
    let source = if limits.settings.limit.is_some() {
        "set by a system administrator"
    } else {
        "five, or one in a hundred devices, whichever is more"
    };
    let made = limits.recovery_code_made_at;
    let facts = Facts::new([
        Fact::new("Destructive commands without a second person", cell::text(limit)).source(source),
        Fact::new("Used in the last hour", cell::text(limits.spent.to_string()))
            .source("counted in the time that the server ran"),
        Fact::new(
            "Devices that lost access by changes in the last hour",
            cell::text(limits.withdrawn.to_string()),
        )
        .source("a change may take it from as many as are left"),
        Fact::new("Held for", cell::text(words::count(limits.settings.held_days as usize, "day", "days"))),
        Fact::new(
            "Wipes of the mail server",
            cell::text(if limits.settings.always_relay { "always relayed" } else { "held above the limit" }),
        ),
        Fact::new("Sealed recovery code", made.map_or_else(|| cell::text("none"), |at| cx.ago(at).into()))
            .source("for an organization with one administrator"),
        outside(cx, limits),
        Fact::new("Others who could approve now", cell::text(limits.others.to_string()))
            .source("with the permission, a second factor, and an account older than a day"),
    ]);
    let mut actions: Vec<Html> = Vec::new();
    if cx.can(Permission::OrganizationEdit) {
        actions.push(Button::link("Change", format!("{PATH}/limit")).small().into());
    }
    if cx.can(Permission::DevicesWipeOverride) {
        let name = Button::link("Name an outside approver", format!("{PATH}/outside-approver"));
        actions.push(name.small().into());
        actions.push(Button::link("Make a recovery code", format!("{PATH}/recovery-code")).small().into());
    }
    Card::new("The limit", facts).aside(Html::join(actions)).into()
}

fn outside(cx: &Cx, limits: &Limits) -> Fact {
    let fact = |value: Html| Fact::new("Outside approver", value);
    let Some(named) = &limits.outside else {
        return fact(cell::text("every system administrator")).source("nobody was named");
    };
    let who = cell::text(named.username.as_deref().unwrap_or("nobody"));
    let since = if named.counts { "named" } else { "counts 24 hours after it was named," };
    fact(who).source(Html::join([Html::text(format!("{since} ")), cx.ago(named.named_at).into()]))
}

/// Said where nobody could approve what this reader orders.
fn alone(cx: &Cx, limits: &Limits) -> Option<Html> {
    let nobody = limits.others == 0 && limits.recovery_code_made_at.is_none();
    (nobody && cx.can(Permission::DevicesWipeOverride)).then(|| {
        let text = "What you order above the limit could not be approved by anybody. Let a second administrator set up a \
                    second factor, name an outside approver, or make a recovery code: each counts a day later.";
        Note::new(Tone::Warn, "There is no second person yet", text).into()
    })
}

pub async fn decide(cx: Cx, Form(data): Form) -> Answer {
    let items: Vec<HeldId> = if data.ticked("all") {
        approvals::list(&cx.engine, &cx.scope, usize::MAX)?.0.into_iter().map(|held| held.id).collect()
    } else {
        data.all("item").into_iter().filter_map(|id| id.parse().ok()).collect()
    };
    if items.is_empty() {
        let wrong = Wrong { general: "Tick what you want to decide on.".into(), ..Wrong::default() };
        let (head, body) = page(&cx, &data, &wrong)?;
        return cx.again(Place::Approvals, head, body);
    }
    let (verb, outcomes) = if data.text("do") == "recall" {
        ("recalled", Ok(approvals::recall(&cx.engine, &cx.scope, &items).await))
    } else {
        let witness = Witness {
            code: data.text("code").to_owned(),
            recovery_code: data.text("recovery_code").to_owned(),
        };
        ("approved", approvals::approve(&cx.engine, &cx.scope, &items, &witness).await)
    };
    let outcomes = match outcomes {
        Ok(outcomes) => outcomes,
        Err(error) => {
            let (head, body) = page(&cx, &data, &Wrong::of(error)?)?;
            return cx.again(Place::Approvals, head, body);
        }
    };
    let done = outcomes.iter().filter(|(_, outcome)| outcome.is_ok()).count();
    match outcomes.into_iter().find_map(|(_, outcome)| outcome.err()) {
        None => cx.done(PATH, format!("{} {verb}.", words::count(done, "order was", "orders were"))),
        Some(why) => {
            let rest = items.len() - done;
            let said = format!("{done} {verb}, {rest} not. {why}");
            cx.failed(PATH, said)
        }
    }
}
