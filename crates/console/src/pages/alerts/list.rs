//! The list: what is open, or everything; acknowledging and closing.

use catalog::Permission;
use domain::model::{Alert, AlertState};
use door::{Form, FormData};
use engine::alerts::{self, Act, Filter};

use super::super::frame::{Answer, Cx, Oops, PostButton, Wrong, hidden_value};
use super::super::words;
use super::{PATH, SETTINGS, tone, word};
use crate::parts::{Button, Card, Chip, EmptyState, Head, Html, Icon, Place, Table, Tone, cell};

/// Alerts on a page.
const PAGE: u32 = 50;

pub async fn show(cx: Cx) -> Answer {
    let everything = cx.asked("show") == "all";
    let states = if everything { Vec::new() } else { vec![AlertState::New, AlertState::Acknowledged] };
    let filter = Filter { states, before: cx.asked("before").parse().ok(), ..Filter::default() };
    let found = alerts::list(&cx.engine, &cx.scope, filter, PAGE).await?;
    let open = alerts::open(&cx.engine, &cx.scope).await?;
    let new: i64 = open.new.iter().sum();
    let lead = match (new, open.acknowledged) {
        (0, 0) => "Nobody has to do anything.".to_owned(),
        (new, taken) => format!("{new} wait for somebody, {taken} are taken care of."),
    };
    let mut head = Head::new("Alerts", lead);
    head = head.action(if everything {
        Button::link("Only open ones", PATH)
    } else {
        Button::link("Closed ones too", format!("{PATH}?show=all"))
    });
    if cx.outside() || cx.can(Permission::ComplianceView) {
        head = head.action(Button::link("Alert settings", SETTINGS));
    }
    let unseen: Vec<_> = found.iter().filter(|a| a.state == AlertState::New).collect();
    if may_handle(&cx) && unseen.len() > 1 {
        let label = format!("Acknowledge all {} shown", unseen.len());
        head.actions.push(button(&cx, "acknowledge", &label, &unseen, false));
    }
    if found.is_empty() {
        let empty = EmptyState {
            icon: Icon::Ok,
            title: "There is no alert".into(),
            text: "What breaks a rule, fails or looks suspicious is listed here until somebody acknowledges it or its cause is gone."
                .into(),
            actions: Vec::new(),
        };
        return cx.page(Place::Alerts, head, vec![Card::new("", empty).into()]);
    }
    let more = found.last().filter(|_| found.len() == PAGE as usize).map(|last| {
        let all = if everything { "show=all&" } else { "" };
        Button::link("Older", format!("{PATH}?{all}before={}", last.id)).into()
    });
    let body = [Card::flush("", table(&cx, &found)).into()].into_iter().chain(more).collect();
    cx.page(Place::Alerts, head, body)
}

/// Outside of every organization there are system administrators only.
fn may_handle(cx: &Cx) -> bool {
    cx.outside() || cx.can(Permission::AlertsHandle)
}

fn table(cx: &Cx, found: &[Alert]) -> Table {
    let mut table = Table::new("Alerts", &["What", "Severity", "When", "State", ""]).tall();
    for alert in found {
        let what =
            match alert.device.filter(|id| cx.org(|org| org.devices.get(*id).is_some()).unwrap_or(false)) {
                Some(device) => cell::link(format!("/dashboard/devices/{device}"), &alert.text),
                None => Html::text(&alert.text),
            };
        let when = if alert.count > 1 {
            cell::lines(cx.ago(alert.last_at), format!("{} times", alert.count))
        } else {
            cx.ago(alert.last_at).into()
        };
        let one = [alert];
        let mut acts = Vec::new();
        if may_handle(cx) && alert.state == AlertState::New {
            acts.push(button(cx, "acknowledge", "Acknowledge", &one, true));
        }
        if may_handle(cx) && alert.is_open() {
            if !acts.is_empty() {
                acts.push(Html::text(" "));
            }
            acts.push(button(cx, "close", "Close", &one, true));
        }
        table = table.row([
            if alert.detail.is_empty() { what } else { cell::lines(what, alert.detail.clone()) },
            Chip::new(word(alert.severity), tone(alert.severity)).into(),
            when,
            state(cx, alert),
            cell::buttons(acts),
        ]);
    }
    table
}

fn state(cx: &Cx, alert: &Alert) -> Html {
    match (alert.state, &alert.acknowledged, &alert.closed) {
        (AlertState::New, ..) => Chip::new("New", Tone::Warn).into(),
        (AlertState::Acknowledged, Some((who, at)), _) => cell::lines(
            Chip::new("Acknowledged", Tone::Info),
            Html::join([Html::text(format!("{who}, ")), cx.ago(*at).into()]),
        ),
        (AlertState::Acknowledged, None, _) => Chip::new("Acknowledged", Tone::Info).into(),
        (AlertState::Closed, _, Some((who, at))) => cell::lines(
            Chip::new("Closed", Tone::Idle),
            Html::join([Html::text(format!("{who}, ")), cx.ago(*at).into()]),
        ),
        (AlertState::Closed, _, None) => Chip::new("Closed", Tone::Idle).into(),
    }
}

fn button(cx: &Cx, act: &str, label: &str, about: &[&Alert], small: bool) -> Html {
    let ids = about.iter().map(|alert| hidden_value("alert", alert.id.to_string()));
    let button = Button { label: label.into(), small, ..Button::default() };
    PostButton {
        action: format!("{PATH}/{act}"),
        hidden: cx.hidden().into_iter().chain(ids).collect(),
        button,
    }
    .into()
}

async fn done(cx: Cx, data: FormData, act: Act, said: &str) -> Answer {
    let ids = data.all("alert").into_iter().filter_map(|id| id.parse().ok()).collect();
    match alerts::act(&cx.engine, &cx.scope, ids, act).await {
        Ok(count) => cx.done(PATH, format!("{} {said}.", words::count(count, "alert was", "alerts were"))),
        Err(error) => cx.failed(PATH, Wrong::of(error)?.rest(&[])),
    }
}

pub async fn acknowledge(cx: Cx, Form(data): Form) -> Answer {
    done(cx, data, Act::Acknowledge, "acknowledged").await
}

pub async fn close(cx: Cx, Form(data): Form) -> Answer {
    done(cx, data, Act::Close, "closed").await
}

/// The newest open alerts, for the dashboard; nothing for who may not see them.
pub async fn newest(cx: &Cx) -> Result<Html, Oops> {
    if !cx.can(Permission::AlertsView) {
        return Ok(Html::default());
    }
    let open = alerts::open(&cx.engine, &cx.scope).await?;
    let [critical, warning, informational] = open.new;
    let counts = format!(
        "{critical} critical, {warning} warnings, {informational} informational, {} taken care of",
        open.acknowledged
    );
    let filter = Filter { states: vec![AlertState::New], ..Filter::default() };
    let found = alerts::list(&cx.engine, &cx.scope, filter, 5).await?;
    let card = if found.is_empty() {
        let empty = EmptyState {
            icon: Icon::Ok,
            title: "No new alert".into(),
            text: "What wants somebody’s eyes is shown here.".into(),
            actions: Vec::new(),
        };
        Card::new("Alerts", empty)
    } else {
        Card::flush("Alerts", table(cx, &found))
    };
    Ok(card.aside(cell::link(PATH, counts)).into())
}
