//! Writing to many: what, to whom, what it would look like, and how many would read it, before anything is sent.

use catalog::LetterKind;
use domain::letter::Template;
use domain::model::UserId;
use door::{Form, FormData};
use engine::letters::{self, Audience, Order};
use engine::{Error, Scope};

use super::super::devices::choices;
use super::super::frame::{Answer, Cx, Entered, Oops, Wrong, hidden_value};
use super::super::words;
use super::{MAILINGS, PATH, SYSTEM};
use crate::parts::{
    Button, ButtonKind, Card, Columns, Form as FormView, Head, Html, LetterPreview, Note, Place, Tone, Widths,
};

const FORM: &str = "mailing-form";

/// A ticket of a page: the same page sent twice sends nothing twice.
fn ticket(cx: &Cx) -> String {
    cx.engine.entropy().guid().simple().to_string()
}

fn message(data: &FormData) -> Template {
    Template {
        subject: data.text("subject").to_owned(),
        body: data.raw("body").replace("\r\n", "\n").trim_end().to_owned(),
    }
}

/// What a form orders from users.
fn order(data: &FormData) -> Order {
    let audience = match data.text("to") {
        "group" => data.text("group").parse().map_or_else(|_| Audience::Users(Vec::new()), Audience::Group),
        "without" => Audience::WithoutDevice,
        "picked" => Audience::Users(data.all("id").into_iter().filter_map(|id| id.parse().ok()).collect()),
        _ => Audience::Found(data.text("search").to_owned()),
    };
    Order {
        kind: LetterKind::GroupMail,
        ticket: data.text("ticket").to_owned(),
        audience,
        message: message(data),
    }
}

pub async fn show(cx: Cx) -> Answer {
    let data = FormData::new(vec![
        ("to".into(), if cx.asked("group").is_empty() { "all" } else { "group" }.into()),
        ("group".into(), cx.asked("group").into()),
        ("ticket".into(), ticket(&cx)),
    ]);
    let (head, body) = page(&cx, &data, &Wrong::default(), None)?;
    cx.page(Place::Letters, head, body)
}

/// The page for users who were picked in the list.
pub fn picked(cx: &Cx, ids: &[UserId]) -> Answer {
    let mut pairs = vec![("to".to_owned(), "picked".to_owned()), ("ticket".to_owned(), ticket(cx))];
    pairs.extend(ids.iter().map(|id| ("id".to_owned(), id.to_string())));
    let (head, body) = page(cx, &FormData::new(pairs), &Wrong::default(), None)?;
    cx.page(Place::Letters, head, body)
}

fn page(
    cx: &Cx,
    data: &FormData,
    wrong: &Wrong,
    seen: Option<&letters::Preview>,
) -> Result<(Head, Vec<Html>), Oops> {
    let entered = Entered { data, wrong };
    let picked = data.text("to") == "picked";
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("ticket", data.text("ticket")));
    let mut fields = Vec::new();
    if picked {
        hidden.push(hidden_value("to", "picked"));
        hidden.extend(data.all("id").into_iter().map(|id| hidden_value("id", id)));
    } else {
        let choice = |value: &str, label: &str| (value.to_owned(), label.to_owned());
        let to = [
            choice("all", "All users, or those that a text finds"),
            choice("group", "A group"),
            choice("without", "Users without a device"),
        ];
        fields.push(entered.select("to", "To", &to));
        fields.push(
            entered
                .text("search", "With this in name or address")
                .help("For all users; may be empty.")
                .optional(),
        );
        fields.push(entered.select("group", "Group", &choices::groups(cx, "No group")?));
    }
    fields.push(entered.text("subject", "Subject"));
    fields.push(entered.area("body", "Text").help(
        "**strong**, *emphasis*, - item, [words](https://…); {user.first_name} and the other placeholders of letters. \
         What stands around it is the letter Group e-mail.",
    ));
    let head =
        Head::new("Write to users", "One mail to each of them. Nothing is sent before you have seen it.")
            .under(Place::Letters.label(), PATH)
            .under("Mailings", MAILINGS);
    let body = both((format!("{MAILINGS}/compose"), MAILINGS.to_owned()), hidden, fields, wrong, seen);
    Ok((head, body))
}

/// The form and, once it was looked at, how many read it and what.
fn both(
    (action, back): (String, String),
    hidden: Vec<(String, String)>,
    fields: Vec<crate::parts::FieldView>,
    wrong: &Wrong,
    seen: Option<&letters::Preview>,
) -> Vec<Html> {
    let act = |label: String, act: &str| Button {
        label,
        send: Some(("act".into(), act.into())),
        ..Button::default()
    };
    let mut buttons = vec![Button { kind: ButtonKind::Primary, ..act("Look at it".into(), "preview") }];
    if let Some(seen) = seen {
        let people = words::count(seen.recipients - seen.unreachable, "person", "people");
        buttons = vec![
            Button { kind: ButtonKind::Primary, ..act(format!("Send it to {people}"), "send") },
            act("Look at it again".into(), "preview"),
        ];
    }
    buttons.push(Button::link("Cancel", back));
    let form = FormView { id: FORM.into(), action, hidden, error: wrong.rest(&fields), fields, buttons };
    let form = Card::new("", form).into();
    match seen {
        Some(seen) => vec![Columns::new(Widths::Two, [form, foreseen(seen)]).into()],
        None => vec![form],
    }
}

fn foreseen(seen: &letters::Preview) -> Html {
    let people = words::count(seen.recipients, "person", "people");
    let words = match seen.unreachable {
        0 => format!("{}: {people}.", seen.audience),
        some => format!(
            "{}: {people}, of whom {} cannot be written to, without an address.",
            seen.audience,
            words::grouped(some)
        ),
    };
    let preview =
        LetterPreview::new("What they read", &seen.letter).aside(Html::text(format!("to {}", seen.reader)));
    Html::stack([Note::new(Tone::Info, "Not sent yet", Html::text(words)).into(), preview.into()])
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let order = order(&data);
    let outcome = letters::preview(&cx.engine, &cx.scope, &order, None);
    let wrong = match (outcome, data.text("act")) {
        (Ok(_), "send") => return send(&cx, &cx.scope, order).await,
        (Ok(seen), _) => {
            let (head, body) = page(&cx, &data, &Wrong::default(), Some(&seen))?;
            return cx.page(Place::Letters, head, body);
        }
        (Err(error), _) => Wrong::of(error)?,
    };
    let (head, body) = page(&cx, &data, &wrong, None)?;
    cx.again(Place::Letters, head, body)
}

/// Orders it, and leads to what becomes of it.
pub async fn send(cx: &Cx, scope: &Scope, order: Order) -> Answer {
    let system = order.kind == LetterKind::AdministratorMail;
    match letters::order(&cx.engine, scope, order).await {
        Ok(mailing) => {
            let people = words::count(mailing.recipients as usize, "person is", "people are");
            let to = if system { SYSTEM.to_owned() } else { format!("{MAILINGS}/show?id={}", mailing.id) };
            cx.done(&to, format!("{people} written to."))
        }
        Err(error) => cx.failed(if system { SYSTEM } else { MAILINGS }, Wrong::of(error)?.rest(&[])),
    }
}

/// The letter that picked users would get, with the question whether it is sent.
pub fn bulk_preview(cx: &Cx, kind: LetterKind, ids: &[UserId], carried: Vec<(String, String)>) -> Answer {
    if kind == LetterKind::GroupMail {
        return picked(cx, ids);
    }
    let info = kind.info();
    let head = Head::new(format!("Send: {}", info.label), info.about)
        .under("Smart Devices and Users", "/dashboard/devices")
        .under("Users", "/dashboard/users");
    let order = Order {
        kind,
        ticket: String::new(),
        audience: Audience::Users(ids.to_vec()),
        message: Template::default(),
    };
    let seen = match letters::preview(&cx.engine, &cx.scope, &order, None) {
        Ok(seen) => seen,
        Err(Error::Conflict(why)) => return cx.failed("/dashboard/users", why),
        Err(error) => return Err(error.into()),
    };
    let people = words::count(seen.recipients - seen.unreachable, "person", "people");
    let form = FormView {
        id: "bulk-form".into(),
        action: "/dashboard/users/bulk".into(),
        hidden: carried.into_iter().chain([hidden_value("ticket", ticket(cx))]).collect(),
        error: String::new(),
        fields: Vec::new(),
        buttons: vec![
            Button::submit(format!("Send it to {people}")),
            Button::link("Cancel", "/dashboard/users"),
        ],
    };
    let question = Card::new("Each of them gets a new code; the code of a former letter ends.", form);
    cx.page(Place::Devices, head, vec![Columns::new(Widths::Two, [question.into(), foreseen(&seen)]).into()])
}

fn system_order(data: &FormData) -> Order {
    let organizations = data.all("organizations").into_iter().filter_map(|id| id.parse().ok()).collect();
    Order {
        kind: LetterKind::AdministratorMail,
        ticket: data.text("ticket").to_owned(),
        audience: Audience::Administrators(organizations),
        message: message(data),
    }
}

fn system_page(
    cx: &Cx,
    data: &FormData,
    wrong: &Wrong,
    seen: Option<&letters::Preview>,
) -> (Head, Vec<Html>) {
    let entered = Entered { data, wrong };
    let organizations: Vec<_> = cx
        .engine
        .directory()
        .organizations()
        .iter()
        .map(|organization| (organization.id.to_string(), organization.name.clone(), String::new()))
        .collect();
    let fields = vec![
        entered
            .ticks("organizations", "Organizations", &organizations)
            .help("None ticked: the administrators of all."),
        entered.text("subject", "Subject"),
        entered
            .area("body", "Text")
            .help("**strong**, *emphasis*, - item, [words](https://…); {user.name}, {organization.name}."),
    ];
    let head = Head::new(
        "Write to administrators",
        "One mail to each of them. Nothing is sent before you have seen it.",
    )
    .under(Place::Organizations.label(), "/dashboard/organizations")
    .under("Mail to administrators", SYSTEM);
    let mut hidden = cx.hidden();
    hidden.push(hidden_value("ticket", data.text("ticket")));
    (head, both((format!("{SYSTEM}/compose"), SYSTEM.to_owned()), hidden, fields, wrong, seen))
}

pub async fn show_system(cx: Cx) -> Answer {
    let data = FormData::new(vec![("ticket".into(), ticket(&cx))]);
    let (head, body) = system_page(&cx, &data, &Wrong::default(), None);
    cx.page(Place::Organizations, head, body)
}

pub async fn save_system(cx: Cx, Form(data): Form) -> Answer {
    let scope = cx.scope.at_installation()?;
    let order = system_order(&data);
    let wrong = match (letters::preview(&cx.engine, &scope, &order, None), data.text("act")) {
        (Ok(_), "send") => return send(&cx, &scope, order).await,
        (Ok(seen), _) => {
            let (head, body) = system_page(&cx, &data, &Wrong::default(), Some(&seen));
            return cx.page(Place::Organizations, head, body);
        }
        (Err(error), _) => Wrong::of(error)?,
    };
    let (head, body) = system_page(&cx, &data, &wrong, None);
    cx.again(Place::Organizations, head, body)
}
