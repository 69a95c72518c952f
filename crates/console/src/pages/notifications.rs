//! Restriction Notifications: what users are told when access goes and comes back.

use catalog::{Permission, Rule};
use domain::model::{Device, DeviceId};
use domain::notification::{NotificationSettings, Occasion, RuleTexts};
use door::{Access, Form, FormData, Routes};
use engine::{Error, FieldIssue, notifications};
use http::Method;

use super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::words;
use crate::parts::{
    Button, Card, Chip, FieldView, Form as FormView, Head, Html, Note, Place, Table, Tone, cell,
};

const PATH: &str = "/dashboard/restriction-notifications";

/// What is told, as the page calls it.
const OCCASIONS: [(Occasion, &str); 3] = [
    (Occasion::Announced, "About to be restricted"),
    (Occasion::Restricted, "Restricted"),
    (Occasion::Restored, "Restored"),
];

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::ComplianceView);
    let edit = Access::Needs(Permission::ComplianceEdit);
    routes
        .route(Method::GET, PATH, view, list)
        .route(Method::POST, PATH, edit, save)
        .route(Method::GET, "/dashboard/restriction-notifications/rule", view, rule_show)
        .route(Method::POST, "/dashboard/restriction-notifications/rule", edit, rule_save)
}

fn page(cx: &Cx, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let (rev, messaging) = notifications::settings(&cx.engine, &cx.scope)?;
    let settings = &messaging.notifications;
    let mut pairs = vec![("repeat_hours".to_owned(), settings.repeat_hours.to_string())];
    if settings.on {
        pairs.push(("on".to_owned(), "on".to_owned()));
    }
    let (stored, right) = (FormData::new(pairs), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let may = cx.can(Permission::ComplianceEdit);
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.switch("on", "Write to users").help("By mail, to the address of the device’s user."),
        entered
            .number("repeat_hours", "Tell again after", (0, 720), "hours")
            .help("While access stays restricted. 0: once."),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let form = FormView {
        id: "notifications-form".into(),
        action: PATH.into(),
        hidden: [cx.hidden(), vec![hidden_value("rev", rev.to_string())]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save")] } else { Vec::new() },
    };
    let mut body = Vec::new();
    if settings.on && !engine::mail::has_way_out(&cx.engine, cx.scope.organization()) {
        let words = Html::rich("Mail needs an [SMTP server](/dashboard/smtp-server).", &[]);
        body.push(Note::new(Tone::Warn, "Nobody is written to yet", words).into());
    }
    let silent = notifications::without_address(&cx.engine, &cx.scope)?;
    if settings.on && silent > 0 {
        let title = words::count(silent, "user has no mail address", "users have no mail address");
        let text = "They are not written to. Enter the address on the page of the user.";
        body.push(Note::new(Tone::Info, title, Html::text(text)).into());
    }
    body.push(Card::new("All rules", form).into());
    body.push(Card::flush("Texts by rule", table(settings)).into());
    let lead = "Why, what helps, and until when: users who know it mend most of it themselves.";
    Ok((Head::new("Restriction Notifications", lead), body))
}

fn table(settings: &NotificationSettings) -> Table {
    let mut table = Table::new("Texts by rule", &["Rule", "Users are told", "Texts"]).tall();
    for rule in catalog::RULES {
        let own = settings.rules.get(&rule.id);
        let told = match (settings.on, own.is_some_and(|texts| texts.silent)) {
            (false, _) => Chip::new("Off", Tone::Idle),
            (true, true) => Chip::new("Not for this rule", Tone::Idle),
            (true, false) => Chip::new("Yes", Tone::Ok),
        };
        table = table.row([
            cell::lines(cell::open(format!("{PATH}/rule?rule={}", rule.id.key()), rule.label), rule.remedy),
            told.into(),
            if own.is_some() { Chip::new("Changed", Tone::Info).into() } else { cell::muted("usual") },
        ]);
    }
    table
}

async fn list(cx: Cx) -> Answer {
    let (head, body) = page(&cx, None)?;
    cx.page(Place::RestrictionNotifications, head, body)
}

async fn save(cx: Cx, Form(data): Form) -> Answer {
    let (_, messaging) = notifications::settings(&cx.engine, &cx.scope)?;
    let seen = data.text("rev").parse().ok();
    let saved = match data.text("repeat_hours").parse() {
        Ok(repeat_hours) => {
            let rules = messaging.notifications.rules.clone();
            let new = NotificationSettings { on: data.ticked("on"), repeat_hours, rules };
            notifications::edit_settings(&cx.engine, &cx.scope, seen, new).await
        }
        Err(_) => Err(Error::Invalid(vec![FieldIssue {
            field: "repeat_hours".into(),
            message: "Enter a whole number of hours; 0 tells once.".into(),
        }])),
    };
    match saved {
        Ok(()) => cx.done(PATH, "Saved."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = page(&cx, Some((&data, &wrong)))?;
            cx.again(Place::RestrictionNotifications, head, body)
        }
    }
}

fn find(key: &str) -> Result<&'static Rule, Oops> {
    catalog::RULES.iter().copied().find(|rule| rule.id.key() == key).ok_or_else(|| Oops::not_found("rule"))
}

fn stored(texts: &RuleTexts) -> FormData {
    let mut pairs: Vec<_> = [
        ("reason", &texts.reason),
        ("remediation", &texts.remediation),
        ("announced", &texts.announced),
        ("restricted", &texts.restricted),
        ("restored", &texts.restored),
    ]
    .into_iter()
    .map(|(name, text)| (name.to_owned(), text.clone()))
    .collect();
    if texts.silent {
        pairs.push(("silent".to_owned(), "on".to_owned()));
    }
    FormData::new(pairs)
}

fn rule_page(cx: &Cx, rule: &Rule, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let (rev, messaging) = notifications::settings(&cx.engine, &cx.scope)?;
    let texts = messaging.notifications.rules.get(&rule.id).cloned().unwrap_or_default();
    let (stored, right) = (stored(&texts), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    let may = cx.can(Permission::ComplianceEdit);
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.switch("silent", "Do not write to users because of this rule"),
        entered
            .text("reason", "Why")
            .help("Instead of what was found. Cisco ISE shows it as failure reason; at most 255 characters.")
            .optional(),
        entered
            .text("remediation", "What helps")
            .help(format!("Instead of “{}” Cisco ISE shows it as remediation.", rule.remedy))
            .optional(),
    ];
    fields.extend(OCCASIONS.map(|(occasion, label)| {
        let usual = occasion.text().split_whitespace().collect::<Vec<_>>().join(" ");
        entered.area(occasion.key(), label).help(format!("Empty: “{usual}”")).optional()
    }));
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let form = FormView {
        id: "notification-form".into(),
        action: format!("{PATH}/rule"),
        hidden: [
            cx.hidden(),
            vec![hidden_value("rev", rev.to_string()), hidden_value("rule", rule.id.key())],
        ]
        .concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save")] } else { Vec::new() },
    };
    let lead = "In texts stand {user}, {device}, {reason}, {remediation}, {admin_contact} and {deadline} for what they say.";
    let head = Head::new(rule.label, lead).under("Restriction Notifications", PATH);
    let mut body = vec![Card::new("Texts", form).into()];
    if let Some(preview) = preview(cx, rule) {
        body.push(preview);
    }
    Ok((head, body))
}

/// What the user of a real device would read: of the one that was asked for, else of one that breaks the rule, else of
/// any.
fn preview(cx: &Cx, rule: &Rule) -> Option<Html> {
    if !cx.can(Permission::DevicesView) {
        return None;
    }
    let asked: Option<DeviceId> = cx.asked("device").parse().ok();
    let (device, name) = cx
        .org(|org| {
            let breaks = |device: &Device| device.verdict.finding(rule.id).is_some();
            let asked = asked.and_then(|id| org.devices.get(id));
            let device = asked.or_else(|| org.devices.iter().find(|device| breaks(device)));
            device.or_else(|| org.devices.iter().next()).map(|device| (device.id, device.name.clone()))
        })
        .ok()
        .flatten()?;
    let mut table = Table::new("Preview", &["When", "Mail"]).tall();
    let mut recipient = None;
    for (occasion, label) in OCCASIONS {
        let mail = notifications::preview(&cx.engine, &cx.scope, device, occasion, rule.id, None).ok()?;
        let lines = mail.text.lines().filter(|line| !line.is_empty());
        let lines = Html::stack(lines.map(|line| cell::prose(line.to_owned())));
        table = table.row([Html::text(label), cell::lines(Html::rich("**{}**", &[&mail.subject]), lines)]);
        recipient = mail.recipient;
    }
    let to = recipient.map_or_else(
        || "Nobody is written to: the user has no mail address.".to_owned(),
        |address| format!("It goes to {address}."),
    );
    let card = Card::flush("What the user reads, with the saved texts", table);
    Some(card.aside(cell::link(format!("/dashboard/devices/{device}"), name)).footer(to).into())
}

async fn rule_show(cx: Cx) -> Answer {
    if cx.asked("rule").is_empty() {
        return list(cx).await;
    }
    let rule = find(cx.asked("rule"))?;
    let (head, body) = rule_page(&cx, rule, None)?;
    cx.page(Place::RestrictionNotifications, head, body)
}

async fn rule_save(cx: Cx, Form(data): Form) -> Answer {
    let rule = find(data.text("rule"))?;
    let (_, messaging) = notifications::settings(&cx.engine, &cx.scope)?;
    let text = |name: &str| data.text(name).replace("\r\n", "\n");
    let texts = RuleTexts {
        silent: data.ticked("silent"),
        reason: text("reason"),
        remediation: text("remediation"),
        announced: text("announced"),
        restricted: text("restricted"),
        restored: text("restored"),
    };
    let mut new = messaging.notifications.clone();
    new.rules.insert(rule.id, texts);
    let seen = data.text("rev").parse().ok();
    match notifications::edit_settings(&cx.engine, &cx.scope, seen, new).await {
        Ok(()) => {
            cx.done(&format!("{PATH}/rule?rule={}", rule.id.key()), "Saved. Read below what users get.")
        }
        Err(error) => {
            let mut wrong = Wrong::of(error)?;
            // The engine names a field by rule; the form has one rule only.
            let prefix = format!("rules.{}.", rule.id.key());
            for issue in &mut wrong.issues {
                if let Some(field) = issue.field.strip_prefix(&prefix) {
                    issue.field = field.to_owned();
                }
            }
            let (head, body) = rule_page(&cx, rule, Some((&data, &wrong)))?;
            cx.again(Place::RestrictionNotifications, head, body)
        }
    }
}
