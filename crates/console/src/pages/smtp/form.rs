//! Setting the server, trying it, taking it away.

use catalog::Permission;
use domain::model::{SmtpSecurity, SmtpServer};
use door::{Form, FormData};
use engine::mail::{self, SmtpInput};

use super::super::frame::{Answer, Cx, Entered, Oops, PostButton, Wrong, hidden_value};
use super::{Whose, log};
use crate::parts::{Button, Card, FieldView, Form as FormView, Head, Html, Icon, Note, Place, Tone};

fn stored(server: Option<&SmtpServer>) -> FormData {
    let text = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    let Some(server) = server else {
        let new = SmtpInput::default();
        return FormData::new(vec![
            text("port", &new.port.to_string()),
            text("security", "tls"),
            text("hourly_limit", &new.hourly_limit.to_string()),
        ]);
    };
    let security = match server.security {
        SmtpSecurity::Tls => "tls",
        SmtpSecurity::Starttls => "starttls",
        SmtpSecurity::Plain => "plain",
    };
    FormData::new(vec![
        text("host", &server.host),
        text("port", &server.port.to_string()),
        text("security", security),
        text("roots", &server.roots),
        text("username", &server.username),
        text("sender", server.sender.as_str()),
        text("sender_name", server.sender_name.as_str()),
        text("reply_to", server.reply_to.as_ref().map_or("", |a| a.as_str())),
        text("hourly_limit", &server.hourly_limit.to_string()),
    ])
}

fn input(data: &FormData) -> SmtpInput {
    let text = |name: &str| data.text(name).to_owned();
    SmtpInput {
        host: text("host"),
        port: data.text("port").parse().unwrap_or(0),
        security: match data.text("security") {
            "starttls" => SmtpSecurity::Starttls,
            "plain" => SmtpSecurity::Plain,
            _ => SmtpSecurity::Tls,
        },
        roots: text("roots"),
        username: text("username"),
        password: Some(data.raw("password").to_owned()).filter(|password| !password.is_empty()),
        sender: text("sender"),
        sender_name: text("sender_name"),
        reply_to: text("reply_to"),
        hourly_limit: data.text("hourly_limit").parse().unwrap_or(0),
    }
}

fn fields(entered: &Entered<'_>, has_password: bool) -> Vec<FieldView> {
    let security = [
        ("tls", "TLS", "From the first byte; usually port 465."),
        ("starttls", "STARTTLS", "Begins in the clear and must change to TLS; usually port 587."),
        ("plain", "No TLS", "Only for a server on this same host."),
    ];
    let security: Vec<_> =
        security.iter().map(|(v, l, h)| ((*v).to_owned(), (*l).to_owned(), (*h).to_owned())).collect();
    let kept = if has_password {
        "Leave it empty to keep the present one. For another host or user name it must be entered again."
    } else {
        "Kept sealed, never shown again."
    };
    vec![
        entered.text("host", "Host").help("Such as smtp.example.com."),
        entered.radio("security", "Protection", &security),
        entered.number("port", "Port", (1, 65_535), ""),
        entered
            .area("roots", "Trusted roots")
            .help("For a certificate authority of your own, in PEM form. Empty: the public authorities.")
            .optional(),
        entered.text("username", "User name").help("Empty: without signing in.").optional(),
        entered.secret("password", "Password", "off").help(kept).optional(),
        entered.email("sender", "Sender").help("The address that mail comes from."),
        entered.text("sender_name", "Sender’s name").optional(),
        entered.email("reply_to", "Answers go to").help("Empty: to the sender.").optional(),
        entered
            .number("hourly_limit", "Mails in an hour", (1, 100_000), "mails")
            .help("What is beyond waits for the next hour."),
    ]
}

async fn page(cx: &Cx, whose: &Whose, data: Option<(&FormData, &Wrong)>) -> Result<(Head, Vec<Html>), Oops> {
    let (rev, server) = mail::server(&cx.engine, &whose.scope)?;
    let may = whose.system || cx.can(Permission::OrganizationEdit);
    let (stored, right) = (stored(server.as_ref()), Wrong::default());
    let (data, wrong) = data.unwrap_or((&stored, &right));
    let has_password = server.as_ref().is_some_and(|server| server.password.is_some());
    let mut fields = fields(&Entered { data, wrong }, has_password);
    if !may {
        fields = fields.into_iter().map(FieldView::read_only).collect();
    }
    let form = FormView {
        id: "smtp-form".into(),
        action: whose.path().into(),
        hidden: [cx.hidden(), vec![hidden_value("rev", rev.to_string())]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: if may { vec![Button::submit("Save server")] } else { Vec::new() },
    };
    let mut body = Vec::new();
    if server.is_none() && !whose.system {
        body.push(
            if mail::has_way_out(&cx.engine, cx.scope.organization()) {
                Note::new(
                    Tone::Info,
                    "The installation’s server is used",
                    "Set one here if mail should come from an address of your own.",
                )
            } else {
                Note::new(
                    Tone::Warn,
                    "No mail can go out",
                    "Alerts are shown in the console only, and users hear nothing, until a server is set.",
                )
            }
            .into(),
        );
    }
    if may && (server.is_some() || !whose.system && mail::has_way_out(&cx.engine, cx.scope.organization())) {
        body.push(test_card(cx, whose));
    }
    body.push(Card::new("Server", form).into());
    if !whose.system {
        body.push(log::card(cx, None, 8).await?);
    }
    let lead = if whose.system {
        "Takes the mail of organizations that have no server of their own."
    } else {
        "Takes the mail of this organization: alerts to administrators, notifications to users."
    };
    let mut head = Head::new("SMTP Server", lead);
    if whose.system {
        head = head.under("Organizations", "/dashboard/organizations");
    }
    if server.is_some() && may {
        head.actions.push(PostButton::remove(format!("{}/remove", whose.path()), cx.hidden()).into());
    }
    Ok((head, body))
}

fn test_card(cx: &Cx, whose: &Whose) -> Html {
    let (data, wrong) = (FormData::default(), Wrong::default());
    let form = FormView {
        id: "test-form".into(),
        action: format!("{}/test", whose.path()),
        hidden: cx.hidden(),
        error: String::new(),
        fields: vec![
            Entered { data: &data, wrong: &wrong }
                .email("recipient", "Send a test mail to")
                .help("Empty: connect, check the certificate and sign in only.")
                .optional(),
        ],
        buttons: vec![Button { label: "Test".into(), icon: Some(Icon::Refresh), ..Button::default() }],
    };
    Card::new("Test", form).aside("says what is wrong").into()
}

fn place(whose: &Whose) -> Place {
    if whose.system { Place::Organizations } else { Place::SmtpServer }
}

async fn shown(cx: Cx, whose: Whose) -> Answer {
    let (head, body) = page(&cx, &whose, None).await?;
    cx.page(place(&whose), head, body)
}

async fn saved(cx: Cx, whose: Whose, data: FormData) -> Answer {
    let seen = data.text("rev").parse().ok();
    match mail::edit_server(&cx.engine, &whose.scope, seen, input(&data)).await {
        Ok(()) => cx.done(whose.path(), "Saved. Test it before it is needed."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let (head, body) = page(&cx, &whose, Some((&data, &wrong))).await?;
            cx.again(place(&whose), head, body)
        }
    }
}

async fn tested(cx: Cx, whose: Whose, data: FormData) -> Answer {
    match mail::test_server(&cx.engine, &whose.scope, data.text("recipient")).await {
        Ok(Ok(words)) => cx.done(whose.path(), format!("It works: {words}")),
        Ok(Err(error)) => cx.failed(whose.path(), error.to_string()),
        Err(error) => cx.failed(whose.path(), Wrong::of(error)?.rest(&[])),
    }
}

async fn removed(cx: Cx, whose: Whose) -> Answer {
    match mail::remove_server(&cx.engine, &whose.scope, None).await {
        Ok(()) => cx.done(whose.path(), "The server was removed."),
        Err(error) => cx.failed(whose.path(), Wrong::of(error)?.rest(&[])),
    }
}

pub async fn show(cx: Cx) -> Answer {
    let whose = Whose::organization(&cx)?;
    shown(cx, whose).await
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let whose = Whose::organization(&cx)?;
    saved(cx, whose, data).await
}

pub async fn test(cx: Cx, Form(data): Form) -> Answer {
    let whose = Whose::organization(&cx)?;
    tested(cx, whose, data).await
}

pub async fn remove(cx: Cx, Form(_): Form) -> Answer {
    let whose = Whose::organization(&cx)?;
    removed(cx, whose).await
}

pub async fn show_system(cx: Cx) -> Answer {
    let whose = Whose::installation(&cx)?;
    shown(cx, whose).await
}

pub async fn save_system(cx: Cx, Form(data): Form) -> Answer {
    let whose = Whose::installation(&cx)?;
    saved(cx, whose, data).await
}

pub async fn test_system(cx: Cx, Form(data): Form) -> Answer {
    let whose = Whose::installation(&cx)?;
    tested(cx, whose, data).await
}

pub async fn remove_system(cx: Cx, Form(_): Form) -> Answer {
    let whose = Whose::installation(&cx)?;
    removed(cx, whose).await
}
