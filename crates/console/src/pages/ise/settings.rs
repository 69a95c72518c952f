//! What ISE is told, and in which portions.

use catalog::Permission;
use domain::model::OrganizationSettings;
use door::{Form, FormData};
use engine::organizations::{self, IseSettings};
use engine::{Error, FieldIssue};

use super::super::frame::{Answer, Cx, Entered, Wrong, hidden_value};
use super::PATH;
use crate::parts::{Button, Card, Fact, Facts, Form as FormView, Head, Html, Place, cell};

/// The card: a form for who may change it, the values for everybody else.
pub fn card(cx: &Cx) -> Result<Html, Error> {
    let (rev, settings) = cx.org(|org| (org.organization.rev, org.organization.settings.clone()))?;
    if !cx.can(Permission::IseEdit) {
        let facts = Facts::rows([
            Fact::new(
                "Retired devices",
                if settings.ise_report_retired { "reported for 7 days" } else { "left out" },
            ),
            Fact::new("Devices to a page", settings.ise_page_size.to_string()),
            Fact::new(
                "Page for unregistered users",
                if settings.ise_redirect_url.is_empty() {
                    Html::text("our own page for new phones")
                } else {
                    cell::text(&settings.ise_redirect_url)
                },
            ),
        ]);
        return Ok(Card::new("What ISE is told", facts).into());
    }
    Ok(form(cx, &stored(rev, &settings), &Wrong::default()))
}

fn stored(rev: i64, settings: &OrganizationSettings) -> FormData {
    let mut pairs = vec![
        ("rev".to_owned(), rev.to_string()),
        ("ise_page_size".to_owned(), settings.ise_page_size.to_string()),
        ("ise_redirect_url".to_owned(), settings.ise_redirect_url.clone()),
    ];
    if settings.ise_report_retired {
        pairs.push(("ise_report_retired".to_owned(), "on".to_owned()));
    }
    FormData::new(pairs)
}

fn form(cx: &Cx, data: &FormData, wrong: &Wrong) -> Html {
    let entered = Entered { data, wrong };
    let fields = vec![
        entered
            .switch("ise_report_retired", "Report devices retired in the last 7 days")
            .help("In polls, so that ISE forgets them sooner."),
        entered.number("ise_page_size", "Devices to a page", (1, 5_000), "devices").help(
            "ISE polls in pages. Fewer devices to a page make each answer shorter, and the round longer.",
        ),
        entered
            .text("ise_redirect_url", "Page for unregistered users")
            .help("Where ISE sends them; it must begin with https://. Empty: our own page for new phones.")
            .optional(),
    ];
    let form = FormView {
        id: "ise-settings-form".into(),
        action: format!("{PATH}/settings"),
        hidden: [cx.hidden(), vec![hidden_value("rev", data.text("rev"))]].concat(),
        error: wrong.rest(&fields),
        fields,
        buttons: vec![Button::submit("Save")],
    };
    Card::new("What ISE is told", form).into()
}

pub async fn save(cx: Cx, Form(data): Form) -> Answer {
    let saved = if let Ok(page_size) = data.text("ise_page_size").parse() {
        let settings = IseSettings {
            report_retired: data.ticked("ise_report_retired"),
            page_size,
            redirect_url: data.text("ise_redirect_url").to_owned(),
        };
        let seen = data.text("rev").parse().ok();
        organizations::edit_ise_settings(&cx.engine, &cx.scope, seen, settings).await
    } else {
        let message = "Enter a whole number from 1 to 5000.".to_owned();
        Err(Error::Invalid(vec![FieldIssue { field: "ise_page_size".into(), message }]))
    };
    match saved {
        Ok(()) => cx.done(PATH, "Saved. ISE’s next call is answered accordingly."),
        Err(error) => {
            let wrong = Wrong::of(error)?;
            let head = Head::new("What ISE is told", "").under("Cisco ISE", PATH);
            cx.again(Place::CiscoIse, head, vec![form(&cx, &data, &wrong)])
        }
    }
}
