//! The self-test.

use catalog::Permission;
use door::Form;
use engine::ise::{Credentials, SelfTestRow};

use super::super::frame::{Answer, Cx, Entered, Wrong};
use super::super::words;
use super::PATH;
use crate::parts::{
    Button, ButtonKind, Card, Chip, Form as FormView, Head, Html, Note, Place, Table, Tone, cell,
};

pub fn test_card(cx: &Cx) -> Html {
    if !cx.can(Permission::IseEdit) {
        return Html::default();
    }
    let (data, wrong) = (door::FormData::default(), Wrong::default());
    let entered = Entered { data: &data, wrong: &wrong };
    let form = FormView {
        id: "self-test-form".into(),
        action: format!("{PATH}/self-test"),
        hidden: cx.hidden(),
        error: String::new(),
        fields: vec![
            entered
                .text("user", "Account to try as well")
                .help("Its own name and password; used once and not kept.")
                .optional(),
            entered.secret("password", "Its password", "off").optional(),
        ],
        buttons: vec![Button { kind: ButtonKind::Primary, ..Button::submit("Run self-test") }],
    };
    Card::new("Self-test", form).footer("A real TLS client that trusts only the exported root produces every outcome of ISE’s Test Connection.").into()
}

pub async fn self_test(cx: Cx, Form(data): Form) -> Answer {
    let user = data.text("user").to_owned();
    let own = (!user.is_empty()).then(|| Credentials { user, password: data.raw("password").to_owned() });
    let rows = cx.host.ise_self_test(&cx.scope, own).await?;
    let failed = rows.iter().filter(|r| !r.passed).count();
    let note = if failed == 0 {
        Note::new(Tone::Ok, "Everything is as ISE expects it", "Press Test Connection in ISE now.")
    } else {
        Note::new(
            Tone::Bad,
            words::count(failed, "outcome is", "outcomes are") + " not as expected",
            "Read the hint beside each.",
        )
    };
    let head = Head::new("Self-test", "What ISE’s Test Connection would have shown in each case.")
        .under("Cisco ISE", PATH);
    let body = vec![note.into(), Card::flush("", outcomes(&rows)).into(), test_card(&cx)];
    cx.page(Place::CiscoIse, head, body)
}

fn outcomes(rows: &[SelfTestRow]) -> Table {
    let mut table = Table::new("Self-test", &["Case", "Result", "What ISE would show"]).tall();
    for row in rows {
        let (chip, detail) = if row.passed {
            (Chip::new("As expected", Tone::Ok), String::new())
        } else {
            (Chip::new("Not as expected", Tone::Bad), format!("Expected: {} {}", row.expected, row.hint))
        };
        table = table.row([
            Html::text(row.name),
            chip.into(),
            cell::prose(cell::lines(row.shown.clone(), detail)),
        ]);
    }
    table
}
