//! Webhooks: addresses that hear what the journal says.

use catalog::Permission;
use domain::model::{Webhook, WebhookId, WebhookState};
use door::{Access, Form, FormData, Path, Routes};
use engine::webhooks::{self, WebhookInput};
use http::Method;

use super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong};
use super::words;
use crate::parts::{
    Button, ButtonKind, Card, Chip, EmptyState, FieldView, Form as FormView, Head, Html, Icon, Note, Place,
    Table, Tone, cell,
};

const PATH: &str = "/dashboard/webhooks";

/// Registers the pages.
pub fn routes(routes: Routes) -> Routes {
    let view = Access::Needs(Permission::OrganizationView);
    let edit = Access::Needs(Permission::OrganizationEdit);
    routes
        .route(Method::GET, PATH, view, list)
        .route(Method::GET, "/dashboard/webhooks/add", edit, add_show)
        .route(Method::POST, "/dashboard/webhooks/add", edit, add)
        .route(Method::GET, "/dashboard/webhooks/{id}", view, show)
        .route(Method::POST, "/dashboard/webhooks/{id}", edit, save)
        .route(Method::POST, "/dashboard/webhooks/{id}/test", edit, test)
        .route(Method::POST, "/dashboard/webhooks/{id}/resume", edit, resume)
        .route(Method::POST, "/dashboard/webhooks/{id}/secret", edit, new_secret)
        .route(Method::POST, "/dashboard/webhooks/{id}/retire", edit, retire)
        .route(Method::POST, "/dashboard/webhooks/{id}/remove", edit, remove)
}

fn chip(webhook: &Webhook, state: &WebhookState) -> Chip {
    if !webhook.on {
        Chip::new("Off", Tone::Idle)
    } else if state.paused_at.is_some() {
        Chip::new("Paused", Tone::Bad)
    } else if state.failing_since.is_some() {
        Chip::new("Tried again", Tone::Warn)
    } else {
        Chip::new("Delivers", Tone::Ok)
    }
}

async fn list(cx: Cx) -> Answer {
    // The installation's journal is not posted anywhere.
    if cx.outside() {
        return Err(Oops::not_found("page"));
    }
    let all = webhooks::list(&cx.engine, &cx.scope).await?;
    let add =
        || Button::link("Add webhook", format!("{PATH}/add")).kind(ButtonKind::Primary).icon(Icon::Plus);
    let mut head = Head::new(
        "Webhooks",
        "What the journal says, posted to addresses of yours: signed, in order, again until it is taken.",
    );
    if cx.can(Permission::OrganizationEdit) {
        head = head.action(add());
    }
    if all.is_empty() {
        let empty = EmptyState {
            icon: Icon::Message,
            title: "There is no webhook".into(),
            text: "A ticket system, a chat or a SIEM can hear of everything here seconds after it happened."
                .into(),
            actions: if cx.can(Permission::OrganizationEdit) { vec![add()] } else { Vec::new() },
        };
        return cx.page(Place::Webhooks, head, vec![Card::new("", empty).into()]);
    }
    let mut table = Table::new("Webhooks", &["Webhook", "State", "Hears", "Up to entry"]).tall();
    for (webhook, state) in &all {
        let hears =
            if webhook.events.is_empty() { "everything".to_owned() } else { webhook.events.join(", ") };
        table = table.row([
            cell::lines(cell::open(format!("{PATH}/{}", webhook.id), &webhook.name), webhook.url.clone()),
            chip(webhook, state).into(),
            Html::text(hears),
            Html::text(state.sequence.to_string()),
        ]);
    }
    cx.page(Place::Webhooks, head, vec![Card::flush("", table).into()])
}

/// Kinds of events that can be ticked: what keys begin with, with an example.
fn areas() -> Vec<(String, String, String)> {
    let mut areas: Vec<(String, String, String)> = Vec::new();
    for event in catalog::EVENTS {
        let area = format!("{}.", event.key.split('.').next().unwrap_or_default());
        if areas.iter().all(|(known, ..)| *known != area) {
            let label = event.label.replace("{name}", "…").replace("{command}", "a command");
            areas.push((area.clone(), area, format!("such as: {label}")));
        }
    }
    areas
}

fn stored(webhook: &Webhook) -> FormData {
    let mut pairs = vec![("name".to_owned(), webhook.name.clone()), ("url".to_owned(), webhook.url.clone())];
    if webhook.on {
        pairs.push(("on".to_owned(), "on".to_owned()));
    }
    let known = areas();
    let (ticked, typed): (Vec<_>, Vec<_>) =
        webhook.events.iter().partition(|event| known.iter().any(|(area, ..)| area == *event));
    pairs.extend(ticked.into_iter().map(|event| ("events".to_owned(), event.clone())));
    pairs.push(("more".to_owned(), typed.into_iter().cloned().collect::<Vec<_>>().join("\n")));
    FormData::new(pairs)
}

fn input(data: &FormData) -> WebhookInput {
    let events = data.all("events").into_iter().map(str::to_owned).chain(data.lines("more")).collect();
    WebhookInput {
        name: data.text("name").to_owned(),
        url: data.text("url").to_owned(),
        events,
        on: data.ticked("on"),
    }
}

fn form(cx: &Cx, id: Option<WebhookId>, data: &FormData, wrong: &Wrong) -> Html {
    let may = cx.can(Permission::OrganizationEdit);
    let entered = Entered { data, wrong };
    let mut fields = vec![
        entered.text("name", "Name"),
        entered
            .text("url", "Address")
            .help("It must begin with https://, with a certificate that browsers accept."),
        entered.switch("on", "Deliver"),
        entered.ticks("events", "Hears", &areas()).help("Nothing ticked: everything."),
        entered.area("more", "Or single events").help("One key to a line, such as alert.raised.").optional(),
    ];
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let action = id.map_or_else(|| format!("{PATH}/add"), |id| format!("{PATH}/{id}"));
    let label = if id.is_some() { "Save webhook" } else { "Add webhook" };
    let form = FormView {
        id: "webhook-form".into(),
        action,
        hidden: cx.hidden(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit(label)] } else { Vec::new() },
    };
    Card::new("Webhook", form).into()
}

fn add_head() -> Head {
    Head::new("Add webhook", "It hears what happens from now on.").under("Webhooks", PATH)
}

async fn add_show(cx: Cx) -> Answer {
    let data = FormData::new(vec![("on".to_owned(), "on".to_owned())]);
    let body = vec![form(&cx, None, &data, &Wrong::default())];
    cx.page(Place::Webhooks, add_head(), body)
}

async fn add(cx: Cx, Form(data): Form) -> Answer {
    match webhooks::create(&cx.engine, &cx.scope, input(&data)).await {
        Ok((id, secret)) => told(&cx, id, &secret).await,
        Err(error) => {
            let body = vec![form(&cx, None, &data, &Wrong::of(error)?)];
            cx.again(Place::Webhooks, add_head(), body)
        }
    }
}

/// The page with a secret, which is shown this once.
async fn told(cx: &Cx, id: WebhookId, secret: &str) -> Answer {
    let (head, mut body) = page(cx, id, None).await?;
    let note = Note::new(
        Tone::Ok,
        "Copy the secret now",
        Html::rich("It is not shown again. Give it to the receiver: `{}`", &[secret]),
    );
    body.insert(0, note.into());
    cx.page(Place::Webhooks, head, body)
}

async fn page(cx: &Cx, id: WebhookId, typed: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let all = webhooks::list(&cx.engine, &cx.scope).await?;
    let found = all.into_iter().find(|(webhook, _)| webhook.id == id);
    let (webhook, state) = found.ok_or(engine::Error::NotFound("webhook"))?;
    let mut head = Head::new(webhook.name.clone(), webhook.url.clone()).under("Webhooks", PATH);
    let act = |act: &str, label: &str| -> Html {
        let button = Button { label: label.into(), ..Button::default() };
        PostButton { action: format!("{PATH}/{id}/{act}"), hidden: cx.hidden(), button }.into()
    };
    if cx.can(Permission::OrganizationEdit) {
        head.actions.push(act("test", "Test"));
        if state.paused_at.is_some() {
            head.actions.push(act("resume", "Resume"));
        }
        head.actions.push(act("secret", "New secret"));
        if webhook.secrets.len() > 1 {
            head.actions.push(act("retire", "Retire old secret"));
        }
        head.actions.push(PostButton::remove(format!("{PATH}/{id}/remove"), cx.hidden()).into());
    }
    let mut body = Vec::new();
    if let Some(at) = state.paused_at {
        let words = Html::join([
            Html::text(
                "Nothing was taken for three days. What was missed is delivered when you resume. Since ",
            ),
            cx.ago(at).into(),
        ]);
        body.push(Note::new(Tone::Bad, "Paused", words).into());
    }
    let (stored, right) = (stored(&webhook), Wrong::default());
    let (data, wrong) = typed.unwrap_or((&stored, &right));
    body.push(form(cx, Some(id), data, wrong));
    body.push(log(cx, id).await?);
    Ok((head, body))
}

async fn log(cx: &Cx, id: WebhookId) -> Result<Html, Oops> {
    let deliveries = webhooks::deliveries(&cx.engine, &cx.scope, id, 20).await?;
    if deliveries.is_empty() {
        let empty = EmptyState {
            icon: Icon::Clock,
            title: "Nothing was delivered yet".into(),
            text: "The last deliveries are listed here.".into(),
            actions: Vec::new(),
        };
        return Ok(Card::new("Deliveries", empty).into());
    }
    let mut table = Table::new("Deliveries", &["When", "Entries", "Outcome"]);
    for delivery in &deliveries {
        let entries = match (delivery.first, delivery.last) {
            (0, _) => "a test".to_owned(),
            (first, last) if first == last => first.to_string(),
            (first, last) => {
                format!("{first} to {last}, {}", words::count(delivery.events as usize, "event", "events"))
            }
        };
        let tone = if delivery.taken { Tone::Ok } else { Tone::Bad };
        table = table.row([
            cx.ago(delivery.at).into(),
            Html::text(entries),
            Chip::new(delivery.outcome.clone(), tone).into(),
        ]);
    }
    Ok(Card::flush("Deliveries", table).into())
}

async fn show(cx: Cx, Path(id): Path<WebhookId>) -> Answer {
    let (head, body) = page(&cx, id, None).await?;
    cx.page(Place::Webhooks, head, body)
}

async fn save(cx: Cx, Path(id): Path<WebhookId>, Form(data): Form) -> Answer {
    match webhooks::edit(&cx.engine, &cx.scope, id, input(&data)).await {
        Ok(()) => cx.done(&format!("{PATH}/{id}"), "Saved."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = page(&cx, id, Some((&data, &wrong))).await?;
            cx.again(Place::Webhooks, head, body)
        }
    }
}

async fn test(cx: Cx, Path(id): Path<WebhookId>, Form(_): Form) -> Answer {
    let to = format!("{PATH}/{id}");
    match webhooks::test(&cx.engine, &cx.scope, id).await? {
        Ok(status) => cx.done(&to, format!("The receiver took it ({status}).")),
        Err(error) => cx.failed(&to, error.to_string()),
    }
}

async fn resume(cx: Cx, Path(id): Path<WebhookId>, Form(_): Form) -> Answer {
    webhooks::resume(&cx.engine, &cx.scope, id, None).await?;
    cx.done(&format!("{PATH}/{id}"), "Deliveries go on where they stopped.")
}

async fn new_secret(cx: Cx, Path(id): Path<WebhookId>, Form(_): Form) -> Answer {
    let secret = webhooks::new_secret(&cx.engine, &cx.scope, id).await?;
    told(&cx, id, &secret).await
}

async fn retire(cx: Cx, Path(id): Path<WebhookId>, Form(_): Form) -> Answer {
    webhooks::retire_secret(&cx.engine, &cx.scope, id).await?;
    cx.done(&format!("{PATH}/{id}"), "Only the newest secret signs from now on.")
}

async fn remove(cx: Cx, Path(id): Path<WebhookId>, Form(_): Form) -> Answer {
    webhooks::remove(&cx.engine, &cx.scope, id).await?;
    cx.done(PATH, "The webhook was removed.")
}
